from odoo import api, fields, models


class ResCompany(models.Model):
    """What the operator tells of the coverage, and what it was told of the limited network's threshold."""

    _inherit = "res.company"

    aptic_coverage_public = fields.Boolean(
        string="Publish the proof of coverage",
        help="Anyone may read each month's totals at /aptic/couverture: nothing of any organisation.",
    )
    aptic_network_told = fields.Integer(
        readonly=True, help="Highest step of the limited network's threshold that was told, in percent."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_coverage_public = fields.Boolean(related="company_id.aptic_coverage_public", readonly=False)
    aptic_signature_state = fields.Char(string="Signature of the proofs", compute="_compute_aptic_signature_state")

    @api.depends("company_id")
    def _compute_aptic_signature_state(self):
        for settings in self:
            settings.aptic_signature_state = self.env["aptic.coverage"]._signature_state()

    def action_aptic_sign_published(self):
        """Button: sign what is published and has no signature yet."""
        return self.env["aptic.coverage"].with_company(self.company_id).action_sign_published()
