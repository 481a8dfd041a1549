from odoo import fields, models


class ApticEmailChange(models.TransientModel):
    """Give a portal account another e-mail address, with a reason."""

    _name = "aptic.email.change"
    _description = "Change of an account's e-mail address"

    user_id = fields.Many2one("res.users", string="Account", required=True, readonly=True)
    former_email = fields.Char(related="user_id.email", string="Present address")
    new_email = fields.Char(string="New address", required=True)
    reason = fields.Text(required=True)

    def action_change(self):
        """Change it."""
        self.ensure_one()
        self.user_id._change_email(self.new_email, self.reason)
        return {"type": "ir.actions.act_window_close"}
