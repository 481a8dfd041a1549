from odoo import fields, models


class ApticPlaceType(models.Model):
    _name = "aptic.place.type"
    _description = "Place type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
