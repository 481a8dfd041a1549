import logging
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

from .. import webhooks

_logger = logging.getLogger(__name__)

EVENTS = ("order.funded", "order.activated", "order.expiring", "order.expired", "order.closed")
TEST = "test"
MOST = 10


class ApticWebhook(models.Model):
    """An address of a sponsor that is told what happens to its orders."""

    _name = "aptic.webhook"
    _description = "Webhook"
    _order = "id desc"
    _rec_name = "url"

    sponsor_id = fields.Many2one("aptic.sponsor", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Made by", required=True, readonly=True, ondelete="restrict")
    url = fields.Char(string="Address", required=True, readonly=True)
    events = fields.Char(required=True, readonly=True, help="What it is told, e.g. order.funded order.activated.")
    active = fields.Boolean(default=True, readonly=True)
    stopped_at = fields.Datetime(string="Stopped", readonly=True, help="Since when nothing is sent any more.")
    stop_reason = fields.Char(readonly=True)
    salt = fields.Char(required=True, readonly=True, groups=NO_ACCESS)
    key_version = fields.Integer(required=True, readonly=True, aggregator=None)
    delivery_ids = fields.One2many("aptic.webhook.delivery", "webhook_id")

    # ------------------------------------------------------------------- make
    @api.model
    def _event_labels(self):
        """What each event is called on the portal."""
        return {
            "order.funded": self.env._("An order is fully funded"),
            "order.activated": self.env._("The vouchers of an order are activated"),
            "order.expiring": self.env._("The vouchers of an order expire in 30, 15 or 7 days"),
            "order.expired": self.env._("The vouchers of an order have expired"),
            "order.closed": self.env._("An order is closed"),
        }

    @api.model
    def _make(self, sponsor, url, events):
        """Add an address; the caller has checked that the user manages the sponsor.

        :param sponsor: ``aptic.sponsor``
        :param str url: as typed
        :param events: some of ``EVENTS``
        :return: ``(webhook, secret)`` (sudo)
        :raise UserError: says what is wrong
        """
        url, events = (url or "").strip(), [event for event in EVENTS if event in events]
        self._check_address(url)
        if not events:
            raise UserError(self.env._("Choose what you want to be told."))
        sponsor = sponsor.sudo()
        sponsor.lock_for_update()
        hooks = self.sudo()
        if hooks.search_count([("sponsor_id", "=", sponsor.id)]) >= MOST:
            raise UserError(self.env._("There are %s addresses already: remove one first.", MOST))
        hook = hooks.create(
            {
                "sponsor_id": sponsor.id,
                "user_id": self.env.uid,
                "url": url,
                "events": " ".join(events),
                "salt": secrets.token_hex(16),
                "key_version": self.env["aptic.booklet"]._keyring().current,
            }
        )
        sponsor._message_log(body=self.env._("%(user)s added the webhook %(url)s.", user=self.env.user.name, url=url))
        return hook, hook._secret()

    @api.model
    def _check_address(self, url):
        try:
            webhooks.resolve(webhooks.parse(url))
        except webhooks.AddressError as error:
            sentences = {
                "form": self.env._("Write one complete address, such as https://tools.example.org/aptic."),
                "https": self.env._("The address must begin with https://."),
                "port": self.env._("The address must be on the usual port (443) or on 8443."),
                "unknown": self.env._("This server is not known: check its name."),
                "private": self.env._("This address is inside a private network: give one that the Internet reaches."),
            }
            raise UserError(sentences[error.kind]) from None

    def _secret(self):
        """The secret that signs this webhook's messages; computed, never stored.

        :raise UserError: when the configuration file no longer has the key
        """
        self.ensure_one()
        key = self.env["aptic.booklet"]._key(self.key_version)
        return webhooks.secret_of(key, bytes.fromhex(self.sudo().salt))

    # ------------------------------------------------------------------- stop
    def _remove(self):
        """Send nothing more; what was sent stays in the list of the staff."""
        for hook in self.sudo().filtered("active"):
            hook.write({"active": False, "stopped_at": fields.Datetime.now()})
            hook._give_up()
            hook.sponsor_id._message_log(
                body=self.env._("%(user)s removed the webhook %(url)s.", user=self.env.user.name, url=hook.url)
            )

    def _resume(self):
        """Send again after a stop; what was given up meanwhile is not sent."""
        self.sudo().write({"stopped_at": False, "stop_reason": False})

    def _stop(self, reason):
        """Stop after too many failures, and mail it to the sponsor's managers.

        :param str reason: the last error
        """
        self.ensure_one()
        hook = self.sudo()
        hook.write({"stopped_at": fields.Datetime.now(), "stop_reason": reason})
        hook._give_up()
        sponsor = hook.sponsor_id.with_context(lang=hook.sponsor_id.lang or self.env.lang)
        members = sponsor.member_ids.filtered(lambda member: member.active and member.role == "manager")
        env = sponsor.env
        sponsor.message_post(
            subject=env._("Your webhook has stopped"),
            body=env._(
                "For two days no message has reached %(url)s (%(reason)s). Nothing more is sent there until you start "
                "it again, in your space, under “Messages to your tools”.",
                url=hook.url, reason=reason,
            ),
            partner_ids=members.user_id.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )  # fmt: skip
        _logger.info("%s %s: stopped", self._name, self.id)

    def _give_up(self):
        """What is still to be sent stays unsent."""
        waiting = self.env["aptic.webhook.delivery"].search([("webhook_id", "in", self.ids), ("state", "=", "waiting")])
        waiting.write({"state": "failed", "next_try_at": False})

    # ------------------------------------------------------------------- tell
    @api.model
    def _tell(self, event, orders, occasions=None):
        """Have the webhooks of the orders' sponsors told of an event, once each, after this transaction.

        :param str event: one of ``EVENTS``
        :param orders: ``aptic.order``
        :param dict occasions: by order, what tells apart events of one kind of that order (days before which end)
        """
        hooks = self.sudo().search([("sponsor_id", "in", orders.sponsor_id.ids), ("stopped_at", "=", False)])
        rows = []
        for order in orders.sudo():
            for hook in hooks.filtered(lambda hook, order=order: hook.sponsor_id == order.sponsor_id):
                if event in hook.events.split():
                    rows.append(hook._prepare_delivery(event, order, (occasions or {}).get(order)))
        self.env["aptic.webhook.delivery"].sudo()._queue(rows)

    def _tell_test(self):
        """Send a message that says nothing, for whoever sets up the receiver."""
        self.ensure_one()
        messages = self.env["aptic.webhook.delivery"].sudo()
        same = [("webhook_id", "=", self.id), ("event", "=", TEST), ("state", "=", "waiting")]
        if self.stopped_at or messages.search_count(same, limit=1):  # others' messages wait in the same channel
            return messages
        row = self._prepare_delivery(TEST, self.env["aptic.order"], secrets.token_hex(8))
        return messages._queue([row])

    def _prepare_delivery(self, event, order, occasion):
        self.ensure_one()
        return {"webhook_id": self.id, "event": event, "order_id": order.id, "occasion": occasion or "-"}
