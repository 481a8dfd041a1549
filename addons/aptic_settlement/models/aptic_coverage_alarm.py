from markupsafe import Markup
from odoo import models
from odoo.tools import format_date

ALARM = "aptic_settlement.mail_activity_coverage"


class ApticCoverage(models.Model):
    """Who hears of a gap and of missing money: the accountants, once, until it is explained or paid in."""

    _inherit = "aptic.coverage"

    def _alarm(self):
        """Tell the accountants of a gap or of missing money, once; take the alarm back when the day is covered.

        Missing money is told of the last day only: paid in later, it was still missing on the days before.
        """
        self.ensure_one()
        others = [("company_id", "=", self.company_id.id), ("id", "!=", self.id)]
        is_last = not self.search_count([*others, ("day", ">", self.day)], limit=1)
        if is_last:
            told = self.search([*others, ("state", "=", "short"), ("activity_ids", "!=", False)])
            told._end_alarm(self.env._("A later day has its own proof."))
        if self.state == "gap":
            self._sound(
                self.env._(
                    "Coverage of %(day)s: differences of %(gap)s",
                    day=format_date(self.env, self.day),
                    gap=self._money(self.gap_cents),
                )
            )
        elif self.state == "short" and is_last:
            news = self._sound(
                self.env._(
                    "Coverage of %(day)s: %(missing)s are missing on the segregated account",
                    day=format_date(self.env, self.day),
                    missing=self._money(self.lacking_cents),
                )
            )
            if news:
                self.message_post(body=self._missing_told())
        else:
            self._end_alarm(self.env._("The difference is explained."))

    def _sound(self, summary):
        """Schedule the activities, or have those that are open say what is true now.

        :return: whether it is news
        """
        open_ones = self.activity_search([ALARM])
        if open_ones:
            outdated = open_ones.filtered(lambda activity: activity.summary != summary)
            outdated.summary = summary
            return bool(outdated)
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids
        for user in accountants.filtered(lambda user: user.active and not user.share):
            self.activity_schedule(ALARM, summary=summary, user_id=user.id)
        return True

    def _end_alarm(self, feedback):
        for proof in self:
            proof.activity_feedback([ALARM], feedback=feedback)

    def _money(self, cents):
        return self.currency_id.format(cents / 100)

    def _missing_told(self):
        """What providers have to give back, what stands in for it, what is missing and what to do: line by line."""
        self.ensure_one()
        lines = (
            self.env._(
                "Providers have to give back %s for scans that were reversed: a claim is no money.",
                self._money(self.claims_cents),
            ),
            self.env._("The operator's own fees on the account: %s.", self._money(self.fees_cents)),
            self.env._("%s are missing on the segregated account.", self._money(self.lacking_cents)),
            self.env._(
                "Pay the missing amount in from the operator's own account and book the bank's line on the account of"
                " fees to transfer out, or leave the next fees there, until the providers have given it back."
            ),
        )
        return Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in lines)
