from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    aptic_statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)
    aptic_end_to_end = fields.Char(string="EndToEndId", readonly=True, copy=False)

    _aptic_end_to_end_unique = models.UniqueIndex("(aptic_end_to_end) WHERE aptic_end_to_end IS NOT NULL")

    _aptic_end_to_end_form = models.Constraint(
        r"""CHECK(aptic_end_to_end IS NULL OR (
            char_length(aptic_end_to_end) <= 35
            AND aptic_end_to_end ~ '^[A-Za-z0-9?:().,''+ -]+(/[A-Za-z0-9?:().,''+ -]+)*$'))""",
        "An EndToEndId has 35 characters of SEPA at most and no slash at its ends nor two in a row.",
    )

    _aptic_marks = ("aptic_end_to_end", "aptic_grant_id", "aptic_statement_id")
    _aptic_fixed = frozenset(
        {
            "amount_currency", "aptic_end_to_end", "aptic_grant_id", "aptic_statement_id", "communication",
            "currency_id", "move_line_id", "order_id", "partner_bank_id", "partner_id",
        }
    )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        """What is owed to providers goes into orders by its own buttons only, and nothing joins one with a file."""
        for vals in vals_list:
            order = self.env["account.payment.order"].browse(vals.get("order_id")).sudo()
            if order.aptic_file_hash or (not self.env.su and any(map(vals.get, self._aptic_marks))):
                raise UserError(self.env._("Counter-payments are put into orders by their settlement only."))
        return super().create(vals_list)

    def write(self, vals):
        """A counter-payment stays as it was put into its order; what is wrong in it is cancelled with the order."""
        if self._aptic_fixed & vals.keys() and self.sudo().filtered("aptic_end_to_end"):
            raise UserError(self.env._("A counter-payment is not changed: cancel its order and make another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counter_payment(self):
        if self.sudo().filtered("aptic_end_to_end"):
            raise UserError(self.env._("A counter-payment is not deleted: cancel its order and make another one."))

    def _prepare_account_payment_vals(self):
        vals = super()._prepare_account_payment_vals()
        reference = self[:1].aptic_end_to_end
        if reference:
            vals.update(aptic_end_to_end=reference, memo=reference)
        return vals
