from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .common import EligibilityCase


@tagged("post_install", "-at_install")
class TestQuestionnaire(EligibilityCase):
    """The yearly revision: copy, revise, put in force."""

    def setUp(self):
        super().setUp()
        self.revised = self.env["survey.survey"].browse(
            self.survey.with_user(self.staff_manager).action_aptic_new_version()["res_id"]
        )

    def test_the_copy_is_whole_and_not_in_force(self):
        self.assertEqual(self.env["survey.survey"]._eligibility_in_force(), self.survey)
        self.assertFalse(self.revised.aptic_in_force)
        self.assertNotEqual(self.revised.aptic_version, self.survey.aptic_version)
        for lang in ("en_US", "fr_FR"):
            old, new = (survey.with_context(lang=lang) for survey in (self.survey, self.revised))
            self.assertEqual(new.title, old.title)
            self.assertEqual(new.page_ids.aptic_theme_id, old.page_ids.aptic_theme_id)
            for field in ("title", "aptic_advice", "question_type"):
                self.assertEqual(new.question_ids.mapped(field), old.question_ids.mapped(field))
            for field in ("value", "answer_score"):
                self.assertEqual(
                    new.question_ids.suggested_answer_ids.mapped(field),
                    old.question_ids.suggested_answer_ids.mapped(field),
                )

    def test_managers_revise_and_put_in_force(self):
        answer = self.revised.question_ids[0].suggested_answer_ids[0].with_user(self.staff_manager)
        answer.answer_score = 17
        self.revised.with_user(self.staff_manager).action_aptic_put_in_force()
        self.assertEqual(self.env["survey.survey"]._eligibility_in_force(), self.revised)
        self.assertFalse(self.survey.aptic_in_force)
        self.assertEqual(self._start().version, self.revised.aptic_version)

    def test_a_version_that_was_in_force_is_not_changed(self):
        question = self.survey.question_ids[0]
        for record, values in (
            (question.suggested_answer_ids[0], {"answer_score": 1}),
            (question, {"title": "Autre"}),
            (self.survey, {"title": "Autre"}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.staff_manager).write(values)
            record.with_user(self.staff_manager).read(["display_name"])
        with self.assertRaises(AccessError):
            question.with_user(self.staff_manager).unlink()
        with self.assertRaises(UserError):
            self.revised.with_user(self.staff_manager).write({"aptic_in_force": True})

    def test_an_application_in_progress_stays_with_its_version(self):
        application = self._start()
        self.revised._aptic_put_in_force()
        self.assertEqual(self._start(), application)
        self._answer(application)
        self.assertEqual(application.version, self.survey.aptic_version)
        self.assertEqual(application.survey_id, self.survey)
        self.assertEqual(application.proposal, "eligible")

    def test_thresholds_are_frozen_in_the_decision(self):
        decision = self._decided().sudo()
        before = decision.theme_scores
        self.survey.page_ids.aptic_theme_id.threshold = 100
        self.env.invalidate_all()
        self.assertEqual(decision.theme_scores, before)

    def test_a_version_that_cannot_be_scored_is_refused(self):
        self.revised.page_ids[0].aptic_theme_id = False
        self.revised.question_ids[0].suggested_answer_ids.answer_score = 0
        self.revised.question_ids[1].question_type = "text_box"
        with self.assertRaisesRegex(UserError, "has no theme(.|\n)*gives points(.|\n)*cannot be scored"):
            self.revised._aptic_put_in_force()
        self.assertTrue(self.survey.aptic_in_force)

    def test_only_managers_revise(self):
        for user in (self.staff, self.reviewer, self.accountant, self.manager, self.stranger):
            for action in ("action_aptic_new_version", "action_aptic_put_in_force"):
                with self.assertRaises(AccessError):
                    getattr(self.revised.with_user(user), action)()
            with self.assertRaises(AccessError):
                self.revised.question_ids[:1].with_user(user).write({"title": "Autre"})
        other = self.env["survey.survey"].create({"title": "Autre", "survey_type": "survey"})
        with self.assertRaises(AccessError):
            other.with_user(self.staff_manager).read(["title"])

    @mute_logger("odoo.sql_db")
    def test_one_version_is_in_force_and_numbers_are_not_reused(self):
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.revised._guarded_write({"aptic_in_force": True})
            self.env.flush_all()
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.revised.aptic_version = self.survey.aptic_version
            self.env.flush_all()
