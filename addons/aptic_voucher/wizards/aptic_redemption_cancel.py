from odoo import fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import LockError, UserError


class ApticRedemptionCancel(models.TransientModel):
    """Cancel a scan that is not settled yet, and say why."""

    _name = "aptic.redemption.cancel"
    _description = "Cancel a scan"

    redemption_id = fields.Many2one("aptic.redemption", required=True, readonly=True, ondelete="cascade")
    provider_id = fields.Many2one(related="redemption_id.provider_id")
    serials = fields.Char(related="redemption_id.serials")
    reason = fields.Char(required=True)

    def action_cancel(self):
        """Button: cancel; the vouchers can be used again."""
        self.ensure_one()
        try:
            self.redemption_id._cancel(one_line(self.reason))
        except LockError:
            raise UserError(self.env._("Somebody else is working on this scan: try again in a moment.")) from None
        return {"type": "ir.actions.client", "tag": "soft_reload"}
