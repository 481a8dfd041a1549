from odoo import models


class ApticStatement(models.Model):
    _inherit = "aptic.statement"

    def _held_beside(self):
        """What the run of this statement left of the same provider (sudo), or empty."""
        self.ensure_one()
        held = self.env["aptic.settlement.held"].sudo()
        return held.search([("settlement_id", "=", self.settlement_id.id), ("provider_id", "=", self.provider_id.id)])
