from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Count what the orders have received."""
        partials = super().create(vals_list)
        partials._aptic_orders()._update_funding()
        return partials

    def unlink(self):
        """Count again what the orders have received: an alarm when activated vouchers lose their cover."""
        orders = self._aptic_orders()
        result = super().unlink()
        orders._update_funding()
        return result

    def _aptic_orders(self):
        """The orders whose face value document takes part in these reconciliations."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        if not moves:
            return self.env["aptic.order"].sudo()
        return self.env["aptic.order"].sudo().search([("face_move_id", "in", moves.ids)])
