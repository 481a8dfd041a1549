from odoo import fields, models


class ApticClosingAgree(models.TransientModel):
    """Take a joint statement as agreed when the sponsor has not answered in time."""

    _name = "aptic.closing.agree"
    _description = "Take a joint statement as agreed"

    closing_id = fields.Many2one("aptic.closing", required=True, readonly=True)
    reason = fields.Char(string="How the sponsor was asked", required=True)

    def action_agree(self):
        """Note it, with its reason."""
        self.ensure_one()
        self.closing_id.order_id._check_staff()
        self.closing_id.sudo()._agree_tacitly(self.reason)
        return {"type": "ir.actions.act_window_close"}
