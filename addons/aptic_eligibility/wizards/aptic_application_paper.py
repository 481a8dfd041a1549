import base64

from odoo import fields, models


class ApticApplicationPaper(models.TransientModel):
    """Record an application received on paper: the team enters the answers, and that is traced."""

    _name = "aptic.application.paper"
    _description = "Application received on paper"

    provider_id = fields.Many2one("aptic.provider", required=True, readonly=True)
    received_on = fields.Date(required=True, default=fields.Date.context_today)
    scan = fields.Binary(string="Scan of the paper", attachment=False)
    scan_name = fields.Char()

    def action_enter(self):
        """Open the questionnaire to enter the answers."""
        self.ensure_one()
        scan = base64.b64decode(self.with_context(bin_size=False).scan or b"")
        application = self.env["aptic.application"]._start_on_paper(
            self.provider_id, self.received_on, scan, self.scan_name or ""
        )
        return application._open_questionnaire()
