from odoo import models


class ApticSettlement(models.Model):
    _inherit = "aptic.settlement"

    def _demo_proofs(self, origin):
        """The demonstration's operator publishes and signs its proofs."""
        result = super()._demo_proofs(origin)
        self.env.company.aptic_coverage_public = True
        # What is signed stays as it is: the labels' French, which Odoo loads after a demonstration, is needed before.
        self.env["ir.module.module"]._get("aptic_settlement")._update_translations()
        self.env.registry.clear_all_caches()
        self.env["aptic.coverage"]._sign_published()
        return result
