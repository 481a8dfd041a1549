from odoo import models


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    def _return_account(self):
        """The value of expired vouchers waits in *to be returned*, where the daily entries book it."""
        self.company_id._aptic_check_circuit()
        return self.company_id.aptic_to_return_account_id
