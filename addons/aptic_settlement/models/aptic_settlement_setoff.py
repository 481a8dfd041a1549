from odoo import models


class ApticSettlement(models.Model):
    """At the approval, overdue invoices are set off where the provider has agreed to it in writing."""

    _inherit = "aptic.settlement"

    def _note_set_off(self):
        """Note what was set off: this money leaves with the fees."""
        self.ensure_one()
        offsets = self.statement_ids.set_off_ids
        if offsets:
            self.message_post(
                body=self.env._(
                    "%(count)s subscription invoices (%(amount)s) were set off by the providers' agreements: this money"
                    " is the operator's, and leaves the segregated account by the transfer of the fees.",
                    count=len(offsets),
                    amount=self.currency_id.format(sum(offsets.mapped("amount"))),
                )
            )
