from odoo import api, fields, models


class ApticRedemption(models.Model):
    """Where staff see that a settled redemption was reversed, or ask for it."""

    _inherit = "aptic.redemption"

    reversal_ids = fields.One2many("aptic.reversal", "redemption_id", groups="aptic_base.group_aptic_user")
    may_be_reversed = fields.Boolean(compute="_compute_may_be_reversed", groups="aptic_base.group_aptic_user")

    @api.depends("state", "statement_id.state", "reversal_ids.decision")
    def _compute_may_be_reversed(self):
        for act in self:
            open_ones = act.reversal_ids.filtered(lambda reversal: reversal.decision != "refused")
            act.may_be_reversed = act.state == "settled" and act.statement_id.state != "draft" and not open_ones

    def action_ask_reversal(self):
        """Button: the form in which staff say why."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_settlement.aptic_reversal_ask_action")
        return {**action, "context": {"default_redemption_id": self.id}}

    def action_open_reversal(self):
        """Smart button: the reversals of this redemption, refused ones included."""
        self.ensure_one()
        return self.reversal_ids._get_records_action(name=self.env._("Reversals"))
