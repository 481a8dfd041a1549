from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

MANAGERS = ("aptic_base.group_aptic_manager",)


class SurveySurvey(models.Model):
    _name = "survey.survey"
    _inherit = ["survey.survey", "aptic.guarded.mixin"]

    survey_type = fields.Selection(
        selection_add=[("aptic_eligibility", "#APTIC eligibility")], ondelete={"aptic_eligibility": "cascade"}
    )
    aptic_version = fields.Char(string="Version of the questionnaire", copy=False, tracking=True)
    aptic_in_force = fields.Boolean(string="In force", copy=False, readonly=True, tracking=True)
    aptic_in_force_since = fields.Datetime(string="In force since", copy=False, readonly=True)
    aptic_application_count = fields.Integer(string="Applications", compute="_compute_aptic_application_count")

    _guarded_fields = frozenset({"aptic_in_force", "aptic_in_force_since"})

    _aptic_version_unique = models.UniqueIndex(
        "(aptic_version) WHERE survey_type = 'aptic_eligibility'", "This version of the questionnaire exists already."
    )
    _aptic_in_force_unique = models.UniqueIndex(
        "(aptic_in_force) WHERE aptic_in_force", "Only one questionnaire is in force."
    )

    @api.depends("survey_type")
    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        result = super()._compute_allowed_survey_types()
        if self.env.user.has_group("survey.group_survey_manager"):
            self.allowed_survey_types = [*(self.allowed_survey_types or []), "aptic_eligibility"]
        return result

    def _compute_aptic_application_count(self):
        counts = dict(
            self.env["survey.user_input"]
            .sudo()
            ._read_group(
                [("survey_id", "in", self.ids), ("aptic_application_ids", "!=", False)], ["survey_id"], ["__count"]
            )
        )
        for survey in self:
            survey.aptic_application_count = counts.get(survey._origin, 0)

    @api.model
    def _eligibility_in_force(self):
        """The questionnaire in force; where none was put in force, the latest one.

        :raise UserError: when there is none
        """
        order = "aptic_in_force DESC NULLS LAST, id desc"
        survey = self.sudo().search([("survey_type", "=", "aptic_eligibility")], order=order, limit=1)
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

    # --------------------------------------------------------------- versions
    def _aptic_new_version(self, version=None):
        """Copy the questionnaire, with its themes, points, advice and translations, to be revised.

        :param str version: of the copy; the next of this year when left out
        :return: the copy, not in force
        """
        self.ensure_one()
        survey = self.sudo()
        copy = survey.copy({"aptic_version": version or self._aptic_next_version()})
        self.env.flush_all()
        self.env.cr.execute(  # in every language, without “(copy)”
            SQL(
                "UPDATE survey_survey SET title = (SELECT title FROM survey_survey WHERE id = %s) WHERE id = %s",
                survey.id,
                copy.id,
            )
        )
        copy.invalidate_recordset(["title"])
        return copy.with_env(self.env)

    @api.model
    def _aptic_next_version(self):
        year = fields.Date.context_today(self).year
        taken = set(
            self.sudo().with_context(active_test=False).search([("aptic_version", "!=", False)]).mapped("aptic_version")
        )
        return next(f"{year}.{number}" for number in range(1, 1000) if f"{year}.{number}" not in taken)

    def _aptic_put_in_force(self):
        """Let new applications answer this version; those in progress stay with theirs.

        :raise UserError: says what the version lacks
        """
        self.ensure_one()
        survey = self.sudo()
        if survey.aptic_in_force:
            return
        if lacks := survey._aptic_lacks():
            raise UserError("\n".join(lacks))
        former = survey.search([("aptic_in_force", "=", True)])
        former._guarded_write({"aptic_in_force": False})
        former.flush_recordset()
        survey._guarded_write({"aptic_in_force": True, "aptic_in_force_since": fields.Datetime.now()})

    def _aptic_lacks(self):
        """What is missing before this questionnaire may be put in force: a list of sentences."""
        self.ensure_one()
        sentences = []
        if not self.aptic_version:
            sentences.append(self.env._("Give the questionnaire a version."))
        pages = self.page_ids
        if not pages or not self.question_ids:
            sentences.append(self.env._("The questionnaire needs sections and questions."))
        for page in pages.filtered(lambda page: not page.aptic_theme_id):
            sentences.append(self.env._("The section “%s” has no theme: its points would not count.", page.title))
        for question in self.question_ids:
            if question.question_type not in ("simple_choice", "multiple_choice"):
                sentences.append(
                    self.env._("“%s” is not a question with choices: it cannot be scored.", question.title)
                )
            elif not any(answer.answer_score > 0 for answer in question.suggested_answer_ids):
                sentences.append(self.env._("No choice of “%s” gives points.", question.title))
        return sentences

    # ---------------------------------------------------------------- buttons
    def action_aptic_new_version(self):
        """Copy into a new version and open it."""
        self.ensure_one()
        self._check_any_group(MANAGERS)
        copy = self._aptic_new_version()
        return {
            "type": "ir.actions.act_window",
            "res_model": "survey.survey",
            "res_id": copy.id,
            "view_mode": "form",
            "views": [(self.env.ref("aptic_eligibility.survey_survey_view_form").id, "form")],
        }

    def action_aptic_put_in_force(self):
        """Put in force, from the form."""
        self._check_any_group(MANAGERS)
        self._aptic_put_in_force()
