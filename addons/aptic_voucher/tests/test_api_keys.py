"""The page on which a sponsor's manager makes and revokes keys."""

import re

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import VoucherCase


@tagged("post_install", "-at_install")
class TestApiKeys(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.stranger, cls.manager_a):
            user.write({"password": user.login, "lang": "en_US"})
        cls.url = f"/my/aptic/sponsor/{cls.sponsor_a.id}/keys"

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **data}, allow_redirects=False)

    def _keys(self):
        return self.env["aptic.api.key"].search([("sponsor_id", "=", self.sponsor_a.id)])

    def _secret(self, answer):
        return re.search(r'id="api_secret_value"[^>]*value="([0-9a-f]{40})"', answer.text).group(1)

    def test_a_manager_makes_uses_and_revokes_a_key(self):
        self._log_in(self.sponsor_user_a)
        self.assertIn(self.url, self.url_open("/my/aptic").text)
        form = {"name": "Tableur", "purposes": "orders:read", "days": "90", "form_token": "one-form"}
        answer = self._post(self.url, **form)
        self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
        secret, key = self._secret(answer), self._keys()
        self.assertEqual((key.name, key.purposes, key.prefix), ("Tableur", "orders:read", secret[:8]))
        again = self._post(self.url, **form)
        self.assertEqual(again.status_code, 303)
        self.assertEqual(len(self._keys()), 1)
        page = self.url_open(self.url).text
        self.assertNotIn(secret, page)
        self.assertIn("Tableur", page)
        bearer = {"Authorization": f"Bearer {secret}"}
        self.assertEqual(self.url_open("/aptic/api/v1/orders", headers=bearer).status_code, 200)
        self.assertEqual(self._post(f"{self.url}/{key.id}/revoke").status_code, 303)
        self.assertEqual(self.url_open("/aptic/api/v1/orders", headers=bearer).status_code, 401)
        self.assertEqual(key._state(), "revoked")

    def test_no_secret_is_kept(self):
        _key, secret = (
            self.env["aptic.api.key"]
            .with_user(self.sponsor_user_a)
            ._make(self.sponsor_a, "Tableur", ["orders:read"], 30)
        )
        for table in ("res_users_apikeys", "aptic_api_key", "mail_message"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{secret[8:]}%"])
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    def test_others_make_and_revoke_none(self):
        key, _secret = (
            self.env["aptic.api.key"]
            .with_user(self.sponsor_user_a)
            ._make(self.sponsor_a, "Tableur", ["orders:read"], 30)
        )
        for user in (self.accountant_user, self.sponsor_user_b, self.manager_a, self.stranger):
            self._log_in(user)
            with self.subTest(user.login):
                self.assertEqual(self.url_open(self.url).status_code, 403)
                self.assertEqual(self._post(self.url, name="x", purposes="orders:read", days="30").status_code, 403)
                self.assertEqual(self._post(f"{self.url}/{key.id}/revoke").status_code, 403)
        self._log_in(self.sponsor_user_b)
        own = f"/my/aptic/sponsor/{self.sponsor_b.id}/keys/{key.id}/revoke"
        self.assertEqual(self._post(own).status_code, 403)
        self.assertEqual((self._keys(), key._state()), (key, "alive"))

    def test_bad_input_is_explained(self):
        self._log_in(self.sponsor_user_a)
        good = {"name": "Tableur", "purposes": "orders:read", "days": "90"}
        for changes in (
            {"name": " \x00 "},
            {"purposes": ""},
            {"purposes": "desk:redeem"},
            {"days": "0"},
            {"days": "367"},
            {"days": "-1"},
            {"days": "9" * 30},
            {"days": "toujours"},
        ):
            with self.subTest(changes):
                answer = self._post(self.url, **{**good, **changes})
                self.assertEqual(answer.status_code, 422)
                self.assertIn("alert-danger", answer.text)
        self.assertFalse(self._keys())

    def test_there_are_so_many_keys_at_most(self):
        keys = self.env["aptic.api.key"].with_user(self.sponsor_user_a)
        for number in range(20):
            keys._make(self.sponsor_a, str(number), ["orders:read"], 30)
        with self.assertRaises(UserError):
            keys._make(self.sponsor_a, "20", ["orders:read"], 30)
        self._keys()[0]._revoke()
        keys._make(self.sponsor_a, "20", ["orders:read"], 30)

    def test_who_reads_keys_in_the_back_office(self):
        keys = self.env["aptic.api.key"]
        key, _secret = keys.with_user(self.sponsor_user_a)._make(self.sponsor_a, "Tableur", ["orders:read"], 30)
        self.assertEqual(key.with_user(self.staff_manager).name, "Tableur")
        for user in (self.staff, self.reviewer, self.accountant, self.sponsor_user_a, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                key.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                key.with_user(user).action_revoke()
        with self.assertRaises(AccessError):
            key.with_user(self.staff_manager).write({"purposes": "orders:read figures:read"})
        key.with_user(self.staff_manager).action_revoke()
        self.assertEqual(key._state(), "revoked")
