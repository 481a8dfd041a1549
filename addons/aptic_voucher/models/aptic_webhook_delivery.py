import json
import logging
import secrets
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.api import moment
from odoo.exceptions import UserError

from .. import webhooks

_logger = logging.getLogger(__name__)

KEPT_DAYS = 90
CHANNEL = "root.aptic_webhooks"


class ApticWebhookDelivery(models.Model):
    """One message to a webhook: what it says, and what came of each try. No personal data is in it."""

    _name = "aptic.webhook.delivery"
    _description = "Message to a webhook"
    _order = "id desc"
    _rec_name = "uid"

    webhook_id = fields.Many2one("aptic.webhook", required=True, index=True, readonly=True, ondelete="cascade")
    sponsor_id = fields.Many2one(related="webhook_id.sponsor_id")
    uid = fields.Char(string="Message id", required=True, readonly=True)
    event = fields.Char(required=True, readonly=True)
    order_id = fields.Many2one("aptic.order", readonly=True, index="btree_not_null", ondelete="cascade")
    occasion = fields.Char(required=True, readonly=True)
    body = fields.Text(readonly=True, help="Written when the message leaves first; every later try sends the same.")
    state = fields.Selection(
        [("waiting", "To be sent"), ("done", "Received"), ("failed", "Given up")],
        required=True,
        default="waiting",
        readonly=True,
    )
    tries = fields.Integer(readonly=True)
    tried_at = fields.Datetime(string="Last try", readonly=True)
    next_try_at = fields.Datetime(string="Next try", readonly=True)
    last_status = fields.Integer(string="HTTP status", readonly=True, aggregator=None)
    last_error = fields.Char(readonly=True)

    _uid_unique = models.Constraint("UNIQUE(uid)", "This message exists already.")
    _once = models.UniqueIndex("(webhook_id, event, order_id, occasion)", "This was told already.")

    @api.model
    def _queue(self, rows):
        """Keep messages and have them sent once this transaction is committed; those that were told already are not.

        :param rows: dicts with ``webhook_id, event, order_id, occasion``
        :return: the new messages
        """
        same = [(name, "in", list({row[name] for row in rows})) for name in ("webhook_id", "event", "order_id")]
        told = {(one.webhook_id.id, one.event, one.order_id.id, one.occasion) for one in self.search(same)}
        keys = [(row["webhook_id"], row["event"], row["order_id"], row["occasion"]) for row in rows]
        new = [self._prepare_message(row) for row, key in zip(rows, keys, strict=True) if key not in told]
        messages = self.create(new)
        for message in messages:
            message._send_later(0)
        return messages

    @api.model
    def _prepare_message(self, row):
        return {**row, "uid": f"msg_{secrets.token_hex(16)}", "next_try_at": fields.Datetime.now()}

    def _prepare_body(self):
        """What the message says: the event and when it was, the order as it is once its transaction is committed."""
        content = {
            "type": self.event,
            "timestamp": moment(self.create_date),
            "data": self.order_id._webhook_data() if self.order_id else {},
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def _send_later(self, minutes):
        self.ensure_one()
        self.with_delay(
            eta=minutes * 60 or None,
            channel=CHANNEL,
            max_retries=1,
            description=f"webhook {self.webhook_id.id}: {self.event}",
            identity_key=f"aptic-webhook-{self.id}-{self.tries}",
        )._send()

    @api.model
    def _cron_send_late(self, limit=200):
        """Send what should have left an hour ago: its job was lost, with its queue or by a failure of ours."""
        before = fields.Datetime.now() - timedelta(hours=1)
        late = self.search([("state", "=", "waiting"), ("next_try_at", "<", before)], limit=limit)
        for message in late:
            message._send_later(0)  # not twice: a job that is there already has the same identity

    # ------------------------------------------------------------------- send
    def _send(self):
        """Try once; when that fails, note why and try again later, or give up and stop the webhook."""
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset()
        hook = self.webhook_id
        if self.state != "waiting" or hook.stopped_at or not hook.active:
            return
        if not self.body:
            self.body = self._prepare_body()
        status, error = self._try()
        values = {"tries": self.tries + 1, "tried_at": fields.Datetime.now(), "last_status": status}
        if 200 <= status < 300:
            self.write({**values, "state": "done", "next_try_at": False, "last_error": False})
            return
        error = error or self.env._("The server answered %s.", status)
        minutes = webhooks.pause(values["tries"])
        if status == 410:  # the receiver is gone for good, as Standard Webhooks has it
            minutes = None
        if minutes is None:
            self.write({**values, "state": "failed", "next_try_at": False, "last_error": error})
            hook._stop(error)
            return
        later = values["tried_at"] + timedelta(minutes=minutes)
        self.write({**values, "next_try_at": later, "last_error": error})
        self._send_later(minutes)

    def _try(self):
        """Send the message; return ``(HTTP status or 0, error)``."""
        hook, body = self.webhook_id, self.body.encode()
        try:
            target = webhooks.resolve(webhooks.parse(hook.url))
            secret = hook._secret()
        except webhooks.AddressError as error:
            return 0, self.env._("The address is not accepted (%s).", error.kind)
        except UserError:
            _logger.warning("%s %s: its key is no longer in the configuration", hook._name, hook.id)
            return 0, self.env._("The signing key is no longer there: remove this address and add it again.")
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "aptic-webhooks/1",
            "webhook-id": self.uid,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": webhooks.sign(secret, self.uid, timestamp, body),
        }
        return webhooks.post(target, headers, body)

    @api.autovacuum
    def _forget_old(self):
        """Messages that are over are kept for three months."""
        before = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.sudo().search([("state", "!=", "waiting"), ("create_date", "<", before)], limit=10_000).unlink()
