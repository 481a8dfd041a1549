from odoo import models

from .res_company import METHOD

LONGEST = 9  # digits of an id


class PaymentReturnLine(models.Model):
    _inherit = "payment.return.line"

    def _find_match(self):
        """A debit is found by its EndToEndId, which is the number of its payment, and by its amount."""
        for line in self.filtered(lambda line: line.reference and not line.move_line_ids):
            if not (line.reference.isascii() and line.reference.isdecimal() and len(line.reference) <= LONGEST):
                continue
            payment = self.env["account.payment"].search(
                [
                    ("id", "=", int(line.reference)),
                    ("journal_id", "=", line.return_id.journal_id.id),
                    ("payment_order_id.payment_method_id.code", "=", METHOD),
                    ("payment_order_id.state", "=", "uploaded"),
                ]
            )
            if payment and not payment.currency_id.compare_amounts(payment.amount, line.amount):
                items = payment.move_id.line_ids
                line.move_line_ids = items.filtered(lambda item: item.account_type == "asset_receivable")
                line.partner_id = payment.partner_id
        return super()._find_match()
