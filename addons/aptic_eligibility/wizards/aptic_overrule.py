from odoo import fields, models

from .. import scores


class ApticOverrule(models.TransientModel):
    """Decide otherwise than the questionnaire proposes, with a reason."""

    _name = "aptic.overrule"
    _description = "Overrule the proposal"

    application_id = fields.Many2one("aptic.application", required=True, readonly=True)
    proposal = fields.Selection(related="application_id.proposal")
    reason = fields.Text(required=True)

    def action_decide(self):
        """Write the decision with the opposite outcome."""
        self.ensure_one()
        outcome = scores.DECLINED if self.proposal == scores.ELIGIBLE else scores.ELIGIBLE
        self.application_id._decide(outcome, self.reason)
        return {"type": "ir.actions.act_window_close"}
