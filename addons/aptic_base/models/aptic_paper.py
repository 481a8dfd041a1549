from odoo import fields, models


class ApticPaper(models.Model):
    """A document of a provider's dossier."""

    _name = "aptic.paper"
    _description = "Paper"
    _inherit = ["aptic.guarded.mixin", "mail.thread"]
    _order = "id desc"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    type_id = fields.Many2one("aptic.paper.type", required=True, ondelete="restrict")
    document = fields.Binary(attachment=True, required=True)
    filename = fields.Char()
    issued_on = fields.Date()
    expires_on = fields.Date()
    state = fields.Selection(
        [("received", "Received"), ("accepted", "Accepted"), ("refused", "Refused")],
        required=True, default="received", tracking=True,
    )
    reason = fields.Char()
