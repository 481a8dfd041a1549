from odoo import fields, models


class SurveyQuestion(models.Model):
    _inherit = "survey.question"

    aptic_theme_id = fields.Many2one("aptic.theme", string="#APTIC theme", index="btree_not_null", ondelete="restrict")
    aptic_advice = fields.Text(
        string="Room for progress",
        translate=True,
        help="Concrete step proposed to an applicant who has less than half of the points of this question.",
    )
