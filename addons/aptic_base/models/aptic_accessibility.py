from odoo import fields, models


class ApticAccessibility(models.Model):
    """A way in which a place receives people for whom others are hard to reach or to use."""

    _name = "aptic.accessibility"
    _description = "Accessibility"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    standard = fields.Char(
        string="In the national standard",
        help="Value of “prise_en_charge_specifique” in the standard “lieux de médiation numérique”; empty when the "
        "standard has no word for it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
