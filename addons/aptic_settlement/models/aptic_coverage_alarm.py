from markupsafe import Markup
from odoo import models
from odoo.tools import SQL, format_date

ALARM = "aptic_settlement.mail_activity_coverage"


class ApticCoverage(models.Model):
    """Who hears of a gap and of missing money: the accountants, once, until it is explained or paid in."""

    _inherit = "aptic.coverage"

    def _alarm(self):
        """Tell the accountants of a gap or of missing money, once; take the alarm back when the day is covered.

        Missing money is told of the last day only: paid in later, it was still missing on the days before. So is money
        that was paid out twice or is on its way back, where the operator's fees stand in for it.
        """
        self.ensure_one()
        others = [("company_id", "=", self.company_id.id), ("id", "!=", self.id)]
        is_last = not self.search_count([*others, ("day", ">", self.day)], limit=1)
        if is_last:
            told = self.search([*others, ("state", "in", ("short", "ok")), ("activity_ids", "!=", False)])
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
        elif is_last and self._overpaid_cents():
            self._sound(
                self.env._(
                    "Coverage of %(day)s: %(overpaid)s were paid out twice, or are on their way back",
                    day=format_date(self.env, self.day),
                    overpaid=self._money(self._overpaid_cents()),
                )
            )
        else:
            self._end_alarm(self.env._("The difference is explained."))

    def _note_change(self, gap_cents, lacking_cents):
        """Keep what the proof said before of differences and missing money; a tracked integer ends at 21 M€."""
        if (gap_cents, lacking_cents) != (self.gap_cents, self.lacking_cents):
            self._message_log(
                body=self.env._(
                    "Looked at again. Differences: %(gap_before)s, now %(gap)s. Missing: %(missing_before)s, now"
                    " %(missing)s.",
                    gap_before=self._money(gap_cents),
                    gap=self._money(self.gap_cents),
                    missing_before=self._money(lacking_cents),
                    missing=self._money(self.lacking_cents),
                )
            )

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
        """Why money is missing, what stands in for it, and what to do: line by line."""
        self.ensure_one()
        lines = []
        overpaid = self._overpaid_cents()
        if self.claims_cents > overpaid:
            lines.append(
                self.env._(
                    "Providers have to give back %s for scans that were reversed: a claim is no money.",
                    self._money(self.claims_cents - overpaid),
                )
            )
        if overpaid:
            lines.append(
                self.env._(
                    "The bank paid out %s more than what was owed, or has not credited yet what came back: look at the"
                    " open items of payments in transit and due to providers, and ask the bank or the provider for it.",
                    self._money(overpaid),
                )
            )
        lines += self._fees_told()
        lines.append(self.env._("%s are missing on the segregated account.", self._money(self.lacking_cents)))
        if self.claims_cents:
            lines.append(
                self.env._(
                    "Pay the missing amount in from the operator's own account and book the bank's line on the account"
                    " of fees to transfer out, or leave the next fees there, until the providers have given it back."
                )
            )
        else:
            lines.append(
                self.env._(
                    "Pay the missing amount in from the operator's own account and book the bank's line on the account"
                    " of fees to transfer out."
                )
            )
        return Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in lines)

    def _fees_told(self):
        """What is left of the operator's fees, or why there is less than nothing."""
        if self.fees_cents >= 0:
            return [self.env._("The operator's own fees on the account: %s.", self._money(self.fees_cents))]
        shares = min(-self.fees_cents, self._sponsored_shares())
        lines = []
        if shares:
            lines.append(
                self.env._(
                    "Sponsors pay the fees of some scans to the operator's ordinary bank: the operator has not paid the"
                    " territorial funds' share of them in yet, %s.",
                    self._money(shares),
                )
            )
        if shares < -self.fees_cents:
            lines.append(
                self.env._(
                    "The operator has taken %s more out of the account than its fees.",
                    self._money(-self.fees_cents - shares),
                )
            )
        return lines

    def _sponsored_shares(self):
        """What the funds have of scans whose fees sponsors pay, less what was reversed, in cents."""
        [[cents]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(share.fund_cents), 0)::bigint
                  FROM aptic_fee_share AS share
                  JOIN aptic_statement_fee AS fee ON fee.id = share.fee_id
                  JOIN aptic_statement AS statement ON statement.id = fee.statement_id
                 WHERE fee.sponsor_id IS NOT NULL
                   AND statement.company_id = %s
                   AND statement.state <> 'draft'
                   AND NOT EXISTS (SELECT FROM aptic_reversal AS reversal
                                     JOIN aptic_statement AS taken ON taken.id = reversal.correction_statement_id
                                    WHERE reversal.redemption_id = share.redemption_id AND taken.state <> 'draft')
                """,
                self.company_id.id,
            )
        )
        return cents
