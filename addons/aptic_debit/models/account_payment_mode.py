from odoo import api, models

from .res_company import METHOD


class AccountPaymentMode(models.Model):
    _inherit = "account.payment.mode"

    @api.constrains("company_id", "payment_method_id", "bank_account_link", "fixed_journal_id", "variable_journal_ids")
    def _check_aptic_debit_journal(self):
        for mode in self.filtered(lambda mode: mode.payment_method_id.code == METHOD):
            mode.company_id._aptic_refuse_segregated(mode.fixed_journal_id | mode.variable_journal_ids)
