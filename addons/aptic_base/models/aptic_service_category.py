from odoo import fields, models


class ApticServiceCategory(models.Model):
    _name = "aptic.service.category"
    _description = "Service category"
    _order = "level_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    level_id = fields.Many2one("aptic.service.level", required=True, index=True, ondelete="restrict")
    service_ids = fields.One2many("aptic.service", "category_id")

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
