from odoo import api, models
from odoo.exceptions import UserError

from .account_payment_line import UNDER_WAY


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Statements follow what the bank has booked.

        :raise UserError: a line of the bank against a claim that a payment order is about to pay
        """
        partials = super().create(vals_list)
        partials._aptic_refuse_under_way()
        partials._aptic_paid_statements()._update_paid()
        return partials

    def unlink(self):
        """Statements follow what the bank has booked."""
        statements = self._aptic_paid_statements()
        result = super().unlink()
        statements._update_paid()
        return result

    def _aptic_refuse_under_way(self):
        """What an order still to be executed pays is not paid by hand too: its payment would find nothing open."""
        items = self.sudo().debit_move_id | self.sudo().credit_move_id
        if not items.move_id.statement_line_id:
            return
        lines = items.payment_line_ids.filtered(lambda line: line.aptic_end_to_end and line.state in UNDER_WAY)
        if lines:
            raise UserError(
                self.env._(
                    "%(number)s is in payment order %(order)s. If the bank has its file, say so on the order first, and"
                    " set the line of the bank against the payment in transit; if not, cancel the order.",
                    number=lines[0].aptic_end_to_end,
                    order=lines[0].order_id.name,
                )
            )

    def _aptic_paid_statements(self):
        """The statements whose payments are reconciled here, or whose claims are with a line of the bank."""
        moves = (self.debit_move_id | self.credit_move_id).sudo().move_id
        statements = moves.origin_payment_id._aptic_statements()
        if moves.statement_line_id:
            statements |= statements.search([("move_id", "in", moves.ids)])
        return statements
