from datetime import timedelta
from unittest.mock import MagicMock, patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError
from psycopg2.errors import RestrictViolation

from ..models.aptic_attempt import KEPT_DAYS
from .common import DeskCase


class ThrottleCase(DeskCase):
    def _tried(self, minutes_ago, count=1, user=None, member=None, source=None, place=None):
        """Tries of some minutes ago, as facts."""
        at = fields.Datetime.now() - timedelta(minutes=minutes_ago)
        user = user or self.mediator_a
        member = member or user.aptic_member_ids[:1]
        self.env.flush_all()
        self.env.cr.execute_values(
            "INSERT INTO aptic_attempt (at, user_id, member_id, place_id, source) VALUES %s",
            [(at, user.id, member.id, (place or self.place_a).id, source)] * count,
        )
        self.env.invalidate_all()

    def _follow(self):
        return self.env["aptic.lockout"]._follow()

    def _as(self, user):
        self.authenticate(user.login, user.login)


@tagged("post_install", "-at_install")
class TestThrottle(ThrottleCase, HttpCase):
    def test_ten_wrong_codes_stop_a_user(self):
        self._as(self.mediator_a)
        forged = self._forged()
        for n in range(10):
            answer = self._check([forged]) if n % 2 else self._redeem([forged])
            self.assertEqual(answer["status"], "unknown")
        for answer in (self._check([forged]), self._check(self.codes[:1]), self._redeem(self.codes[:1])):
            self.assertEqual(answer["status"], "throttled")
        attempts = self.env["aptic.attempt"].search([("user_id", "=", self.mediator_a.id)])
        self.assertEqual((len(attempts), attempts.place_id), (10, self.place_a))

    def test_after_ten_minutes_it_goes_on(self):
        self._tried(11, 10)
        self._as(self.mediator_a)
        self.assertEqual(self._redeem(self.codes[:1])["status"], "done")

    def test_others_go_on_and_typing_errors_do_not_count(self):
        self._as(self.mediator_a)
        for _n in range(12):
            self.assertEqual(self._check(["1" * 24])["status"], "unknown")
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")
        for _n in range(10):
            self._check([self._forged()])
        self._as(self.manager_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")

    def test_a_lost_answer_is_given_even_then(self):
        self._as(self.mediator_a)
        first = self._redeem(self.codes[:1], client_key="lost-answer")
        for _n in range(10):
            self._check([self._forged()])
        self.assertEqual(self._redeem(self.codes[:1], client_key="lost-answer"), first)

    def test_a_line_is_stopped_whoever_tries_on_it(self):
        self._as(self.mediator_a)
        self._check([self._forged()])
        attempt = self.env["aptic.attempt"].search([], limit=1)
        self.assertRegex(attempt.source, r"^[0-9a-f]{32}$")
        self._tried(2, 28, self.manager_b, source=attempt.source)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")
        self._tried(2, 1, self.manager_b, source=attempt.source)
        for answer in (self._check(self.codes[:1]), self._redeem(self.codes[:1])):
            self.assertEqual(answer["status"], "throttled")
        self._as(self.manager_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "throttled")

    def test_other_lines_go_on(self):
        self._tried(2, 40, self.manager_b, source="another line")
        self._tried(2, 40, self.manager_b)
        self._as(self.mediator_a)
        self.assertEqual(self._redeem(self.codes[:1])["status"], "done")

    def test_the_limits_are_settings(self):
        for name, value in (("user", "2"), ("address", "x"), ("alarm", "0")):
            self.env["ir.config_parameter"].set_param(f"aptic_pos.wrong_codes_{name}", value)
        attempts = self.env["aptic.attempt"]
        self.assertEqual([attempts._limit(name) for name in ("user", "address", "alarm")], [2, 30, 100])
        self._tried(2, 2)
        self._as(self.mediator_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "throttled")


@tagged("post_install", "-at_install")
class TestAttempt(ThrottleCase):
    def test_no_address_is_kept(self):
        attempts = self.env["aptic.attempt"]
        with patch("odoo.addons.aptic_pos.models.aptic_attempt.request", new=MagicMock()) as request:
            found = []
            for address in ("192.0.2.7", "192.0.2.8", "::ffff:192.0.2.7", "2001:db8:1:2::5", "2001:db8:1:2:f::9", "no"):
                request.httprequest.remote_addr = address
                found.append(attempts._source())
        self.assertEqual((found[0], found[3], found[5]), (found[2], found[4], None))
        self.assertEqual(len(set(found)), 4)
        self.assertNotIn("192", found[0])
        self.assertIsNone(attempts._source(), "outside of a request")

    def test_the_database_itself_keeps_the_tries(self):
        self._tried(1)
        old = (KEPT_DAYS + 1) * 24 * 60
        self._tried(old)
        new, old = self.env["aptic.attempt"].search([], limit=2, order="at desc").ids
        for statement in (
            "UPDATE aptic_attempt SET at = at - interval '1 hour' WHERE id = %s",
            "UPDATE aptic_attempt SET user_id = 1, member_id = NULL WHERE id = %s",
            "DELETE FROM aptic_attempt WHERE id = %s",
            "TRUNCATE aptic_attempt",
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(RestrictViolation), self.cr.savepoint():
                self.cr.execute(statement, (new,) if "%s" in statement else ())
        self.cr.execute("DELETE FROM aptic_attempt WHERE id = %s", (old,))
        self.cr.execute("UPDATE aptic_attempt SET member_id = NULL WHERE id = %s", (new,))

    def test_old_tries_are_forgotten_some_at_a_time(self):
        self._tried(1)
        self._tried((KEPT_DAYS + 1) * 24 * 60, 5)
        attempts = self.env["aptic.attempt"]
        before = attempts.search_count([])
        with patch("odoo.addons.aptic_pos.models.aptic_attempt.BATCH", 3):
            self.assertEqual(attempts._forget_old(), (3, True))
            self.assertEqual(attempts._forget_old(), (2, False))
        self.assertEqual(attempts.search_count([]), before - 5)

    def test_the_clock_of_the_database_says_what_is_old(self):
        self._tried(KEPT_DAYS * 24 * 60 - 30)
        before = self.env["aptic.attempt"].search_count([])
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            self.env["aptic.attempt"]._forget_old()
        self.assertEqual(self.env["aptic.attempt"].search_count([]), before)

    def test_a_member_who_tried_may_leave(self):
        user, member = self._member(self.provider_a, "mediator", "leaving")
        self._tried(1, member=member, user=user)
        member.unlink()
        self.assertFalse(self.env["aptic.attempt"].search([("user_id", "=", user.id)]).member_id)

    def test_who_reads_the_tries(self):
        self._tried(1)
        attempt = self.env["aptic.attempt"].search([], limit=1)
        self.assertTrue(attempt.with_user(self.staff_manager).at)
        for user in (
            self.staff,
            self.reviewer,
            self.accountant,
            self.manager_a,
            self.mediator_a,
            self.sponsor_user_a,
            self.stranger,
        ):
            with self.assertRaises(AccessError):
                attempt.with_user(user).read(["at"])
        for user in (self.staff_manager, self.manager_a):
            with self.assertRaises(AccessError):
                attempt.with_user(user).unlink()

    def test_one_statement_a_try_and_the_last_one_wakes_the_lock_outs(self):
        attempts = self.env["aptic.attempt"].with_user(self.mediator_a)
        triggers = self.env["ir.cron.trigger"].search([])
        attempts._note(self.mediator_a_member, self.place_a)
        with self.assertQueryCount(1):
            attempts._note(self.mediator_a_member, self.place_a)
        self.assertEqual(self.env["ir.cron.trigger"].search([]), triggers)
        self._tried(1, 7)
        attempts._note(self.mediator_a_member, self.place_a)
        fresh = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(fresh.cron_id, self.env.ref("aptic_pos.cron_wrong_codes"))


@tagged("post_install", "-at_install")
class TestLockout(ThrottleCase, HttpCase):
    def _locked(self):
        for minutes in (300, 200, 100):
            self._tried(minutes, 10)
        lockouts = self._follow()
        return lockouts.filtered(lambda lockout: lockout.state == "locked")

    def test_three_times_in_a_day_lock_the_member(self):
        for minutes in (300, 200):
            self._tried(minutes, 10)
        paused = self._follow()
        self.assertEqual(paused.mapped("state"), ["pause", "pause"])
        self._as(self.mediator_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")
        self._tried(100, 10)
        locked = self._follow()
        self.assertRecordValues(
            locked,
            [
                {
                    "state": "locked",
                    "member_id": self.mediator_a_member.id,
                    "provider_id": self.provider_a.id,
                    "place_id": self.place_a.id,
                    "tries": 10,
                }
            ],
        )
        for answer in (self._check(self.codes[:1]), self._redeem(self.codes[:1])):
            self.assertEqual(answer["status"], "locked_out")
        self.assertEqual(self.env["aptic.redemption"].search_count([("provider_id", "=", self.provider_a.id)]), 0)
        self._as(self.manager_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok", "the others go on")

    def test_another_membership_does_not_help(self):
        elsewhere = self.env["aptic.member"].create(
            {"user_id": self.mediator_a.id, "provider_id": self.provider_b.id, "role": "mediator"}
        )
        self._tried(300, 10)
        self._tried(200, 10, member=elsewhere, place=self.place_b)
        self.assertEqual(self._follow().mapped("state"), ["pause", "pause"])
        self._tried(100, 10, member=elsewhere, place=self.place_b)
        locked = self._follow()
        self.assertEqual((locked.state, locked.provider_id), ("locked", self.provider_b))
        self._as(self.mediator_a)
        for place in (self.place_a, self.place_b):
            self.assertEqual(self._check(self.codes[:1], place_id=place.id)["status"], "locked_out")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute(
                "UPDATE aptic_lockout SET state = 'locked' WHERE member_id = %s", (self.mediator_a_member.id,)
            )
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            elsewhere.unlink()

    def test_the_same_tries_are_followed_once(self):
        self._tried(100, 12)
        self._tried(95, 3)
        self.assertEqual(len(self._follow()), 1)
        self.assertFalse(self._follow())
        self._tried(80, 9)
        self.assertFalse(self._follow(), "nine are not ten")

    def test_what_the_team_types_for_a_member_locks_nobody(self):
        for minutes in (300, 200, 100):
            self._tried(minutes, 10, self.staff, member=self.mediator_a_member)
        self.assertFalse(self._follow())

    def test_a_day_later_the_count_begins_again(self):
        self._tried(26 * 60, 10)
        self._tried(200, 10)
        self._tried(100, 10)
        lockouts = self._follow()
        self.assertEqual(set(lockouts.mapped("state")), {"pause"})

    def test_the_managers_are_told_and_the_team_has_a_line(self):
        queue = {entry["key"]: entry["count"] for entry in self.env["aptic.queue"].with_user(self.staff).overview()}
        locked = self._locked()
        messages = self.provider_a.message_ids.filtered(lambda message: "codes" in (message.body or ""))
        self.assertEqual(len(messages), 3)
        for message in messages:
            self.assertEqual(message.partner_ids, self.manager_a.partner_id)
        self.assertIn(f"/my/aptic/lockouts/{locked.id}", str(messages[:1].body))
        after = {entry["key"]: entry["count"] for entry in self.env["aptic.queue"].with_user(self.staff).overview()}
        self.assertEqual(after["lockout"], queue["lockout"] + 1)
        self.assertEqual(locked.activity_ids.activity_type_id, self.env.ref("aptic_pos.activity_locked_member"))

    def test_a_manager_lifts_it_on_the_portal(self):
        locked = self._locked()
        self._as(self.manager_a)
        self.assertIn(f"/my/aptic/lockouts/{locked.id}", self.url_open("/my/aptic").text)
        page = self.url_open(f"/my/aptic/lockouts/{locked.id}")
        self.assertIn("aptic_lift_reason", page.text)
        answer = self._post(locked, " ")
        self.assertIn("aptic_lift_error", answer.text)
        self.assertEqual(locked.state, "locked")
        self._post(locked, "Lecteur usé")
        self._post(locked, "encore")
        locked.invalidate_recordset()
        self.assertEqual((locked.state, locked.lifted_by_id, locked.reason), ("lifted", self.manager_a, "Lecteur usé"))
        self.assertFalse(locked.activity_ids)
        self._as(self.mediator_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")

    def _post(self, lockout, reason):
        return self.url_open(f"/my/aptic/lockouts/{lockout.id}", {"reason": reason, "csrf_token": self._csrf(lockout)})

    def _csrf(self, lockout):
        text = self.url_open("/my/aptic/redemptions").text
        return text.split('csrf_token: "')[1].split('"')[0]

    def test_after_a_lift_the_count_begins_again(self):
        locked = self._locked()
        locked.with_user(self.staff)._lift("Appelé")
        self.env.cr.execute("UPDATE aptic_lockout SET lifted_at = at + interval '1 minute' WHERE id = %s", (locked.id,))
        self.env.invalidate_all()
        self._tried(50, 10)
        self.assertEqual(self._follow().state, "pause")

    def test_others_do_not_lift_it(self):
        locked = self._locked()
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                locked.with_user(user)._lift("Moi")
            self._as_if(user)
            self.assertEqual(self.url_open(f"/my/aptic/lockouts/{locked.id}").status_code, 403, user.login)
        self._tried(90, 30, self.manager_a)
        self.env["ir.config_parameter"].set_param("aptic_pos.wrong_codes_lockouts", "1")
        own = self._follow()
        self.assertEqual((own.user_id, own.state), (self.manager_a, "locked"))
        with self.assertRaises(AccessError):
            own.with_user(self.manager_a)._lift("Moi-même")
        self._as(self.manager_a)
        self.assertNotIn("aptic_lift_reason", self.url_open(f"/my/aptic/lockouts/{own.id}").text)
        own.with_user(self.staff)._lift("Appelée")
        self.assertEqual(own.state, "lifted")

    def _as_if(self, user):
        user.password = user.login
        self._as(user)

    def test_what_the_team_reads_and_decides(self):
        locked = self._locked()
        self.assertTrue(locked.with_user(self.staff).at)
        for user in (self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                locked.with_user(user).read(["at"])
        with self.assertRaises(AccessError):
            locked.with_user(self.staff_manager).unlink()
        with self.assertRaises(UserError):
            locked.write({"state": "lifted"})
        action = locked.with_user(self.staff).action_lift()
        wizard = self.env["aptic.watch.answer"].with_user(self.staff).with_context(**action["context"])
        wizard.create({"reason": "Appelé le lieu"}).action_decide()
        self.assertEqual((locked.state, locked.lifted_by_id), ("lifted", self.staff))
        wizard = self.env["aptic.watch.answer"].with_user(self.staff)
        with self.assertRaises(UserError):
            wizard.create(
                {"res_model": "aptic.lockout", "res_id": locked.id, "verb": "unlink", "reason": "x"}
            ).action_decide()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_lockout SET lifted_by_id = user_id WHERE id = %s", (locked.id,))

    def test_a_pause_is_not_lifted(self):
        self._tried(100, 10)
        paused = self._follow()
        with self.assertRaisesRegex(UserError, "by itself"):
            paused.with_user(self.manager_a)._lift("Déjà")


@tagged("post_install", "-at_install")
class TestAlarm(ThrottleCase):
    def _sound(self):
        alarms = self.env["aptic.attempt.alarm"]
        alarms._sound()
        return alarms.search([])

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("aptic_pos.wrong_codes_alarm", "20")
        self.assertFalse(self._sound())

    def test_once_for_the_whole_time_that_it_lasts(self):
        self._tried(5, 10)
        self._tried(5, 9, self.manager_b, place=self.place_b, source="line")
        self.assertFalse(self._sound(), "nineteen are not twenty")
        self._tried(5, 1, self.manager_b, place=self.place_b)
        alarm = self._sound()
        self.assertEqual((alarm.tries, alarm.users, alarm.places, alarm.lines, alarm.state), (20, 2, 2, 1, "new"))
        told = self.env["mail.message"].search([("model", "=", alarm._name), ("res_id", "=", alarm.id)])
        told = told.filtered("partner_ids")
        managers = self.env.ref("aptic_base.group_aptic_manager").all_user_ids.filtered(lambda user: not user.share)
        self.assertEqual(told.partner_ids, managers.partner_id)
        self.assertNotIn(self.staff.partner_id, told.partner_ids)
        self._tried(4, 5)
        self.assertEqual(self._sound(), alarm)
        self.assertEqual(alarm.tries, 25)
        again = self.env["mail.message"].search([("model", "=", alarm._name), ("partner_ids", "!=", False)])
        self.assertEqual(again, told)
        self.assertEqual(len(alarm.activity_ids), 1)

    def test_it_ends_and_begins_again(self):
        self._tried(5, 20)
        alarm = self._sound()
        self.env["ir.config_parameter"].set_param("aptic_pos.wrong_codes_alarm", "30")
        self._sound()
        self.assertTrue(alarm.ended_at)
        self.assertEqual(alarm.state, "new", "somebody still looks into it")
        self._tried(3, 20)
        self.assertEqual(len(self._sound()), 2)

    def test_who_notes_what_it_was(self):
        self._tried(5, 20)
        alarm = self._sound()
        for user in (self.staff, self.accountant, self.manager_a, self.stranger):
            with self.assertRaises(AccessError):
                alarm.with_user(user).read(["tries"])
            with self.assertRaises(AccessError):
                alarm.with_user(user)._close("Rien")
        for nothing in ("", "  \n", None):
            with self.assertRaisesRegex(UserError, "few words"):
                alarm.with_user(self.staff_manager)._close(nothing)
        self.assertEqual(alarm.state, "new")
        alarm.with_user(self.staff_manager)._close("Un lot de faux à Pau")
        self.assertEqual(alarm.state, "seen")
        self.assertFalse(alarm.activity_ids)
        self.assertIn("Pau", alarm.message_ids[:1].body)
        self._sound()
        self.assertEqual(len(self.env["aptic.attempt.alarm"].search([])), 1, "it still goes on")
