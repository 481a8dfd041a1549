from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    aptic_end_to_end = fields.Char(
        string="EndToEndId",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="Reference of a counter-payment in the bank's files: unique and stable.",
    )

    def _aptic_statements(self):
        """The statements that these payments pay."""
        return self.filtered("aptic_end_to_end").payment_line_ids.aptic_statement_id

    def _aptic_items(self):
        """The items of these payments on the account due to providers."""
        return self.move_id.line_ids.filtered(lambda item: item.account_type == "liability_payable")

    def _aptic_in_bank(self):
        """Whether the bank has booked this payment: nothing of it is in transit any more."""
        self.ensure_one()
        transit, _counterpart, _writeoff = self._seek_for_lines()
        return bool(transit) and all(item.reconciled for item in transit)

    def _aptic_end_to_end(self):
        """The end-to-end reference that the payment's file carries and the bank's statement gives back."""
        self.ensure_one()
        return self.aptic_end_to_end or str(self.id)
