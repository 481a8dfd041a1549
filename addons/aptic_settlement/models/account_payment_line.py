from odoo import fields, models


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    aptic_statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)
    aptic_end_to_end = fields.Char(string="EndToEndId", readonly=True, copy=False)

    _aptic_end_to_end_unique = models.UniqueIndex("(aptic_end_to_end) WHERE aptic_end_to_end IS NOT NULL")

    def _prepare_account_payment_vals(self):
        vals = super()._prepare_account_payment_vals()
        reference = self[:1].aptic_end_to_end
        if reference:
            vals.update(aptic_end_to_end=reference, memo=reference)
        return vals
