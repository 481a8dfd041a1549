from odoo import fields, models


class ApticService(models.Model):
    """A service of digital mediation as the national référentiel names it; providers offer it at their price."""

    _name = "aptic.service"
    _description = "Service"
    _order = "category_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    category_id = fields.Many2one("aptic.service.category", required=True, index=True, ondelete="restrict")
    level_id = fields.Many2one(related="category_id.level_id", store=True, index=True)

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
