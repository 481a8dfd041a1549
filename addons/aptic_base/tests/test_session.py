from urllib.parse import parse_qs, urlsplit

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestSession(ApticCase, HttpCase):
    """A form that is sent when the session is over leads back to its page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.manager_a.lang = "en_US"
        cls.base = f"/my/aptic/provider/{cls.provider_a.id}"
        cls.page = f"{cls.base}/places/new"

    def _send(self, url, token, referer):
        headers = {"Referer": referer and self.base_url() + referer}
        return self.url_open(url, data={"csrf_token": token, "name": "X"}, headers=headers, allow_redirects=False)

    def _goal(self, answer):
        self.assertIn(answer.status_code, (302, 303))
        place = urlsplit(answer.headers["Location"])
        return place.path, parse_qs(place.query)

    def test_only_internal_users_have_a_developer_mode(self):
        for user, mode in ((self.manager_a, ""), (self.reviewer, "1")):
            self.authenticate(user.login, user.login)
            for address in ("/my?debug=1", "/my"):
                self.assertIn(f'debug: "{mode}"', self.url_open(address).text, user.login)

    def test_logged_out_one_logs_in_and_is_back_on_the_page(self):
        self.authenticate(None, None)
        path, query = self._goal(self._send(self.page, "", f"{self.page}?service_id=3&saved=1"))
        self.assertEqual(path, "/web/login")
        self.assertEqual(query["redirect"], [f"{self.page}?service_id=3&session=expired"])
        login = self.url_open(f"/web/login?redirect={self.page}%3Fsession%3Dexpired").text
        self.assertIn("Your session has expired", login)
        self.assertNotIn("Your session has expired", self.url_open("/web/login").text)

    @mute_logger("odoo.http")
    def test_a_form_of_an_earlier_session_leads_back_to_its_page(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        before = len(self.provider_a.place_ids)
        for token in ("", "stale"):
            path, query = self._goal(self._send(self.page, token, self.page))
            self.assertEqual((path, query["session"]), (self.page, ["expired"]))
        self.assertEqual(len(self.provider_a.place_ids), before)
        page = self.url_open(f"{self.page}?session=expired").text
        self.assertIn("aptic_session_expired", page)
        self.assertNotIn("aptic_session_expired", self.url_open(self.page).text)

    @mute_logger("odoo.http")
    def test_no_way_leads_to_a_strange_page(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        for referer in ("", "/web", "//evil.example/my/aptic"):
            path, query = self._goal(self._send(self.page, "stale", referer))
            self.assertEqual((path, query), ("/my/aptic", {"session": ["expired"]}))
        answer = self.url_open(
            self.page,
            data={"csrf_token": "x"},
            headers={"Referer": "https://evil.example/my/aptic"},
            allow_redirects=False,
        )
        self.assertEqual(self._goal(answer)[0], "/my/aptic")

    def test_the_address_of_a_button_leads_to_its_page(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        for button, page in (
            (f"{self.base}/account/signatory", f"{self.base}/account"),
            (f"{self.base}/members/{self.mediator_a_member.id}", f"{self.base}/members"),
            (f"{self.base}/offers/{self.offer_a.id}/withdraw", f"{self.base}/offers/{self.offer_a.id}"),
        ):
            answer = self.url_open(f"{button}?session=expired")
            self.assertEqual((answer.status_code, urlsplit(answer.url).path), (200, page))
            self.assertIn("aptic_session_expired", answer.text)
        self.authenticate(None, None)
        self.assertEqual(self.url_open(button).status_code, 405)

    def test_other_refusals_stay_what_they_are(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertEqual(self.url_open("/my/aptic/nothing/here").status_code, 404)
        with mute_logger("odoo.http"):
            answer = self.url_open("/my/security", data={"csrf_token": "stale"}, allow_redirects=False)
        self.assertEqual(answer.status_code, 400)
        answer = self.url_open(f"{self.base}/places/new", data={"csrf_token": Request.csrf_token(self), "name": ""})
        self.assertIn("Give the place a name", answer.text)
