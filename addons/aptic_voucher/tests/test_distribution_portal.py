"""The distributor's pages: each role sees and does what is its own, and nothing of another's."""

from odoo import http
from odoo.tests import HttpCase, tagged

from .test_distribution import DistributionCase


@tagged("post_install", "-at_install")
class TestDistributionPortal(DistributionCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls._lot(4)
        cls.sent = cls._lot(2, state="sent")
        cls.other = cls._lot(2, cls.relay_b)
        cls.everybody = (
            cls.relay_manager, cls.relay_mediator, cls.relay_accountant, cls.other_manager, cls.sponsor_user_a,
            cls.sponsor_user_b, cls.manager_a, cls.mediator_a, cls.stranger,
        )  # fmt: skip
        cls.reviewer.password = cls.reviewer.login
        cls.staff.password = cls.staff.login
        for user in cls.everybody:
            user.password = user.login
        cls.home = f"/my/aptic/distributor/{cls.relay_a.id}/lots"
        cls.page = f"{cls.home}/{cls.lot.id}"

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, allow_redirects=False)

    def _kinds(self, lot=None):
        (lot or self.lot).invalidate_recordset()
        return (lot or self.lot).event_ids.mapped("kind")

    # ---------------------------------------------------------------- reading
    def test_members_see_their_lots_and_nobody_else(self):
        for user in self.everybody:
            allowed = user in (self.relay_manager, self.relay_mediator, self.relay_accountant)
            self._log_in(user)
            for url in (self.home, self.page, f"{self.page}/note", f"{self.home}/page/1"):
                with self.subTest(user=user.login, url=url):
                    page = self.url_open(url, allow_redirects=False)
                    self.assertEqual(page.status_code, 200 if allowed else 403)
                    self.assertEqual(self.lot.name in page.text, allowed)
        self._log_in(self.relay_manager)
        self.assertIn(self.home, self.url_open("/my/aptic").text)
        for url in (
            f"{self.home}/{self.other.id}", f"{self.home}/{self._lot(1, state='prepared').id}",
            f"{self.home}/99999999999",
            f"/my/aptic/distributor/{self.relay_b.id}/lots/{self.lot.id}", "/my/aptic/distributor/99999999999/lots",
        ):  # fmt: skip
            self.assertEqual(self.url_open(url, allow_redirects=False).status_code, 403, url)
        self.assertNotIn(self.other.name, self.url_open(self.home).text)

    def test_the_public_logs_in_first(self):
        self.authenticate(None, None)
        for url in (self.home, self.page):
            self.assertIn("/web/login", self.url_open(url, allow_redirects=False).headers["Location"])

    def test_staff_downloads_the_delivery_note_others_do_not(self):
        url = f"/aptic/lots/{self.lot.id}/note"
        for user in (self.staff, self.reviewer):
            self._log_in(user)
            self.assertTrue(self.url_open(url).content.startswith(b"%PDF"))
        self.assertEqual(self.url_open("/aptic/lots/99999999999/note").status_code, 404)
        for user in (self.relay_manager, self.sponsor_user_a, self.stranger):
            self._log_in(user)
            self.assertEqual(self.url_open(url).status_code, 404)

    def test_a_sponsor_sees_the_figures_of_its_orders_only(self):
        self._move(self.lot, "inject", 0, 2)
        self._log_in(self.sponsor_user_a)
        text = self.url_open(f"/my/aptic/orders/{self.order.id}").text
        self.assertIn("o_aptic_distribution", text)
        self.assertIn(self.relay_a.name, text)
        self.assertNotIn(self.lot.name, text)
        self._log_in(self.sponsor_user_b)
        self.assertEqual(self.url_open(f"/my/aptic/orders/{self.order.id}").status_code, 403)

    # ----------------------------------------------------------------- writing
    def test_a_mediator_hands_out_by_scanning(self):
        self._log_in(self.relay_mediator)
        answer = self._post(f"{self.home}/hand-out", first=str(self.lot.serial_from + 5))
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self._kinds(), ["send", "receive", "inject"])
        self.assertEqual(self.lot.event_ids[-1].user_id, self.relay_mediator)
        page = self.url_open(answer.headers["Location"]).text
        self.assertIn("alert-success", page)
        self.assertIn(f"{self.lot.serial_from:010d}", page)
        again = self._post(f"{self.home}/hand-out", first=str(self.lot.serial_from))
        self.assertEqual(again.status_code, 422)
        self.assertIn(f"{self.lot.serial_from:010d}", again.text.split("alert-danger")[1][:200])
        self.assertEqual(len(self._kinds()), 3)

    def test_a_form_sent_twice_counts_once(self):
        self._log_in(self.relay_manager)
        data = {"first": str(self.lot.serial_from), "last": str(self.lot.serial_to), "form_token": "abc"}
        for _time in range(2):
            self.assertEqual(self._post(f"{self.home}/hand-out", **data).status_code, 303)
        self.assertEqual(self._kinds(), ["send", "receive", "inject"])

    def test_a_lot_is_acknowledged_on_its_page(self):
        self._log_in(self.relay_mediator)
        url = f"{self.home}/{self.sent.id}/receive"
        wrong = self._post(url, first=str(self.sent.serial_from), last=str(self.other.serial_to))
        self.assertEqual(wrong.status_code, 422)
        self.assertIn("alert-danger", wrong.text)
        self.assertIn(f"{self.sent.serial_to - 9:010d}", wrong.text.split("alert-danger")[1][:200])
        self.assertEqual(self._kinds(self.sent), ["send"])
        self.assertEqual(
            self._post(url, first=str(self.sent.serial_from), last=str(self.sent.serial_to)).status_code, 303
        )
        self.assertEqual(self._kinds(self.sent), ["send", "receive"])

    def test_managers_return_and_declare_losses(self):
        self._log_in(self.relay_manager)
        first = str(self.lot.serial_from)
        self.assertEqual(self._post(f"{self.page}/loss", first=first).status_code, 422)
        self.assertEqual(self._post(f"{self.page}/loss", first=first, reason="Vol").status_code, 303)
        answer = self._post(f"{self.page}/return", first=str(self.lot.serial_from + 10), last=str(self.lot.serial_to))
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self._kinds(), ["send", "receive", "lose", "return"])
        self.assertEqual(self._post(f"{self.page}/other", first=first).status_code, 404)

    def test_who_may_not_is_refused_and_nothing_is_written(self):
        first, last = str(self.lot.serial_from), str(self.lot.serial_to)
        for user in self.everybody:
            self._log_in(user)
            for act, url, roles in (
                ("hand-out", f"{self.home}/hand-out", (self.relay_manager, self.relay_mediator)),
                ("receive", f"{self.home}/{self.sent.id}/receive", (self.relay_manager, self.relay_mediator)),
                ("put-back", f"{self.page}/put-back", (self.relay_manager, self.relay_mediator)),
                ("return", f"{self.page}/return", (self.relay_manager,)),
                ("loss", f"{self.page}/loss", (self.relay_manager,)),
            ):
                if user in roles:
                    continue
                with self.subTest(user=user.login, act=act):
                    answer = self._post(url, first=first, last=last, reason="x")
                    self.assertEqual(answer.status_code, 403)
        self.assertEqual(self._kinds(), ["send", "receive"])
        self.assertEqual(self._kinds(self.sent), ["send"])

    def test_nonsense_gets_a_sentence(self):
        self._log_in(self.relay_manager)
        for first in ("", "abc", "0", "1x", "9" * 60, "0 0", "<script>", "\x00", "٣٤"):
            with self.subTest(first):
                for url in (f"{self.home}/hand-out", f"{self.page}/return", f"{self.page}/put-back"):
                    answer = self._post(url, first=first)
                    self.assertEqual(answer.status_code, 422)
                    self.assertIn("alert-danger", answer.text)
                    self.assertNotIn("<script>", answer.text.split("alert-danger")[1][:400])
        self.assertEqual(self.url_open(f"{self.home}?row=abc").status_code, 200)
        self.assertNotIn("alert-success", self.url_open(f"{self.home}?row={self.other.event_ids[0].id}").text)
        self.assertEqual(self._kinds(), ["send", "receive"])

    def test_a_distributor_works_in_the_browser(self):
        self.start_tour(f"{self.home}/{self.sent.id}", "aptic_distribution", login=self.relay_manager.login)
        self.assertEqual(self._kinds(self.sent), ["send", "receive", "inject"])
