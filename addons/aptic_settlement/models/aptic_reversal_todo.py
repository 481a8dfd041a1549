from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .aptic_reversal import DECIDERS

ACTIVITY = "aptic_settlement.activity_decide_reversal"


class ApticReversal(models.Model):
    """Who hears of a reversal: the second person by an activity, who asked by a message, the provider by mail."""

    _inherit = "aptic.reversal"

    @api.model_create_multi
    def create(self, vals_list):
        """Ask somebody else for the decision."""
        created = super().create(vals_list)
        for reversal in created:
            reversal._open_todo()
        return created

    def _open_todo(self):
        """An activity for the accountant or manager with the fewest of them, never for who asked."""
        kind = self.env.ref(ACTIVITY)
        candidates = self.env["res.users"].sudo()
        for group in DECIDERS:
            candidates |= self.env.ref(group).sudo().all_user_ids
        candidates = candidates.filtered(
            lambda user: (
                user.active
                and not user.share
                and not user._is_superuser()
                and user != self.asked_by_id
                and self.company_id in user.company_ids
            )
        )
        busy = dict(
            self.env["mail.activity"].sudo()._read_group(
                [("user_id", "in", candidates.ids), ("activity_type_id", "=", kind.id)], ["user_id"], ["__count"]
            )
        )  # fmt: skip
        user = min(candidates, key=lambda user: (busy.get(user, 0), user.id), default=candidates.browse())
        self.sudo().with_context(mail_activity_quick_update=True, mail_create_nosubscribe=True).activity_schedule(
            ACTIVITY,
            fields.Date.context_today(self) + timedelta(days=kind.delay_count),
            summary=kind.with_context(lang=user.lang).sudo().name,
            user_id=user.id,
        )

    def _decide(self, decision, answer=None):
        result = super()._decide(decision, answer)
        self.sudo().with_context(mail_activity_quick_update=True).activity_unlink([ACTIVITY])
        asker = self.asked_by_id
        env = self.with_context(lang=asker.lang).env
        told = (
            env._("The reversal is approved: the vouchers come back, the next statement takes the amount back.")
            if decision == "approved"
            else env._("The reversal is refused: %s", answer)
        )
        self.sudo().message_post(body=told, partner_ids=asker.partner_id.ids)
        return result

    def _told(self):
        """What a line of a statement says of it: which scan, paid by which statement, which vouchers, and why."""
        self.ensure_one()
        return self.env._(
            "Scan of %(day)s, paid by statement %(number)s, vouchers %(serials)s, reversed: %(reason)s",
            day=format_date(self.env, self.redemption_id.day),
            number=self.statement_id.name,
            serials=self._serials(),
            reason=self.reason,
        )

    def _sentence(self):
        """What the next statement takes back, and why, in a sentence for the provider."""
        self.ensure_one()
        act = self.redemption_id
        return self.env._(
            "Scan of %(day)s at %(place)s, vouchers %(serials)s: %(reason)s. %(net)s less will be paid.",
            day=format_date(self.env, act.day),
            place=act.place_id.name,
            serials=self._serials(),
            reason=self.reason,
            net=self.currency_id.format(self.net),
        )

    def _tell(self):
        """Tell the provider what was reversed, why, and what its next statement takes back."""
        for reversal in self:
            provider = reversal.provider_id._in_their_language()
            env = provider.env
            act = reversal.redemption_id.with_env(env)
            money = reversal.currency_id.with_env(env).format
            provider._tell_managers(
                env._("A scan of %s was reversed", format_date(env, act.day)),
                env._(
                    "The scan of %(day)s at %(place)s (vouchers %(serials)s), paid by statement %(number)s, was"
                    " reversed: %(reason)s. Your next statement takes back %(face)s and gives back the fee on it,"
                    " %(fee)s: %(net)s less are paid. If you do not agree, answer this message.",
                    day=format_date(env, act.day),
                    place=act.place_id.name,
                    serials=reversal._serials(),
                    number=reversal.statement_id.name,
                    reason=reversal.reason,
                    face=money(reversal.face),
                    fee=money(reversal.fee),
                    net=money(reversal.net),
                ),
                ("manager", "accountant"),
            )
