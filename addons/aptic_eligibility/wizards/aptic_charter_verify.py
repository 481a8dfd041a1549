import base64

from odoo import api, fields, models


class ApticCharterVerify(models.TransientModel):
    """Say which signature a PDF is the proof of, if any: a single changed bit is seen."""

    _name = "aptic.charter.verify"
    _description = "Verify a signed charter"

    pdf = fields.Binary(string="PDF of a signed charter", attachment=False)
    signature_id = fields.Many2one("aptic.charter.signature", compute="_compute_signature_id")

    @api.depends("pdf")
    def _compute_signature_id(self):
        for wizard in self:
            content = base64.b64decode(wizard.with_context(bin_size=False).pdf or b"")
            wizard.signature_id = self.env["aptic.charter.signature"]._of_pdf(content) if content else False
