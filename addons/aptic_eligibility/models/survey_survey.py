from odoo import api, fields, models
from odoo.exceptions import UserError


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[("aptic_eligibility", "#APTIC eligibility")], ondelete={"aptic_eligibility": "cascade"}
    )
    aptic_version = fields.Char(string="Version of the questionnaire", copy=False)

    @api.depends("survey_type")
    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("survey.group_survey_manager"):
            self.allowed_survey_types = [*(self.allowed_survey_types or []), "aptic_eligibility"]
        return result

    @api.model
    def _eligibility_in_force(self):
        """The latest active questionnaire.

        :raise UserError: when there is none
        """
        survey = self.sudo().search([("survey_type", "=", "aptic_eligibility")], order="id desc", limit=1)
        if not survey:
            raise UserError(self.env._("No questionnaire is open for the moment. Please come back later."))
        return survey

    def _check_answer_creation(self, user, partner, email, **kwargs):
        """Answers to the eligibility questionnaire start from a dossier only: one run is one application."""
        if (
            self.survey_type == "aptic_eligibility"
            and not kwargs.get("test_entry")
            and not self.env.context.get("aptic_application")
        ):
            raise UserError(self.env._("Start the questionnaire from your #APTIC dossier."))
        return super()._check_answer_creation(user, partner, email, **kwargs)
