from odoo import fields, models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    redemption_ids = fields.One2many("aptic.redemption", "provider_id", groups="aptic_base.group_aptic_user")

    def _locked_members(self):
        """The lock-outs of this provider that somebody must lift (sudo), for its managers."""
        self.ensure_one()
        return self.env["aptic.lockout"].sudo().search([("provider_id", "=", self.id), ("state", "=", "locked")])

    def action_view_redemptions(self):
        """Open what was scanned by this provider."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_voucher.aptic_redemption_action")
        return {**action, "domain": [("provider_id", "=", self.id)], "context": {"search_default_by_month": 1}}
