from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

DEFAULT_DAYS = 60


class ApticCharterEnforce(models.TransientModel):
    """Put a version of the charter in force, and say whether members sign it again."""

    _name = "aptic.charter.enforce"
    _description = "Put a charter in force"

    charter_id = fields.Many2one("aptic.charter", required=True, readonly=True)
    again = fields.Selection(
        [("yes", "Members sign it again"), ("no", "The former signature is enough")], required=True, default="yes"
    )
    sign_again_by = fields.Date(string="Last day to sign", compute="_compute_sign_again_by", store=True, readonly=False)

    @api.depends("again")
    def _compute_sign_again_by(self):
        for wizard in self:
            wizard.sign_again_by = (
                fields.Date.context_today(wizard) + timedelta(days=DEFAULT_DAYS) if wizard.again == "yes" else False
            )

    def action_enforce(self):
        """Put the version in force; members are written to at once when they have to sign."""
        self.ensure_one()
        self.charter_id.check_access("write")
        if self.again == "yes" and not self.sign_again_by:
            raise UserError(self.env._("Say by which day the members sign."))
        self.charter_id._put_in_force(self.sign_again_by if self.again == "yes" else None)
        return {"type": "ir.actions.act_window_close"}
