from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    aptic_application_ids = fields.One2many("aptic.application", "user_input_id", string="#APTIC applications")

    def _mark_done(self):
        """A finished questionnaire submits its application."""
        result = super()._mark_done()
        self.sudo().aptic_application_ids._submit()
        return result
