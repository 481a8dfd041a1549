from unittest.mock import patch

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestPortalMembers(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.sponsor_user_a, cls.stranger):
            user.lang = "en_US"
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/members"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values})

    def _invited(self, organisation, address):
        members = self.env["aptic.member"].with_context(active_test=False)
        return members.search([("invited_email", "=", address)]).filtered(
            lambda member: member._organisation() == organisation
        )

    def test_a_manager_invites_changes_and_takes_away(self):
        self._as(self.manager_a)
        self.assertIn(self.url, self.url_open("/my/aptic").text)
        page = self.url_open(self.url).text
        self.assertIn(self.mediator_a.name, page)
        self.assertNotIn(self.manager_b.email, page)
        token = page.partition('name="form_token" value="')[2].partition('"')[0]
        for _time in range(2):
            answer = self._post(self.url, email="neuf@example.org", name="Neuf", role="accountant", form_token=token)
            self.assertIn("The invitation was sent", answer.text)
        member = self._invited(self.provider_a, "neuf@example.org")
        self.assertEqual((len(member), member.role, member.pending), (1, "accountant", True))
        self.assertEqual(len(self.env["mail.mail"].sudo().search([("email_to", "=", "neuf@example.org")])), 1)
        self.assertIn("within the last hour", self._post(f"{self.url}/{member.id}", act="resent").text)
        self._post(f"{self.url}/{member.id}", act="revoked")
        self.assertFalse(member.pending)
        self._post(f"{self.url}/{self.mediator_a_member.id}", act="role", role="accountant")
        self.assertEqual(self.mediator_a_member.role, "accountant")
        answer = self._post(f"{self.url}/{self.mediator_a_member.id}", act="revoked")
        self.assertIn("Access was taken away", answer.text)
        self.assertFalse(self.mediator_a_member.active)

    def test_the_last_manager_reads_why_not(self):
        self._as(self.manager_a)
        for values in ({"act": "revoked"}, {"act": "role", "role": "mediator"}):
            answer = self._post(f"{self.url}/{self.manager_a_member.id}", **values)
            self.assertIn("must keep a manager", answer.text)
        self.assertEqual((self.manager_a_member.role, self.manager_a_member.active), ("manager", True))
        self.assertIn("Choose what to do", self._post(f"{self.url}/{self.mediator_a_member.id}", act="x").text)

    def test_what_was_typed_stays_on_the_form(self):
        self._as(self.manager_a)
        answer = self._post(self.url, email="pas une adresse", name="Zoé", role="accountant")
        self.assertIn("complete e-mail address", answer.text)
        self.assertIn('value="pas une adresse"', answer.text)
        self.assertIn('value="Zoé"', answer.text)

    def test_others_are_refused(self):
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            self._as(user)
            for answer in (
                self.url_open(self.url),
                self._post(self.url, email="x@example.org", role="manager"),
                self._post(f"{self.url}/{self.mediator_a_member.id}", act="role", role="manager"),
            ):
                self.assertEqual(answer.status_code, 403, user.login)
                self.assertNotIn(self.accountant_a.email, answer.text)
        self._as(self.manager_a)
        for number in (self.manager_b_member.id, 10**12):
            self.assertEqual(self._post(f"{self.url}/{number}", act="revoked").status_code, 403)
        self.assertTrue(self.manager_b_member.active)
        self.assertEqual(self.mediator_a_member.role, "mediator")
        self.assertFalse(self._invited(self.provider_a, "x@example.org"))

    def test_a_sponsor_has_the_same_page(self):
        url = f"/my/aptic/sponsor/{self.sponsor_a.id}/members"
        self._as(self.sponsor_user_a)
        self.assertIn(url, self.url_open("/my/aptic").text)
        self._post(url, email="comptable@example.org", role="accountant")
        self.assertTrue(self._invited(self.sponsor_a, "comptable@example.org"))
        self._as(self.sponsor_user_b)
        self.assertEqual(self.url_open(url).status_code, 403)

    def test_the_invited_person_accepts(self):
        self.stranger.with_user(self.stranger)._update_last_login()
        member = (
            self.env["aptic.member"]
            .with_user(self.manager_a)
            ._invite(self.provider_a, self.stranger.email, "Une amie", "accountant")
        )
        path = "/my/aptic/invitation/" + member._invitation_url().partition("/my/aptic/invitation/")[2]
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(path).url)
        self._as(self.manager_b)
        self.assertIn("for another account", self.url_open(path).text)
        self.assertEqual(self._post(path).status_code, 200)
        self.assertTrue(member.pending)
        self._as(self.stranger)
        self.assertIn("Acteur A (test)", self.url_open(path).text)
        self.assertTrue(member.pending, "to look is not to accept")
        self.assertIn("Acteur A (test)", self._post(path).text)
        self.assertEqual((member.active, member.pending), (True, False))
        self.assertEqual(self.url_open(path).status_code, 404)
        self.assertEqual(self.url_open("/my/aptic/invitation/xyz").status_code, 404)

    def test_a_new_account_comes_by_the_link_of_the_mail(self):
        member = (
            self.env["aptic.member"]
            .with_user(self.manager_a)
            ._invite(self.provider_a, "toute.neuve@example.org", "Toute Neuve", "mediator")
        )
        self.authenticate(None, None)
        link = member._invitation_url()
        page = self.url_open(link[link.index("/web/") :])
        self.assertIn("toute.neuve@example.org", page.text)
        form = {"password": "toute-neuve-2026", "confirm_password": "toute-neuve-2026", "name": "Toute Neuve"}
        answer = self._post(link[link.index("/web/") :], login="toute.neuve@example.org", **form)
        self.assertIn("/my/aptic/invitation/", answer.url)
        self.assertIn("Acteur A (test)", answer.text)

    def test_the_last_manager_cannot_close_the_account_on_the_portal(self):
        self._as(self.manager_a)
        with patch.object(self.env.registry["res.users"], "_check_credentials", lambda *_args: None):
            answer = self._post("/my/deactivate_account", validation=self.manager_a.login, password="x")
        self.assertIn("must keep a manager", answer.text)
        self.assertTrue(self.manager_a.active)

    def test_the_page_costs_the_same_for_many_members(self):
        self._as(self.manager_a)
        few = self._count()
        for number in range(30):
            self._member(self.provider_a, "mediator", f"many{number}")
        self.assertLessEqual(few, 60)
        self.assertLessEqual(self._count(), few + 3)

    def _count(self):
        self.url_open(self.url)
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open(self.url).status_code, 200)
        return self.env.cr.sql_log_count - before
