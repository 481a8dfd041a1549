from datetime import timedelta

from odoo import api, models
from odoo.tools import format_date

from .account_move import UNPAID


class ApticSubscription(models.Model):
    """Invoices that are not paid: reminders, then no scan until they are."""

    _inherit = "aptic.subscription"

    @api.model
    def _overdue_domain(self, day):
        """Invoices of subscriptions that were due before ``day``: posted, and still to be paid.

        So a draft, a cancelled one, a disputed one (« blocked ») or one that a credit note settles is never among them.
        """
        return [
            ("aptic_subscription_id", "!=", False),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("payment_state", "in", UNPAID),
            ("amount_residual", ">", 0),
            ("invoice_date_due", "<", day),
        ]

    @api.model
    def _overdue_by_provider(self, day):
        moves = self.env["account.move"].search(self._overdue_domain(day), order="invoice_date_due, id")
        return moves.grouped(lambda move: move.aptic_subscription_id.provider_id)

    @api.model
    def _cron_unpaid(self):
        """Remind, suspend, and lift the suspensions of who has paid; one provider after the other."""
        today = self._today()
        late = self._overdue_by_provider(today)
        measures = self.env["aptic.measure"].search(
            [("kind", "=", "suspension"), ("cause", "=", "unpaid"), ("ended_at", "=", False)]
        )
        providers = measures.provider_id | self.env["aptic.provider"].union(*late)
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(providers))
        for provider in providers:
            if provider.try_lock_for_update():
                self._follow_unpaid(provider, late.get(provider, self.env["account.move"]), today)
            if not cron._commit_progress(1):
                break

    @api.model
    def _follow_unpaid(self, provider, moves, today):
        """Do what the lateness of a provider's invoices asks for.

        :param provider: ``aptic.provider`` record
        :param moves: its overdue invoices
        :param date today: the day in France
        """
        company = self.env.company
        grace = timedelta(days=company.aptic_unpaid_grace_days)
        hopeless = moves.filtered(lambda move: today - move.invoice_date_due >= grace)
        suspended = "unpaid" in provider._open_measures().mapped("cause")
        theirs = provider._in_their_language()
        if suspended and not hopeless:
            provider._lift("unpaid", theirs.env._("Paid."))
        elif hopeless and not suspended and provider.state in ("active", "suspended"):
            reason = theirs.env._(
                "These invoices are unpaid for %(days)s days or more: %(invoices)s. As soon as your payment has"
                " arrived, scanning is open again by itself.",
                days=company.aptic_unpaid_grace_days,
                invoices=", ".join(hopeless.mapped("name")),
            )
            provider._suspend("unpaid", reason)
            moves._aptic_remind(
                theirs, theirs.env._("Your organisation can no longer scan vouchers"), reason, ("accountant",)
            )
            moves.aptic_reminded_days = company.aptic_unpaid_grace_days
        else:
            self._remind_unpaid(theirs, moves, today)

    @api.model
    def _remind_unpaid(self, provider, moves, today):
        days = self.env.company._aptic_reminder_days()
        due = self.env["account.move"]
        for move in moves:
            late = (today - move.invoice_date_due).days
            reached = max((day for day in days if day <= late), default=0)
            if reached > move.aptic_reminded_days:
                move.aptic_reminded_days = reached
                due |= move
        if due:
            last_day = min(moves.mapped("invoice_date_due")) + timedelta(days=self.env.company.aptic_unpaid_grace_days)
            moves._aptic_remind(
                provider,
                provider.env._("Reminder: #APTIC subscription to pay"),
                provider.env._(
                    "We have not received the payment of the invoices below. Without it, your organisation can no"
                    " longer scan vouchers from %(day)s. If you have paid in the last days, do not mind this message;"
                    " if you disagree with an invoice, answer it.",
                    day=format_date(provider.env, last_day),
                ),
            )
