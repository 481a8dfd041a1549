from odoo import api, models

MAY_SCAN = ("manager", "mediator")


class ApticMember(models.Model):
    _inherit = "aptic.member"

    @api.model
    def _scanners(self):
        """The current user's memberships that may scan (sudo), providers by name."""
        domain = [("user_id", "=", self.env.uid), ("provider_id", "!=", False), ("role", "in", MAY_SCAN)]
        return self.sudo().search(domain).sorted(lambda member: member.provider_id.name or "")

    @api.model
    def _scanner_at(self, place_id):
        """The current user's membership that may scan at a place (sudo), or empty, also when there is no such place."""
        domain = [("user_id", "=", self.env.uid), ("role", "in", MAY_SCAN), ("provider_id.place_ids", "in", [place_id])]
        return self.sudo().search(domain, limit=1)
