from odoo import models


class ApticStatement(models.Model):
    _inherit = "aptic.statement"

    def _invoices_to_set_off(self, day):
        """Overdue subscription invoices, the oldest first, of providers who have agreed, where the operator wants it.

        Reminders ask for the same invoices (``_overdue_domain``): no draft, none that is disputed, not due or paid. A
        suspended provider's are among them: its scans of before are paid, and what it owes is what suspends it.
        """
        allowed = super()._invoices_to_set_off(day)
        ours = self.filtered("company_id.aptic_setoff_subscriptions")
        agreements = self.env["aptic.setoff.agreement"]._in_force(ours.provider_id, ours.company_id) if ours else {}
        if not agreements:
            return allowed
        invoices = self.env["account.move"].sudo().search(
            [
                *self.env["aptic.subscription"]._overdue_domain(day),
                ("company_id", "in", ours.company_id.ids),
                ("aptic_subscription_id.provider_id", "in", [provider.id for provider, _company in agreements]),
            ],
            order="invoice_date_due, id",
        )  # fmt: skip
        of_whom = invoices.grouped(lambda invoice: (invoice.aptic_subscription_id.provider_id, invoice.company_id))
        for statement in ours:
            whose = (statement.provider_id, statement.company_id)
            if agreement := agreements.get(whose):
                vals = {"agreement_id": agreement.id, "agreed_on": agreement._day()}
                allowed += [(statement, invoice, vals) for invoice in of_whom.get(whose, ())]
        return allowed
