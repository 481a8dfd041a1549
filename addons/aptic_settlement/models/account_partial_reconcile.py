from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Statements follow what the bank has booked."""
        partials = super().create(vals_list)
        partials._aptic_paid_statements()._update_paid()
        return partials

    def unlink(self):
        """Statements follow what the bank has booked."""
        statements = self._aptic_paid_statements()
        result = super().unlink()
        statements._update_paid()
        return result

    def _aptic_paid_statements(self):
        """The statements whose payments are reconciled here, or whose claims are with a line of the bank."""
        moves = (self.debit_move_id | self.credit_move_id).sudo().move_id
        statements = moves.origin_payment_id._aptic_statements()
        if moves.statement_line_id:
            statements |= statements.search([("move_id", "in", moves.ids)])
        return statements
