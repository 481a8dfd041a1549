from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.tests import HttpCase, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestScan(DeskCase, HttpCase):
    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    # ------------------------------------------------------------------- page
    def test_the_page_is_for_those_who_scan(self):
        for user, expected in (
            (self.mediator_a, 200),
            (self.manager_a, 200),
            (self.accountant_a, 403),
            (self.sponsor_user_a, 403),
            (self.stranger, 403),
        ):
            with self.subTest(user=user.login):
                self._log_in(user)
                page = self.url_open("/my/aptic/scan")
                self.assertEqual(page.status_code, expected)
                self.assertEqual("aptic_pos.scan" in page.text, expected == 200)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/aptic/scan").url)

    def test_the_page_says_whose_it_is(self):
        """The service worker keeps a page for the user that it names, and hands it to nobody else."""
        for user in (self.mediator_a, self.manager_a):
            self._log_in(user)
            page = self.url_open("/my/aptic/scan")
            self.assertEqual(page.headers["X-Aptic-Desk"], str(user.id))
            self.assertEqual(page.headers["Cache-Control"], "no-store")
        self._log_in(self.stranger)
        self.assertNotIn("X-Aptic-Desk", self.url_open("/my/aptic/scan").headers)

    def test_what_waits_is_shown_beside_the_scans_too(self):
        for user, expected in ((self.mediator_a, True), (self.manager_a, True), (self.accountant_a, False)):
            self._log_in(user)
            page = self.url_open("/my/aptic/redemptions").text
            self.assertEqual('name="aptic_pos.waiting"' in page, expected)

    def test_the_page_is_an_app(self):
        self._log_in(self.mediator_a)
        self.assertIn('href="/my/aptic/scan/manifest.webmanifest"', self.url_open("/my/aptic/scan").text)
        self.authenticate(None, None)
        manifest = self.url_open("/my/aptic/scan/manifest.webmanifest").json()
        self.assertEqual((manifest["scope"], manifest["start_url"]), ("/my/aptic/scan", "/my/aptic/scan"))
        for icon in manifest["icons"]:
            self.assertEqual(self.url_open(icon["src"]).headers["Content-Type"], "image/png")
        worker = self.url_open("/my/aptic/scan/worker.js")
        self.assertEqual(worker.headers["Service-Worker-Allowed"], "/my/aptic/scan")
        self.assertIn("javascript", worker.headers["Content-Type"])
        self.assertIn("addEventListener", worker.text)

    def test_a_page_shows_its_own_places_only(self):
        self._log_in(self.mediator_a)
        page = self.url_open("/my/aptic/scan").text
        self.assertIn("Lieu A", page)
        self.assertNotIn("Lieu B", page)

    def test_places_are_open_by_the_day_in_france(self):
        today, now = clock.today(), fields.Datetime.now().replace(tzinfo=timezone.utc)
        zones = ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # one of them has another day, whatever the hour
        self.mediator_a.tz = next(zone for zone in zones if now.astimezone(ZoneInfo(zone)).date() != today)
        self.place_a.write({"open_from": today, "open_until": today})
        self._log_in(self.mediator_a)
        self.assertIn("Lieu A", self.url_open("/my/aptic/scan").text)

    def test_a_provider_that_is_not_active_finds_what_is_missing(self):
        self.provider_a._guarded_write({"state": "chartered"})
        self._log_in(self.manager_a)
        page = self.url_open("/my/aptic/scan").text
        self.assertIn("Rien ne peut encore être scanné", page)
        self.assertNotIn('name="aptic_pos.scan"', page)
        self.assertIn('name="aptic_pos.waiting"', page, "what was scanned before still waits to be sent")

    def test_hub_card(self):
        for user, scans in ((self.mediator_a, True), (self.accountant_a, False)):
            self._log_in(user)
            page = self.url_open("/my/aptic").text
            self.assertEqual('href="/my/aptic/scan"' in page, scans)
            self.assertIn(f"/my/aptic/redemptions?provider_id={self.provider_a.id}", page)
        self._log_in(self.sponsor_user_a)
        self.assertNotIn("/my/aptic/redemptions", self.url_open("/my/aptic").text)

    # ------------------------------------------------------------------ calls
    def test_look_then_spend(self):
        self._log_in(self.mediator_a)
        looked = self._check(self.codes[:1])
        self.assertEqual((looked["status"], looked["vouchers"][0]["face_cents"]), ("ok", 1000))
        answer = self._redeem(self.codes[:1])
        self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("done", 1000, 200))
        redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.assertEqual((redemption.user_id, redemption.place_id), (self.mediator_a, self.place_a))
        self.assertEqual(self._check(self.codes[:1])["status"], "used")
        self.assertEqual(self._redeem(self.codes[:1])["status"], "used")

    def test_a_lost_answer_can_be_asked_for_again(self):
        self._log_in(self.mediator_a)
        first = self._redeem(self.codes[:1], client_key="lost-answer")
        self.assertEqual(self._redeem(self.codes[:1], client_key="lost-answer"), first)
        self.assertEqual(self._redeem(self.codes[1:2], client_key="lost-answer")["status"], "key_reused")
        self.assertEqual(self.env["aptic.redemption"].search_count([("client_key", "=", "lost-answer")]), 1)

    def test_others_spend_and_learn_nothing(self):
        for user in (self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login):
                self._log_in(user)
                for answer in (self._check(self.codes[:1]), self._redeem(self.codes[:1])):
                    self.assertEqual(answer["status"], "provider")
                    self.assertEqual(answer["message_args"], {"reason": "member"})
                    self.assertNotIn("vouchers", answer)
        self.assertFalse(self.env["aptic.redemption"].search_count([("provider_id", "=", self.provider_a.id)]))
        self.assertEqual(self._check(self.codes[:1], place_id=2**30)["status"], "provider", "as if it were another's")

    def test_who_has_left_learns_nothing_more(self):
        self._log_in(self.mediator_a)
        self.assertEqual(self._check(self.codes[:1])["status"], "ok")
        for change in ({"role": "accountant"}, {"role": "mediator", "active": False}):
            self.mediator_a_member.write(change)
            for answer in (self._check(self.codes[:1]), self._redeem(self.codes[:1])):
                self.assertEqual(answer["status"], "provider")
                self.assertFalse(answer.get("vouchers"))

    def test_anothers_offer(self):
        self._log_in(self.mediator_a)
        self.assertEqual(self._redeem(self.codes[:1], offer_id=self.offer_b.id)["status"], "provider")
        self.assertEqual(self._redeem(self.codes[:1], offer_id=2**30)["status"], "service")
        self.assertEqual(self._redeem(self.codes[:1], audience_id=2**30)["status"], "audience")

    def test_nonsense_is_answered_in_peace(self):
        self._log_in(self.mediator_a)
        for change in (
            {"codes": "1"}, {"codes": []}, {"codes": [1]}, {"codes": ["1" * 200]}, {"codes": ["\0"]}, {"codes": None},
            {"place_id": "1"}, {"place_id": True}, {"place_id": 2**40}, {"place_id": None},
        ):  # fmt: skip
            with self.subTest(change=change):
                self.assertEqual(self._check(**{"codes": self.codes[:1], **change})["status"], "invalid")
        for change in (
            {"client_key": "short"}, {"client_key": None}, {"client_key": "k" * 65}, {"client_key": "\n" * 9},
            {"client_time": "yesterday"}, {"client_time": None}, {"client_time": "2026-01-01T00:00:00+02:00"},
            {"price_cents": -5}, {"price_cents": 10.5}, {"price_cents": None}, {"offer_id": [1]}, {"audience_id": "x"},
        ):  # fmt: skip
            with self.subTest(change=change):
                self.assertEqual(self._redeem(**{"codes": self.codes[:1], **change})["status"], "invalid")
        self.assertEqual(self._check(["é" * 24])["status"], "unknown")
        self.assertEqual(self._check(["0" * 24] * 21)["status"], "too_many")

    # ---------------------------------------------------------- subscription
    def test_the_first_scan_wakes_the_subscription(self):
        subscription = self.env["aptic.subscription"].search([("provider_id", "=", self.provider_a.id)])
        subscription = subscription or self.env["aptic.subscription"]._guarded_create(
            [{"provider_id": self.provider_a.id, "plan": "monthly"}]
        )
        self.assertEqual(subscription.state, "sleeping")
        self._log_in(self.mediator_a)
        answer = self._redeem(self.codes[:1])
        subscription.invalidate_recordset()
        self.assertEqual(subscription.state, "waking")
        self.assertEqual(subscription.first_scan_day, self.env["aptic.redemption"].browse(answer["redemption_id"]).day)
