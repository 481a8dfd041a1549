from odoo import api, fields, models
from odoo.exceptions import UserError

UNDER_WAY = ("draft", "open", "generated")  # of an order that is still to be executed


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    aptic_statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)
    aptic_end_to_end = fields.Char(string="EndToEndId", readonly=True, copy=False)
    move_line_id = fields.Many2one(index="btree_not_null")

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

    @api.constrains("order_id", "move_line_id", "partner_id", "partner_bank_id", "amount_currency", "aptic_end_to_end")
    def _check_aptic_unmarked(self):
        self._aptic_refuse_unmarked()

    def _aptic_refuse_unmarked(self):
        """Refuse lines past the guards of counter-payments: on what is owed to providers, or on the segregated account.

        :raise UserError: whoever asks; what the settlement and the funds make themselves has an EndToEndId
        """
        for line in self.sudo().filtered(lambda line: not line.aptic_end_to_end):
            item, order = line.move_line_id, line.order_id
            if item and item.account_id == item.company_id.aptic_payable_account_id:
                raise UserError(
                    self.env._(
                        "%(item)s is owed to %(partner)s: what is owed to providers is paid by the button of its"
                        " settlement or of its grant, and by no other payment order.",
                        item=item.move_id.ref or item.move_id.name,
                        partner=item.partner_id.name,
                    )
                )
            segregated = order.company_id.aptic_bank_journal_id
            ours = segregated and order.payment_type == "outbound" and order.journal_id == segregated
            if ours and not line._aptic_refunds():
                raise UserError(
                    self.env._(
                        "The segregated account (%s) pays providers and gives sponsors back what a credit note of face"
                        " value says, nothing else: choose a payment mode of the operator's own account.",
                        segregated.name,
                    )
                )

    def _aptic_refunds(self):
        """Whether this gives a sponsor back what a credit note of face value still owes it, or a part.

        To an account of its own, and no more than is open with all lines that are still to be executed.
        """
        item, account = self.move_line_id, self.partner_bank_id
        lines = self | item.payment_line_ids.filtered(lambda line: line.state in UNDER_WAY)
        total = sum(lines.mapped("amount_currency"))
        return (
            item.move_id.move_type == "out_refund"
            and item.journal_id == item.company_id.aptic_face_journal_id
            and item.account_type == "asset_receivable"
            and item.partner_id == self.partner_id
            and (not account or account.partner_id.commercial_partner_id == item.partner_id.commercial_partner_id)
            and self.currency_id.compare_amounts(total, -item.amount_residual) <= 0
        )

    def _prepare_account_payment_vals(self):
        vals = super()._prepare_account_payment_vals()
        reference = self[:1].aptic_end_to_end
        if reference:
            vals.update(aptic_end_to_end=reference, memo=reference)
        return vals
