"""The agreement on the portal: who sees it, who signs, who withdraws."""

import html

from odoo import http
from odoo.tests import HttpCase, tagged

from ..models.aptic_setoff_agreement import VERSION
from .test_setoff import SetoffCase

FORM = {"name": "Ada Martin", "capacity": "Présidente", "version": VERSION, "confirmed": "1"}


@tagged("post_install", "-at_install")
class TestSetoffPortal(HttpCase, SetoffCase):
    def setUp(self):
        super().setUp()
        self.page = f"/my/aptic/provider/{self.provider_a.id}/setoff"

    def _get(self, user, path=None):
        self.authenticate(user.login, user.login)
        return self.url_open(path or self.page)

    def _post(self, user, path="", **values):
        self.authenticate(user.login, user.login)
        return self.url_open(self.page + path, {"csrf_token": http.Request.csrf_token(self), **values})

    def _live(self):
        return self.env["aptic.setoff.agreement"]._of(self.provider_a)

    def test_a_manager_signs_and_withdraws(self):
        page = self._get(self.manager_a)
        self.assertEqual(page.status_code, 200)
        self.assertIn("aptic_setoff_sign", page.text)
        answer = self._post(self.manager_a, **FORM)
        self.assertEqual(answer.status_code, 200)
        agreement = self._live()
        self.assertEqual((agreement.name, agreement.user_id), ("Ada Martin", self.manager_a))
        self.assertIn("aptic_setoff_agreed", answer.text)
        self.assertNotIn("aptic_setoff_sign", answer.text)
        self.assertEqual(self._get(self.manager_a, f"/my/aptic/setoff/{agreement.id}/pdf").content[:5], b"%PDF-")
        answer = self._post(self.manager_a, "/withdraw")
        self.assertFalse(self._live())
        self.assertEqual(agreement.withdrawn_by_id, self.manager_a)
        self.assertIn("aptic_setoff_earlier", answer.text)

    def test_what_is_missing_is_said_and_nothing_is_signed(self):
        for change in ({"confirmed": ""}, {"name": " "}, {"version": "1999"}):
            answer = self._post(self.manager_a, **{**FORM, **change})
            self.assertEqual(answer.status_code, 422, change)
            self.assertIn("alert-danger", answer.text)
            self.assertFalse(self._live())

    def test_others_neither_sign_nor_withdraw_nor_read(self):
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            self.assertEqual(self._post(user, **FORM).status_code, 403, user.login)
        self.assertFalse(self._live())
        agreement = self._agree()
        paper = f"/my/aptic/setoff/{agreement.id}/pdf"
        for user in (self.mediator_a, self.manager_b, self.sponsor_user_a, self.stranger):
            self.assertEqual(self._post(user, "/withdraw").status_code, 403, user.login)
            for path in (self.page, paper, "/my/aptic/setoff/999999999/pdf"):
                self.assertEqual(self._get(user, path).status_code, 403, f"{user.login} {path}")
        self.assertEqual(self._post(self.accountant_a, "/withdraw").status_code, 403)
        self.assertEqual(self._live(), agreement)
        for user in (self.accountant_a, self.staff):
            self.assertEqual(self._get(user, paper).status_code, 200)
        text = self._get(self.accountant_a).text
        self.assertIn("Ada Martin", text)
        self.assertNotIn("aptic_setoff_withdraw", text)

    def test_without_the_setting_there_is_nothing_to_sign(self):
        self.company.aptic_setoff_subscriptions = False
        self.assertIn("aptic_setoff_off", self._get(self.manager_a).text)
        self.assertEqual(self._post(self.manager_a, **FORM).status_code, 422)
        invoices = f"/my/aptic/provider/{self.provider_a.id}/invoices"
        self.assertNotIn("aptic_setoff_link", self._get(self.manager_a, invoices).text)
        self.company.aptic_setoff_subscriptions = True
        self.assertIn("aptic_setoff_link", self._get(self.manager_a, invoices).text)

    def test_the_statement_shows_it(self):
        self._agree()
        invoice = self._invoice()
        statement = self._month()
        text = html.unescape(self._get(self.accountant_a, f"/my/aptic/statements/{statement.id}").text)
        text = text.replace(",", ".")
        for word in ("aptic_statement_set_off", invoice.name, "28.80", "8.40", "20.40"):
            self.assertIn(word, text)
        self.assertNotIn("aptic_statement_offsets", text)
