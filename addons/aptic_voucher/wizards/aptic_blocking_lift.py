from odoo import fields, models


class ApticBlockingLift(models.TransientModel):
    """Unblock vouchers, with a reason that is kept."""

    _name = "aptic.blocking.lift"
    _description = "Unblock vouchers"

    blocking_id = fields.Many2one("aptic.blocking", required=True, readonly=True)
    reason = fields.Char(string="Why", required=True)

    def action_lift(self):
        """Give the vouchers back what they were."""
        self.ensure_one()
        self.blocking_id._lift(self.reason)
        return {"type": "ir.actions.act_window_close"}
