from odoo import models
from odoo.exceptions import UserError


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    def _check_closable(self):
        """The final account of an order waits for the reversals that somebody has asked for."""
        result = super()._check_closable()
        waiting = self.env["aptic.reversal"].sudo().search_count(
            [("decision", "=", False), ("redemption_id.event_ids.order_id", "=", self.id)], limit=1
        )  # fmt: skip
        if waiting:
            raise UserError(
                self.env._(
                    "A reversal of a redemption of %s waits for its decision: its vouchers may come back.",
                    self.display_name,
                )
            )
        return result
