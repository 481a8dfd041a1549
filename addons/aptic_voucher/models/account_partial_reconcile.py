from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """Count what the orders have received, and close those of which all was returned."""
        partials = super().create(vals_list)
        orders = partials._aptic_orders()
        orders._update_funding()
        orders.filtered(lambda order: order.return_move_id or order.surplus_move_id)._close_if_returned()
        return partials

    def unlink(self):
        """Count again what the orders have received: an alarm when activated vouchers lose their cover."""
        orders = self._aptic_orders()
        result = super().unlink()
        orders._update_funding()
        return result

    def _aptic_orders(self):
        """The orders whose face value document takes part in these reconciliations, or is paid by one of their lines.

        The latter hear of it when what was paid too much goes back.
        """
        moves = (self.debit_move_id | self.credit_move_id).move_id
        receipts = moves.sudo().filtered("statement_line_id")
        moves |= receipts.line_ids.matched_debit_ids.debit_move_id.move_id
        if not moves:
            return self.env["aptic.order"].sudo()
        return self.env["aptic.order"].sudo().search(
            [
                "|", "|",
                ("face_move_id", "in", moves.ids),
                ("return_move_id", "in", moves.ids),
                ("surplus_move_id", "in", moves.ids),
            ]
        )  # fmt: skip
