from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _aptic_end_to_end(self):
        """The end-to-end reference that the payment's file carries and the bank's statement gives back."""
        self.ensure_one()
        return str(self.id)
