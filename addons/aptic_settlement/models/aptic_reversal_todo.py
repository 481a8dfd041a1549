from odoo import models
from odoo.tools import format_date

from .aptic_reversal import DECIDERS

ACTIVITY = "aptic_settlement.activity_decide_reversal"


class ApticReversal(models.Model):
    """Who hears of a reversal: the second person by an activity, who asked by a message, the provider by mail."""

    _name = "aptic.reversal"
    _inherit = ["aptic.todo.mixin", "aptic.reversal"]

    _todo_field = "stage"
    _todo_states = {"asked": (ACTIVITY, DECIDERS)}

    def _todo_members(self, groups):
        """Never who asked, nor staff of another company."""
        members = super()._todo_members(groups) - self.sudo().asked_by_id
        return members.filtered(lambda user: self.sudo().company_id <= user.company_ids)

    def _decide(self, decision, answer=None):
        result = super()._decide(decision, answer)
        self._close_todos()
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
