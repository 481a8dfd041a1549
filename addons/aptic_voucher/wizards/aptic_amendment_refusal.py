from odoo import fields, models

from ..models.aptic_amendment import STAFF


class ApticAmendmentRefusal(models.TransientModel):
    """Staff decline what a sponsor asked for."""

    _name = "aptic.amendment.refusal"
    _description = "Decline an amendment"

    amendment_id = fields.Many2one("aptic.amendment", required=True, ondelete="cascade")
    answer = fields.Text(required=True, help="Told to the sponsor.")

    def action_decline(self):
        """Decline the amendment."""
        self.amendment_id._check_any_group(STAFF)
        self.amendment_id.check_access("read")
        self.amendment_id._decline(self.answer)
        return {"type": "ir.actions.act_window_close"}
