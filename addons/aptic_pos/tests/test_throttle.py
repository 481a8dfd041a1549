from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestThrottle(DeskCase, HttpCase):
    def test_ten_wrong_codes_stop_a_user(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        forged = self._forged()
        for n in range(10):
            answer = self._check([forged]) if n % 2 else self._redeem([forged])
            self.assertEqual(answer["status"], "unknown")
        for answer in (self._check([forged]), self._check(self.codes[:1]), self._redeem(self.codes[:1])):
            self.assertEqual(answer["status"], "throttled")
        attempts = self.env["aptic.attempt"].search([("user_id", "=", self.mediator_a.id)])
        self.assertEqual((len(attempts), attempts.place_id), (10, self.place_a))
        self.env.cr.execute("UPDATE aptic_attempt SET at = at - interval '11 minutes'")
        self.assertEqual(self._redeem(self.codes[:1])["status"], "done")

    def test_others_go_on_and_typing_errors_do_not_count(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        for _n in range(12):
            self.assertEqual(self._check(["1" * 24])["status"], "unknown")
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")
        for _n in range(10):
            self._check([self._forged()])
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")

    def test_a_lost_answer_is_given_even_then(self):
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        first = self._redeem(self.codes[:1], client_key="lost-answer")
        for _n in range(10):
            self._check([self._forged()])
        self.assertEqual(self._redeem(self.codes[:1], client_key="lost-answer"), first)

    def test_who_reads_the_tries(self):
        self.env["aptic.attempt"]._note(self.mediator_a_member, self.place_a)
        attempt = self.env["aptic.attempt"].search([], limit=1)
        self.assertTrue(attempt.with_user(self.staff_manager).at)
        for user in (self.staff, self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                attempt.with_user(user).read(["at"])
        for user in (self.staff_manager, self.manager_a):
            with self.assertRaises(AccessError):
                attempt.with_user(user).unlink()

    def test_old_tries_are_forgotten(self):
        self.env["aptic.attempt"]._note(self.mediator_a_member, self.place_a)
        attempt = self.env["aptic.attempt"].search([], limit=1)
        self.env["aptic.attempt"]._forget_old()
        self.assertTrue(attempt.exists())
        self.env.cr.execute(
            "UPDATE aptic_attempt SET at = %s WHERE id = %s", (attempt.at - timedelta(days=91), attempt.id)
        )
        self.env.invalidate_all()
        self.env["aptic.attempt"]._forget_old()
        self.assertFalse(attempt.exists())
