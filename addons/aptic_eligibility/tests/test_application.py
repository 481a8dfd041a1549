import base64
from datetime import date, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2 import errors

from .common import EligibilityCase, drawn_signature


@tagged("post_install", "-at_install")
class TestApplication(EligibilityCase):
    # ------------------------------------------------------------------ start
    def test_the_questionnaire_has_the_five_themes_of_the_guide(self):
        themes = self.survey.with_context(lang="en_US").page_ids.aptic_theme_id
        self.assertEqual(themes.mapped("code"), ["skills", "audiences", "territories", "innovation", "specific"])
        for page in self.survey.page_ids:
            self.assertGreaterEqual(len(page.question_ids), 4)
            self.assertTrue(all(page.question_ids.mapped("aptic_advice")))

    def test_an_application_is_resumed_not_doubled(self):
        self.assertEqual(self._start(), self._start())

    def test_another_manager_resumes_with_an_account_of_his_own(self):
        application = self._start()
        other, _member = self._member(self.provider, "manager", "manager_second")
        self._start(user=other)
        self.assertEqual(application.user_input_id.partner_id, other.partner_id)

    def test_the_questionnaire_starts_from_a_dossier_only(self):
        with self.assertRaisesRegex(UserError, "from your #APTIC dossier"):
            self.survey._create_answer(user=self.stranger)

    # ----------------------------------------------------------------- submit
    def test_the_best_answers_propose_eligible(self):
        application = self._answer(self._start())
        self.assertEqual(application.state, "submitted")
        self.assertEqual(application.proposal, "eligible")
        self.assertEqual([theme["score"] for theme in application.theme_scores], [100] * 5)
        self.assertEqual(self.provider.state, "applied")

    def test_one_theme_below_its_threshold_proposes_declined(self):
        application = self._answer(self._start(), weak_theme="innovation")
        self.assertEqual(application.proposal, "declined")
        scores = {theme["code"]: theme["score"] for theme in application.theme_scores}
        self.assertLess(scores["innovation"], 40)
        self.assertEqual(scores["skills"], 100)

    def test_an_application_under_review_cannot_be_started_again(self):
        self._answer(self._start())
        with self.assertRaisesRegex(UserError, "under review"):
            self._start()

    def test_the_applicant_does_not_follow_the_application(self):
        application = self.env["aptic.application"].with_user(self.manager).sudo()._start(self.provider, self.manager)
        self._answer(application)
        self.assertNotIn(self.manager.partner_id, application.message_partner_ids)
        self.assertFalse(
            application.message_ids.tracking_value_ids.filtered(lambda value: value.field_id.name == "proposal")
        )

    # ----------------------------------------------------------------- decide
    def test_the_reviewer_confirms(self):
        application = self._answer(self._start())
        application.with_user(self.reviewer).action_confirm()
        decision = application.decision_ids
        self.assertRecordValues(
            decision,
            [{"outcome": "eligible", "proposal": "eligible", "decided_by_id": self.reviewer.id, "version": "2026.1"}],
        )
        self.assertEqual(application.state, "decided")
        self.assertEqual(self.provider.state, "eligible")
        self.assertIn(self.manager.partner_id, self.provider.message_ids[:1].partner_ids)

    def test_only_a_reviewer_decides(self):
        application = self._answer(self._start())
        for user in (self.staff, self.staff_manager, self.accountant, self.manager, self.stranger):
            with self.assertRaises(AccessError):
                application.with_user(user)._decide("eligible")
        self.assertEqual(self.provider.state, "applied")

    def test_overruling_needs_a_reason(self):
        application = self._answer(self._start(), best=False).with_user(self.reviewer)
        with self.assertRaisesRegex(UserError, "Say why"):
            application._decide("eligible", "  ")
        wizard = (
            self.env["aptic.overrule"]
            .with_user(self.reviewer)
            .create({"application_id": application.id, "reason": "Visite sur place : tout y est."})
        )
        wizard.action_decide()
        self.assertEqual(application.decision_ids.outcome, "eligible")
        self.assertEqual(application.decision_ids.proposal, "declined")
        self.assertEqual(self.provider.state, "eligible")

    def test_a_decision_is_taken_once(self):
        application = self._answer(self._start()).with_user(self.reviewer)
        application._decide("eligible")
        with self.assertRaisesRegex(UserError, "decided already"):
            application._decide("declined", "Autre avis")

    def test_nobody_decides_beside_the_application(self):
        self._answer(self._start())
        provider = self.provider.with_user(self.reviewer)
        for action in (provider.action_declare_eligible, provider.action_decline):
            with self.assertRaisesRegex(UserError, "on the application itself"):
                action()
        self.assertEqual(self.provider.state, "applied")

    # ------------------------------------------------------------ immutability
    def test_a_decision_is_immutable_for_the_orm(self):
        decision = self._decided().sudo()
        with self.assertRaises(UserError):
            decision.write({"outcome": "declined", "reason": "x"})
        with self.assertRaises(UserError):
            decision.unlink()
        with self.assertRaises(UserError):
            decision.copy()

    @mute_logger("odoo.sql_db")
    def test_a_decision_is_immutable_in_the_database(self):
        decision = self._decided()
        self.env.flush_all()
        for query in (
            SQL("UPDATE aptic_decision SET version = 'x' WHERE id = %s", decision.id),
            SQL("DELETE FROM aptic_decision WHERE id = %s", decision.id),
            SQL("TRUNCATE aptic_decision CASCADE"),
        ):
            with self.assertRaises(errors.IntegrityConstraintViolation), self.cr.savepoint():
                self.cr.execute(query)

    @mute_logger("odoo.sql_db")
    def test_the_database_wants_a_reason_against_the_proposal(self):
        application = self._answer(self._start())
        values = {
            "application_id": application.id,
            "provider_id": self.provider.id,
            "version": "1",
            "theme_scores": application.theme_scores,
            "proposal": "eligible",
            "outcome": "declined",
            "decided_by_id": self.reviewer.id,
            "decided_at": fields.Datetime.now(),
        }
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            self.env["aptic.decision"]._guarded_create([values])

    # -------------------------------------------------------------- diagnosis
    def test_the_diagnosis_says_what_to_do_and_no_score(self):
        decision = self._decided(weak_theme="territories")
        self.assertEqual(decision.outcome, "declined")
        diagnosis = decision.sudo()._diagnosis()
        self.assertFalse(diagnosis[0]["reached"])
        self.assertTrue(diagnosis[0]["advice"])
        self.assertEqual(len(diagnosis[0]["steps"]), 4)
        self.assertTrue(all(theme["reached"] and not theme["steps"] for theme in diagnosis[1:]))
        self.assertEqual(diagnosis[0].keys(), {"name", "reached", "advice", "steps", "actors"})

    def test_a_declined_provider_applies_again_after_the_delay(self):
        with freeze_time("2026-01-31 22:30:00"):  # still 31 January in France
            self._decided(best=False)
        for now, open_ in (
            ("2026-04-29 21:59:00", False),  # the day before, in France
            ("2026-04-29 22:00:00", True),  # 30 April: there is no 31st
            ("2026-05-10 09:00:00", True),
        ):
            with self.subTest(now), freeze_time(now), self.cr.savepoint() as savepoint:
                if open_:
                    self.assertEqual(self._start().state, "draft")
                else:
                    with self.assertRaisesRegex(UserError, "possible from"):
                        self._start()
                savepoint.rollback()

    def test_the_delay_is_a_setting(self):
        settings = self.env["res.config.settings"].create({"aptic_reapply_months": 6})
        settings.execute()
        with freeze_time("2026-08-31 22:30:00"):  # 1 September in France
            self._decided(best=False)
        self.assertEqual(str(self.env["aptic.application"]._reapply_day(self.provider)), "2027-03-01")
        self.env["res.config.settings"].create({"aptic_reapply_months": 0}).execute()
        with freeze_time("2026-09-01 08:00:00"):
            application = self._start()
            self.assertEqual(application.state, "draft")
            self._answer(application)
        self.assertEqual(self.provider.state, "applied")

    def test_a_struck_off_provider_applies_again_when_its_day_has_come(self):
        self.provider._guarded_write({"state": "active"})
        with freeze_time("2026-02-10 09:00:00"):
            self.provider._strike_off("conduct", "Récidive")
        with self.assertRaisesRegex(UserError, "no new application is possible"):
            self._start()
        self.provider._striking_off()._guarded_write({"reapply_from": "2027-02-10"})
        with freeze_time("2027-02-09 22:59:00"), self.assertRaisesRegex(UserError, "possible from"):
            self._start()
        with freeze_time("2027-02-09 22:59:00"), self.assertRaisesRegex(UserError, "struck off"):
            self.provider._apply()
        with freeze_time("2027-02-09 23:00:00"):  # 10 February in France
            self._decided()
        self.assertEqual(self.provider.state, "eligible")
        self.assertFalse(self.provider._striking_off())

    # ------------------------------------------------------------------ paper
    def _on_paper(self, user=None, **values):
        wizard = (
            self.env["aptic.application.paper"]
            .with_user(user or self.staff)
            .create({"provider_id": self.provider.id, **values})
        )
        wizard.action_enter()
        return self.env["aptic.application"].search([("provider_id", "=", self.provider.id)], limit=1)

    def test_the_team_enters_an_application_received_on_paper(self):
        scan = base64.b64encode(base64.b64decode(drawn_signature()))
        application = self._on_paper(scan=scan, scan_name="papier.png", received_on="2026-01-15")
        self.assertRecordValues(
            application,
            [{"on_paper": True, "entered_by_id": self.staff.id, "state": "draft", "received_on": date(2026, 1, 15)}],
        )
        self.assertEqual(application.user_input_id.partner_id, self.staff.partner_id)
        self.assertEqual(application.message_ids.attachment_ids.mapped("name"), ["papier.png"])
        self.assertIn("received on paper", self.provider.message_ids[:1].body)
        self.assertEqual(self._on_paper(self.reviewer), application)
        self.assertEqual(application.entered_by_id, self.reviewer)
        self._answer(application)
        self.assertEqual((application.state, self.provider.state), ("submitted", "applied"))
        application.with_user(self.reviewer).action_confirm()
        self.assertEqual(self.provider.state, "eligible")

    def test_paper_and_portal_do_not_mix(self):
        self._on_paper()
        with self.assertRaisesRegex(UserError, "on paper"):
            self._start()
        other = self._provider("En ligne (test)", "44306184100047", state="draft")
        self.env["aptic.application"]._start(other, self.manager)
        with self.assertRaisesRegex(UserError, "on the portal itself"):
            self.env["aptic.application"].with_user(self.staff)._start_on_paper(other, None)

    def test_what_a_paper_must_be(self):
        with self.assertRaisesRegex(UserError, "after today"):
            self._on_paper(received_on=fields.Date.today() + timedelta(days=2))
        with self.assertRaises(ValidationError):
            self._on_paper(scan=base64.b64encode(b"MZ not a paper"), scan_name="papier.pdf")
        for user in (self.manager, self.mediator, self.stranger):
            with self.assertRaises(AccessError):
                self.env["aptic.application"].with_user(user)._start_on_paper(self.provider, None)
            with self.assertRaises(AccessError):
                self._on_paper(user)

    # ----------------------------------------------------------------- access
    def test_only_reviewers_read_applications_decisions_and_themes(self):
        decision = self._decided().sudo()
        records = [
            (decision, "theme_scores"),
            (decision.application_id, "theme_scores"),
            (self.survey.page_ids.aptic_theme_id, "name"),
        ]
        outsiders = (self.staff, self.accountant, self.manager, self.mediator, self.manager_b, self.stranger)
        for record, field in records:
            self.assertTrue(record.with_user(self.reviewer).read([field]))
            for user in outsiders:
                with self.assertRaises(AccessError):
                    record.with_user(user).read([field])

    def test_nobody_makes_a_decision_by_hand(self):
        application = self._answer(self._start())
        for user in (self.reviewer, self.staff_manager):
            with self.assertRaises(UserError):
                self.env["aptic.decision"].with_user(user).create(
                    {"application_id": application.id, "outcome": "eligible"}
                )
        with self.assertRaises(UserError):
            application.with_user(self.reviewer).write({"proposal": "declined"})

    def test_answers_are_for_reviewers_only(self):
        lines = self._answer(self._start()).user_input_id.user_input_line_ids
        survey_manager = self._user("survey_manager", "survey.group_survey_manager,base.group_user")
        survey_user = self._user("survey_user", "survey.group_survey_user,base.group_user")
        self.assertTrue(lines.with_user(self.reviewer).read(["answer_score"]))
        for user in (
            survey_manager,
            survey_user,
            self.staff,
            self.staff_manager,
            self.accountant,
            self.manager,
            self.stranger,
        ):
            for records in (lines, lines.user_input_id):
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["id", "create_date"])
                self.assertFalse(
                    records.with_user(user).has_access("read")
                    and records.with_user(user).search([("id", "in", records.ids)])
                )

    def test_weights_are_hidden_from_all_but_reviewers_and_the_survey_administrator(self):
        choices = self.survey.question_ids.suggested_answer_ids
        survey_user = self._user("survey_user", "survey.group_survey_user,base.group_user")
        self.assertTrue(choices.with_user(self.reviewer).read(["answer_score"]))
        for user in (survey_user, self.staff, self.accountant, self.manager, self.stranger):
            with self.assertRaises(AccessError):
                choices.with_user(user).read(["answer_score"])

    def test_a_reviewer_reads_no_other_survey(self):
        other = self.env["survey.survey"].create({"title": "Autre", "survey_type": "survey"})
        self.assertTrue(self.survey.with_user(self.reviewer).title)
        with self.assertRaises(AccessError):
            other.with_user(self.reviewer).read(["title"])
        with self.assertRaises(AccessError):
            self.survey.with_user(self.reviewer).write({"title": "x"})
