from datetime import timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2 import errors

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestMeasure(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.provider = cls.provider_a
        cls.provider.lang = "en_US"
        cls.other_manager = cls._user("staff_manager_2", "aptic_base.group_aptic_manager")

    def _take(
        self, kind="suspension", cause="conduct", reason="Prix différents pour les porteurs de chèques", **values
    ):
        wizard = (
            self.env["aptic.measure.take"]
            .with_user(self.staff_manager)
            .create({"provider_id": self.provider.id, "kind": kind, "cause": cause, "reason": reason, **values})
        )
        wizard.action_take()
        return self.env["aptic.measure"].search([("provider_id", "=", self.provider.id)], limit=1)

    def _appealed(self, **values):
        measure = self._take(**values)
        measure._write_appeal(self.manager_a, "Nos tarifs sont corrigés.")
        return measure

    def _last_message(self):
        return self.provider.message_ids.filtered("subject")[:1]

    # ------------------------------------------------------------------- take
    def test_a_suspension_is_written_told_and_has_a_delay_of_appeal(self):
        measure = self._take()
        self.assertEqual(self.provider.state, "suspended")
        self.assertRecordValues(
            measure,
            [{"kind": "suspension", "cause": "conduct", "decided_by_id": self.staff_manager.id, "stage": "open"}],
        )
        self.assertEqual(measure.appeal_until, measure._today() + timedelta(days=30))
        message = self._last_message()
        self.assertEqual(message.notified_partner_ids, self.manager_a.partner_id)
        self.assertIn("Prix différents", message.body)
        self.assertIn("stays due", message.body)

    def test_the_reason_is_told_as_text(self):
        self._take(reason="<b>gras</b>\nsuite")
        self.assertIn("&lt;b&gt;gras&lt;/b&gt;<br>suite", self._last_message().body.replace("<br/>", "<br>"))

    def test_a_measure_needs_a_reason(self):
        for reason in ("", "  \n"):
            with self.assertRaisesRegex(UserError, "Say why"), self.cr.savepoint():
                self.provider._suspend("conduct", reason)
        self.assertFalse(self.provider.measure_ids)

    def test_only_managers_of_the_team_take_and_lift(self):
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a, self.stranger):
            for action in ("action_suspend", "action_strike_off", "action_lift"):
                with self.assertRaises(AccessError):
                    getattr(self.provider.with_user(user), action)()
            for wizard in ("aptic.measure.take", "aptic.measure.lift", "aptic.measure.answer"):
                with self.assertRaises(AccessError):
                    self.env[wizard].with_user(user).create({})
        action = self.provider.with_user(self.staff_manager).action_suspend()
        self.assertEqual(action["context"]["default_kind"], "suspension")
        self.assertEqual(self.provider.state, "active")

    def test_only_members_are_suspended(self):
        self.provider._guarded_write({"state": "eligible"})
        with self.assertRaisesRegex(UserError, "cannot become"):
            self._take()

    def test_striking_off_ends_the_suspensions_and_has_a_way_back(self):
        self.provider._suspend("unpaid", "Deux factures")
        measure = self._take("striking_off")
        self.assertEqual(self.provider.state, "struck_off")
        self.assertFalse(self.provider._open_measures())
        self.assertEqual(self.provider._striking_off(), measure)
        self.assertEqual(measure.reapply_from, fields.Date.context_today(measure) + relativedelta(months=12))
        self.assertEqual(measure.state_before, "suspended")
        self.assertTrue(self.provider.member_ids.filtered("active"))

    def test_fraud_has_no_way_back_unless_said(self):
        self.assertFalse(self._take("striking_off", "fraud").reapply_from)

    # ------------------------------------------------------------------- lift
    def test_suspensions_are_lifted_with_a_note_and_told(self):
        self._take()
        self.provider._suspend("papers", "K-bis périmé")
        lift = self.env["aptic.measure.lift"].with_user(self.staff_manager)
        wizard = lift.create({"provider_id": self.provider.id, "note": "Visite faite"})
        self.assertEqual(len(wizard.measure_ids), 2)
        conduct = self.provider.measure_ids.filtered(lambda measure: measure.cause == "conduct")
        wizard.measure_ids = conduct
        wizard.action_lift()
        self.assertEqual(self.provider.state, "suspended")
        self.assertRecordValues(
            conduct, [{"end_note": "Visite faite", "ended_by_id": self.staff_manager.id, "stage": "ended"}]
        )
        self.assertIn("stays suspended because of: Dossier no longer complete", self._last_message().body)
        lift.create({"provider_id": self.provider.id, "note": "Reçu"}).action_lift()
        self.assertEqual(self.provider.state, "active")
        self.assertIn("take vouchers again", self._last_message().body)

    def test_a_lifted_cause_may_come_back(self):
        first = self._take()
        self.provider._lift("conduct", "Corrigé")
        second = self._take()
        self.assertNotEqual(first, second)
        self.assertEqual(self.provider.state, "suspended")

    # ----------------------------------------------------------------- appeal
    def test_an_appeal_waits_for_another_person(self):
        measure = self._appealed()
        self.assertEqual(measure.stage, "appealed")
        self.assertNotEqual(measure.activity_ids.user_id, self.staff_manager)
        self.assertEqual(measure.activity_ids.date_deadline, measure._today() + timedelta(days=15))
        with self.assertRaisesRegex(UserError, "another person must answer"):
            measure.with_user(self.staff_manager)._answer_appeal("kept", "Non")
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a):
            with self.assertRaises(AccessError):
                measure.with_user(user)._answer_appeal("lifted", "Oui")
        with self.assertRaisesRegex(UserError, "Say why"):
            measure.with_user(self.other_manager)._answer_appeal("lifted", " ")
        self.assertEqual(self.provider.state, "suspended")

    def test_an_accepted_appeal_lifts_at_once(self):
        measure = self._appealed()
        wizard = (
            self.env["aptic.measure.answer"]
            .with_user(self.other_manager)
            .create({"measure_id": measure.id, "outcome": "lifted", "answer": "Corrigé, vu sur place."})
        )
        wizard.action_answer()
        self.assertEqual(self.provider.state, "active")
        self.assertRecordValues(
            measure,
            [{"outcome": "lifted", "answered_by_id": self.other_manager.id, "ended_by_id": self.other_manager.id}],
        )
        self.assertFalse(measure.activity_ids)

    def test_a_refused_appeal_changes_nothing_and_is_told(self):
        measure = self._appealed()
        measure.with_user(self.other_manager)._answer_appeal("kept", "Deux témoins l'ont vu.")
        self.assertEqual((self.provider.state, measure.stage), ("suspended", "open"))
        self.assertIn("Deux témoins", self._last_message().body)
        with self.assertRaisesRegex(UserError, "No appeal waits"):
            measure.with_user(self.other_manager)._answer_appeal("lifted", "Tout de même")
        with self.assertRaisesRegex(UserError, "written already"):
            measure._write_appeal(self.manager_a, "Encore")

    def test_a_striking_off_lifted_on_appeal_gives_the_membership_back(self):
        measure = self._appealed(kind="striking_off")
        measure.with_user(self.other_manager)._answer_appeal("lifted", "Erreur de personne.")
        self.assertEqual(self.provider.state, "chartered")
        self.assertEqual(measure.stage, "ended")
        self.assertFalse(self.provider._striking_off())

    def test_what_an_appeal_must_be(self):
        measure = self._take()
        for text in ("", " \n ", None, "\0"):
            with self.assertRaisesRegex(UserError, "Write why"):
                measure._write_appeal(self.manager_a, text)
        with self.assertRaisesRegex(UserError, "too long"):
            measure._write_appeal(self.manager_a, "x" * 5001)
        own = self._take(cause="request", reason="Congés")
        self.assertFalse(own._may_be_appealed())
        self.provider._lift("conduct", "Corrigé")
        with self.assertRaisesRegex(UserError, "lifted already"):
            measure._write_appeal(self.manager_a, "Trop tard")

    def test_the_delay_counts_its_last_day_in_france(self):
        self.env["ir.config_parameter"].set_param("aptic_base.appeal_days", "10")
        with freeze_time("2026-07-01 22:30:00"):  # 2 July in France
            measure = self._take()
        self.assertEqual(str(measure.appeal_until), "2026-07-12")
        with freeze_time("2026-07-12 21:59:00"):
            self.assertTrue(measure._may_be_appealed())
        with freeze_time("2026-07-12 22:00:00"):
            self.assertFalse(measure._may_be_appealed())
            with self.assertRaisesRegex(UserError, "delay of the appeal is over"):
                measure._write_appeal(self.manager_a, "Trop tard")

    # ------------------------------------------------------------ immutability
    def test_a_measure_is_kept_by_the_orm(self):
        measure = self._take().with_user(self.other_manager)
        for values in ({"reason": "x"}, {"cause": "fraud"}, {"ended_at": fields.Datetime.now()}, {"appeal": "x"}):
            for records in (measure, measure.sudo()):
                with self.assertRaises(UserError):
                    records.write(values)
        with self.assertRaises(UserError):
            measure.sudo().unlink()
        with self.assertRaises(UserError):
            self.env["aptic.measure"].sudo().create({"provider_id": self.provider.id, "kind": "suspension"})

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_to_rewrite_a_measure(self):
        measure = self._appealed()
        measure.with_user(self.other_manager)._answer_appeal("kept", "Non")
        self.env.flush_all()
        for statement in (
            "UPDATE aptic_measure SET reason = 'x' WHERE id = %s",
            "UPDATE aptic_measure SET decided_by_id = 1 WHERE id = %s",
            "UPDATE aptic_measure SET appeal = NULL WHERE id = %s",
            "UPDATE aptic_measure SET outcome = 'lifted' WHERE id = %s",
            "DELETE FROM aptic_measure WHERE id = %s",
        ):
            with self.subTest(statement), self.assertRaises(errors.IntegrityConstraintViolation), self.cr.savepoint():
                self.cr.execute(SQL(statement, measure.id))
        with self.assertRaises(errors.IntegrityConstraintViolation), self.cr.savepoint():
            self.cr.execute("TRUNCATE aptic_measure CASCADE")
        self.cr.execute(SQL("UPDATE aptic_measure SET write_date = now() WHERE id = %s", measure.id))

    @mute_logger("odoo.sql_db")
    def test_the_database_wants_two_persons(self):
        measure = self._appealed()
        with self.assertRaises(errors.CheckViolation), self.cr.savepoint():
            measure._guarded_write(
                {
                    "outcome": "kept",
                    "answer": "Non",
                    "answered_by_id": self.staff_manager.id,
                    "answered_at": fields.Datetime.now(),
                }
            )
            self.env.flush_all()

    # ----------------------------------------------------------------- access
    def test_staff_read_measures_and_members_do_not_by_rpc(self):
        measure = self._take()
        for user in (self.staff, self.reviewer, self.accountant, self.staff_manager):
            self.assertEqual(measure.with_user(user).cause, "conduct")
        for user in (self.manager_a, self.mediator_a, self.accountant_a, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                measure.with_user(user).read(["cause"])
            with self.assertRaises(AccessError):
                self.provider.with_user(user).read(["measure_ids"])
