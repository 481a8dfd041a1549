from odoo import fields, models


class ApticTheme(models.Model):
    """One of the themes of the questionnaire, with the score to reach and what to do below it."""

    _name = "aptic.theme"
    _description = "Theme of the questionnaire"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    threshold = fields.Integer(
        required=True,
        default=50,
        help="Percentage of the points from which the theme is reached. Never shown to applicants.",
    )
    advice = fields.Text(translate=True, help="Room for progress, shown to an applicant below the threshold.")

    _code_unique = models.Constraint("UNIQUE(code)", "This theme exists already.")
    _threshold_range = models.Constraint(
        "CHECK(threshold BETWEEN 0 AND 100)", "A threshold is a percentage, from 0 to 100."
    )
