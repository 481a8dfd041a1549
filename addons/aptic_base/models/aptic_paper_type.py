from odoo import fields, models


class ApticPaperType(models.Model):
    """A kind of supporting document and the legal forms that must give it (guide, « Pièces à fournir »)."""

    _name = "aptic.paper.type"
    _description = "Paper type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    legal_form = fields.Selection(
        [("company", "Company"), ("public", "Public body"), ("association", "Association")], required=True
    )
    required = fields.Boolean(default=True)
    max_age_months = fields.Integer(help="Refused when older at the day of the check; 0: no limit.")
    note = fields.Char(translate=True)

    _code_unique = models.Constraint("UNIQUE(code)", "This code is used already.")
