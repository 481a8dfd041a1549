from odoo import fields, models


class ApticServiceLevel(models.Model):
    """One of the three levels of the national référentiel (guide, « Mes services Mednum »)."""

    _name = "aptic.service.level"
    _description = "Service level"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    category_ids = fields.One2many("aptic.service.category", "level_id")

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
