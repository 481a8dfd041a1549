import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.immutable import protect
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import reminders

_logger = logging.getLogger(__name__)

BATCH = 200


class ApticCharterReminder(models.Model):
    """Proof that a provider was told to sign a new version of the charter; never changed."""

    _name = "aptic.charter.reminder"
    _description = "Reminder to sign the charter"
    _inherit = ["aptic.guarded.mixin"]
    _order = "id desc"
    _log_access = False

    charter_id = fields.Many2one("aptic.charter", required=True, index=True, ondelete="restrict")
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    stage = fields.Selection(
        [
            ("asked", "When it was put in force"),
            ("month", "30 days before"),
            ("week", "7 days before"),
            ("day", "The day before"),
        ],
        string="Message",
        required=True,
    )
    sent_at = fields.Datetime(string="Sent on", required=True)

    _guarded_fields = frozenset({"charter_id", "provider_id", "stage", "sent_at"})

    _once = models.Constraint("UNIQUE(charter_id, provider_id, stage)", "This reminder was sent already.")

    def init(self):
        """Have PostgreSQL refuse any change of a row."""
        protect(self.env.cr, self._table)

    @api.ondelete(at_uninstall=False)
    def _refuse_unlink(self):
        raise UserError(self.env._("A reminder cannot be deleted."))

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_remind(self):
        """Tell members to sign the new version of the charter, and suspend those who have not when its day is past.

        One transaction a provider; what was told is not told again, and days on which the cron slept are not made up.
        """
        charters = self.env["aptic.charter"]
        charter = charters._asked()
        if not charter:
            return
        days_left = (charter.sign_again_by - fields.Date.context_today(self)).days
        self._each(self._to_tell(charter, days_left), "_tell", charter, reminders.due(days_left))
        if days_left < 0:
            self._each(self._to_suspend(charter), "_suspend", charter)

    def _each(self, providers, verb, *arguments):
        cron = self.env["ir.cron"]
        todo = providers[:BATCH]
        cron._commit_progress(remaining=len(providers))
        for provider in todo:
            locked = provider.try_lock_for_update()
            if locked:
                getattr(self, verb)(locked, *arguments)
            if not cron._commit_progress(1):
                break

    @api.model
    def _to_tell(self, charter, days_left):
        told = [("charter_id", "=", charter.id), ("stage", "in", reminders.from_stage(reminders.due(days_left)))]
        domain = [*charter._unsigned_domain(), ("charter_reminder_ids", "not any", told)]
        return self.env["aptic.provider"].sudo().search(domain, order="id")

    @api.model
    def _to_suspend(self, charter):
        """Active members who have not signed and were told long enough ago."""
        before = fields.Datetime.now() - timedelta(days=reminders.NOTICE_DAYS)
        told = [("charter_id", "=", charter.id), ("sent_at", "<=", before)]
        domain = [*charter._unsigned_domain(), ("state", "=", "active"), ("charter_reminder_ids", "any", told)]
        return self.env["aptic.provider"].sudo().search(domain, order="id")

    @api.model
    def _tell(self, provider, charter, stage):
        """Write to the managers of a provider and keep the proof."""
        self.sudo()._guarded_create(
            [
                {
                    "charter_id": charter.id,
                    "provider_id": provider.id,
                    "stage": stage,
                    "sent_at": fields.Datetime.now(),
                }
            ]
        )
        env = provider._in_their_language().env
        last_day = format_date(env, charter.sign_again_by)
        if charter.sign_again_by < fields.Date.context_today(self):
            body = env._(
                "A new version of the #APTIC charter was to be signed by %(day)s. Read and sign it in your dossier: "
                "without a signature you can soon take no more vouchers.",
                day=last_day,
            )
        else:
            body = env._(
                "A new version of the #APTIC charter is in force. Read and sign it in your dossier by %(day)s: after "
                "that day, without a signature, you could take no more vouchers. The one you have signed is kept.",
                day=last_day,
            )
        provider._tell_managers(env._("New version of the #APTIC charter, to sign by %s", last_day), body)

    @api.model
    def _suspend(self, provider, charter):
        env = provider._in_their_language().env
        provider._suspend(
            "charter",
            env._(
                "Version %(version)s of the #APTIC charter was to be signed by %(day)s. Sign it in your dossier: you "
                "may take vouchers again at once.",
                version=charter.version,
                day=format_date(env, charter.sign_again_by),
            ),
        )
        _logger.info("aptic.provider %s: suspended, charter %s not signed", provider.id, charter.version)
