from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2 import errors

from .common import EligibilityCase

START = "2026-03-01 09:00:00"
LAST_DAY = "2026-04-30"


@tagged("post_install", "-at_install")
class TestCharterAgain(EligibilityCase):
    """A new version: asked for, reminded of, and what happens to those who do not sign."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.provider.lang = "en_US"
        others = cls.env["aptic.provider"].search([("state", "in", ("chartered", "active", "suspended"))])
        others._guarded_write({"state": "draft"})
        with freeze_time("2026-01-10 09:00:00"):
            cls.charter._guarded_write({"in_force_since": fields.Datetime.now()})
            cls.provider._guarded_write({"state": "active"})
            cls.first = cls._sign()
        cls.new = cls.charter.copy({"version": "2027.1"})

    def _enforce(self, last_day=LAST_DAY):
        with freeze_time(START):
            self.new._put_in_force(fields.Date.to_date(last_day))

    def _cron(self, day):
        with (
            freeze_time(f"{day} 05:00:00"),
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")),
        ):
            self.env["aptic.charter.reminder"]._cron_remind()

    def _stages(self):
        return self.env["aptic.charter.reminder"].search([("provider_id", "=", self.provider.id)]).mapped("stage")

    def _mails(self):
        return self.provider.message_ids.filtered("subject")

    # --------------------------------------------------------------- reminders
    def test_members_are_told_at_once_then_three_times_then_suspended(self):
        self._enforce()
        self.assertEqual(str(self.provider.charter_due_on), LAST_DAY)
        for day, stages in (
            ("2026-03-01", 1),
            ("2026-03-02", 1),
            ("2026-03-30", 1),
            ("2026-03-31", 2),
            ("2026-04-22", 2),
            ("2026-04-23", 3),
            ("2026-04-28", 3),
            ("2026-04-29", 4),
            ("2026-04-30", 4),
        ):
            self._cron(day)
            self.assertEqual(len(self._stages()), stages, day)
            self.assertEqual(len(self._mails()), stages, day)
            self.assertEqual(self.provider.state, "active", day)
        self.assertEqual(self._stages(), ["day", "week", "month", "asked"])
        self.assertIn("04/30/2026", self._mails()[0].body)
        self._cron("2026-05-01")
        self.assertEqual(self.provider.state, "suspended")
        self.assertEqual(self.provider._open_measures().cause, "charter")
        self._cron("2026-05-02")
        self.assertEqual(len(self.provider.measure_ids), 1)
        self.assertEqual(self._sign().charter_id, self.new)
        self.assertEqual(self.provider.state, "active")
        self.assertFalse(self.provider.charter_due_on)
        self.assertIn(self.first, self.provider.charter_signature_ids)

    def test_who_signs_in_time_hears_nothing_more(self):
        self._enforce()
        self._cron("2026-03-01")
        self._sign()
        for day in ("2026-04-23", "2026-04-29", "2026-05-01"):
            self._cron(day)
        self.assertEqual((self._stages(), self.provider.state), (["asked"], "active"))

    def test_days_without_the_job_are_not_made_up_for(self):
        self._enforce()
        self._cron("2026-04-25")
        self.assertEqual(self._stages(), ["week"])

    def test_nobody_is_suspended_unwarned(self):
        self._enforce()
        self._cron("2026-05-10")
        self.assertEqual((len(self._mails()), self.provider.state), (1, "active"))
        self._cron("2026-05-16")
        self.assertEqual(self.provider.state, "active")
        self._cron("2026-05-17")
        self.assertEqual(self.provider.state, "suspended")

    def test_another_suspension_is_not_lifted_by_signing(self):
        self._enforce()
        self._cron("2026-03-01")
        self._cron("2026-05-01")
        self.provider._suspend("conduct", "Prix")
        self._sign()
        self.assertEqual(self.provider.state, "suspended")
        self.assertEqual(self.provider._open_measures().mapped("cause"), ["conduct"])

    def test_no_new_signature_needed(self):
        with freeze_time(START):
            self.new._put_in_force()
        self._cron("2026-03-01")
        self.assertFalse(self.provider.charter_due_on)
        self.assertFalse(self._stages())

    def test_a_later_small_change_does_not_let_latecomers_off(self):
        self._enforce()
        third = self.charter.copy({"version": "2027.2"})
        with freeze_time("2026-03-20 09:00:00"):
            third._put_in_force()
        self.assertEqual(str(self.provider.charter_due_on), LAST_DAY)
        self._sign()
        self.assertEqual(self.provider.charter_signature_ids[:1].charter_id, third)
        self.assertFalse(self.provider.charter_due_on)

    def test_new_applicants_sign_the_version_in_force(self):
        self._enforce()
        self.provider._guarded_write({"state": "eligible"})
        self.assertFalse(self.provider.charter_due_on)
        self._cron("2026-03-01")
        self.assertFalse(self._stages())
        self.assertIn("Sign the new version of the #APTIC charter.", self.provider._activation_blockers())
        self._sign()
        self.assertNotIn("Sign the new version of the #APTIC charter.", self.provider._activation_blockers())

    def test_members_get_a_week_at_least(self):
        with freeze_time(START):
            with self.assertRaisesRegex(UserError, "at least 7 days"):
                self.new._put_in_force(fields.Date.to_date("2026-03-07"))
            self.assertFalse(self.new.in_force)
            self.new._put_in_force(fields.Date.to_date("2026-03-08"))

    def test_a_provider_that_comes_back_signs_again(self):
        self.provider._strike_off("conduct", "Récidive")
        self.assertFalse(self.provider._current_signatures())
        self.provider._guarded_write({"state": "eligible"})
        self.assertNotEqual(self._sign(), self.first)
        self.assertEqual(self.provider.state, "chartered")

    # ------------------------------------------------------------------ search
    def test_who_has_still_to_sign_is_found(self):
        find = self.env["aptic.provider"].search
        self.assertNotIn(self.provider, find([("charter_due_on", "!=", False)]))
        self._enforce()
        self.assertEqual(find([("charter_due_on", "!=", False)]), self.provider)
        self.assertEqual(find([("charter_due_on", "<=", LAST_DAY)]), self.provider)
        self.assertEqual(find([("charter_due_on", "=", LAST_DAY)]), self.provider)
        self.assertFalse(find([("charter_due_on", "<", LAST_DAY)]))
        self.assertNotIn(self.provider, find([("charter_due_on", "=", False)]))
        self.assertEqual(self.new.waiting_count, 1)

    # ------------------------------------------------------------------ access
    @mute_logger("odoo.sql_db")
    def test_reminders_are_read_by_staff_and_never_changed(self):
        self._enforce()
        self._cron("2026-03-01")
        reminder = self.env["aptic.charter.reminder"].search([])
        self.assertEqual(reminder.with_user(self.staff).stage, "asked")
        for user in (self.manager, self.mediator, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                reminder.with_user(user).read(["stage"])
        with self.assertRaises(UserError):
            reminder.with_user(self.staff_manager).create({"provider_id": self.provider.id})
        with self.assertRaises(UserError):
            reminder.unlink()
        with self.assertRaises(errors.IntegrityConstraintViolation), self.cr.savepoint():
            self.cr.execute(SQL("DELETE FROM aptic_charter_reminder WHERE id = %s", reminder.id))

    def test_the_demand_starts_the_job_at_once(self):
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref("aptic_eligibility.cron_charter_remind")
        self._enforce()
        self.assertTrue(triggers.search_count([("cron_id", "=", cron.id)]))
