from odoo import api, fields, models


class ApticPathwaySession(models.Model):
    """One session of a pathway: the offer that is given then."""

    _name = "aptic.pathway.session"
    _description = "Session of a pathway"
    _order = "pathway_id, number, id"

    pathway_id = fields.Many2one("aptic.pathway", required=True, index=True, ondelete="cascade")
    provider_id = fields.Many2one(related="pathway_id.provider_id", store=True, index=True)
    number = fields.Integer(required=True, default=1)
    offer_id = fields.Many2one("aptic.offer", required=True, index=True, ondelete="restrict")

    _number_positive = models.Constraint("CHECK(number BETWEEN 1 AND 10)", "Sessions are numbered from 1 to 10.")
    _number_unique = models.Constraint("UNIQUE(pathway_id, number)", "Two sessions have the same number.")

    @api.depends("number", "offer_id")
    def _compute_display_name(self):
        for session in self:
            session.display_name = f"{session.number}. {session.offer_id.name or ''}"
