from odoo import fields, models


class ApticExtend(models.TransientModel):
    """Give one order or many a later last valid day."""

    _name = "aptic.extend"
    _description = "Extend orders"

    order_ids = fields.Many2many(
        "aptic.order", string="Orders", required=True, default=lambda self: self.env.context.get("active_ids")
    )
    to_day = fields.Date(string="New last valid day", required=True, help="Inclusive; the tolerance comes after it.")
    reason = fields.Char(string="Why", required=True, help="Kept, and told to the sponsors.")

    def action_extend(self):
        """Extend all the orders, or say which one cannot be."""
        self.ensure_one()
        self.order_ids._check_staff()
        self.order_ids._extend(self.to_day, self.reason)
        return {"type": "ir.actions.act_window_close"}
