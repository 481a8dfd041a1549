from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ApticPathway(models.Model):
    """A « parcours » of 5 or 10 sessions made of a provider's offers (guide, « Les parcours »)."""

    _name = "aptic.pathway"
    _description = "Pathway"
    _order = "provider_id, name, id"

    name = fields.Char(required=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    sessions = fields.Selection([("5", "5 sessions"), ("10", "10 sessions")], required=True, default="5")
    offer_ids = fields.Many2many("aptic.offer")
    description = fields.Text()
    active = fields.Boolean(default=True)

    @api.constrains("provider_id", "offer_ids")
    def _check_offers(self):
        for pathway in self:
            if pathway.offer_ids.provider_id - pathway.provider_id:
                raise ValidationError(
                    self.env._("“%(name)s” can only hold offers of its own provider.", name=pathway.name)
                )
