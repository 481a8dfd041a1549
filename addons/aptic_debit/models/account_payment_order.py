from odoo import api, models

from .res_company import METHOD


class AccountPaymentOrder(models.Model):
    """Debit orders: never to the segregated account, and made of what is right at the moment of the file."""

    _inherit = "account.payment.order"

    @api.constrains("journal_id", "payment_mode_id")
    def _check_aptic_debit_journal(self):
        for order in self.filtered(lambda order: order.payment_method_id.code == METHOD):
            order.company_id._aptic_refuse_segregated(order.journal_id)

    def open2generated(self):
        """Look again at what was confirmed: a mandate may have ended since, an invoice may be paid."""
        lines = self.filtered(lambda order: order.payment_method_id.code == METHOD).payment_line_ids
        lines._check_sepa_direct_debit_ready()
        return super().open2generated()
