"""The API from outside, as a sponsor's tool asks it: whose data, for what, how much, how often."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import VoucherCase

ORDERS = "/aptic/api/v1/orders"
KEY = "/aptic/api/v1/key"
BOTH = ("orders:read", "figures:read")


@tagged("post_install", "-at_install")
class TestApi(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.order_a = cls._order(rules=[("territory", cls.bordeaux)], message="Bon numérique !", quantity=20)
        cls.draft_a = cls._order(state="draft")
        cls.order_b = cls._order(sponsor=cls.sponsor_b)
        cls.key, cls.secret = cls._key(cls.sponsor_a, cls.sponsor_user_a)
        cls.key_b, cls.secret_b = cls._key(cls.sponsor_b, cls.sponsor_user_b)

    @classmethod
    def _key(cls, sponsor, user, purposes=BOTH, days=30, name="Tableau de bord"):
        return cls.env["aptic.api.key"].with_user(user)._make(sponsor, name, purposes, days)

    def _ask(self, path, secret=None, method="GET", **headers):
        if secret or secret is None:
            headers["Authorization"] = f"Bearer {secret or self.secret}"
        return self.url_open(path, headers=headers, method=method, allow_redirects=False)

    def _problem(self, answer, status, kind):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json; charset=utf-8")
        body = answer.json()
        self.assertEqual((body["status"], body["type"]), (status, f"urn:aptic:problem:{kind}"))
        self.assertNotIn("Traceback", answer.text)
        self.assertTrue(body["title"] and body["detail"])
        return body

    # ------------------------------------------------------------------- reads
    def test_a_key_says_what_it_is(self):
        body = self._ask(KEY).json()
        self.assertEqual(
            body["organisation"], {"kind": "sponsor", "id": self.sponsor_a.id, "name": self.sponsor_a.name}
        )
        self.assertEqual(body["purposes"], sorted(BOTH))

    def test_the_orders_of_the_keys_sponsor(self):
        answer = self._ask(ORDERS)
        rows = answer.json()["data"]
        self.assertEqual([row["id"] for row in rows], [self.draft_a.id, self.order_a.id])
        row = rows[1]
        self.assertEqual(
            (row["state"], row["quantity"], row["face_cents"], row["activated_cents"]), ("active", 20, 20000, 20000)
        )
        self.assertEqual(
            row["rules"], [{"kind": "territory", "values": [{"code": "33063", "name": self.bordeaux.name}]}]
        )
        self.assertEqual(self._ask(f"{ORDERS}/{self.order_a.id}").json(), row)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertEqual([one["id"] for one in self._ask(f"{ORDERS}?state=draft").json()["data"]], [self.draft_a.id])

    def test_every_kind_of_rule_is_told(self):
        fields_of_dates = {"date_from": "2026-12-01", "date_until": False}
        distributor = self.env["aptic.distributor"].create({"name": "Relais (test)", "is_company": True})
        order = self._order(
            state="draft",
            rules=[
                ("excluded_provider", self.provider_b),
                ("dates", fields_of_dates),
                ("weekdays", {"on_tuesday": True, "on_sunday": True}),
                ("max_price", {"max_price_cents": 1250}),
                ("no_copay", {}),
                ("max_per_day", {"max_count": 2}),
            ],
            allotment_ids=[
                Command.create({"distributor_id": distributor.id, "booklet_limit": 3}),
                Command.create({"territory_id": self.bordeaux.id}),
            ],
        )
        row = self._ask(f"{ORDERS}/{order.id}").json()
        excluded = [{"code": self.provider_b.siret or None, "name": self.provider_b.name}]
        self.assertCountEqual(
            row["rules"],
            [
                {"kind": "excluded_provider", "values": excluded},
                {"kind": "dates", "values": [], "from": "2026-12-01", "until": None},
                {"kind": "weekdays", "values": [], "days": [2, 7]},
                {"kind": "max_price", "values": [], "cents": 1250},
                {"kind": "no_copay", "values": []},
                {"kind": "max_per_day", "values": [], "count": 2},
            ],
        )
        self.assertEqual(
            row["distribution_rules"],
            [
                {"distributor": distributor.name, "territory": None, "booklets": 3},
                {"distributor": None, "territory": {"code": "33063", "name": self.bordeaux.name}, "booklets": None},
            ],
        )
        self.assertEqual(row["amendments"], [])

    def test_extensions_of_the_rules_are_told(self):
        change = {"kind": "territory", "ids": self.pau.ids}
        amendments = self.env["aptic.amendment"]
        amendments._ask(self.order_a, [change], "Pau aussi")._approve()
        asked = amendments._ask(self.order_a, [{"kind": "territory", "ids": self.lyon.ids}], "Lyon aussi")
        rows = self._ask(f"{ORDERS}/{self.order_a.id}").json()["amendments"]
        self.assertEqual([row["stage"] for row in rows], ["asked", "approved"])
        self.assertEqual([row["changes"][0]["values"][0]["name"] for row in rows], [self.lyon.name, self.pau.name])
        self.assertTrue(rows[1]["decided_at"].endswith("Z"))
        asked._decline("Trop loin")
        row = self._ask(f"{ORDERS}/{self.order_a.id}").json()
        self.assertEqual((row["amendments"][0]["stage"], row["amendments"][0]["answer"]), ("declined", "Trop loin"))
        self.assertEqual([one["name"] for one in row["rules"][0]["values"]], [self.bordeaux.name, self.pau.name])

    def test_pages(self):
        more = [self._order(state="draft") for _number in range(3)]
        wanted = [order.id for order in [*reversed(more), self.draft_a, self.order_a]]
        found, path = [], f"{ORDERS}?limit=2"
        for _page in range(3):
            body = self._ask(path).json()
            self.assertLessEqual(len(body["data"]), 2)
            found += [row["id"] for row in body["data"]]
            path = f"{ORDERS}?limit=2&cursor={body['next']}"
        self.assertEqual(found, wanted)
        self.assertIsNone(body["next"])

    def test_counts_are_the_ledgers(self):
        self._spend(self.order_a, 3, fields.Datetime.now())
        body = self._ask(f"{ORDERS}/{self.order_a.id}/counts").json()
        self.assertEqual(
            body["vouchers"],
            {
                "ordered": 20, "printed": 20, "delivered": 20, "activated": 20, "injected": 0,
                "redeemed": 3, "expired": 0, "blocked": 0, "replaced": 0, "remaining": 17,
            },
        )  # fmt: skip
        self.assertEqual(body["booklets"], {"ordered": 2, "started": 1})
        self.assertEqual((body["cents"]["redeemed"], body["cents"]["remaining"]), (3000, 17000))
        self.assertEqual(body["days"]["activated"], str(fields.Date.today()))
        self.assertIsNone(body["days"]["expired"])

    def test_redemptions_without_small_groups_nor_the_present_month(self):
        order = self._order(quantity=20)
        places = [self.place_a] * 6 + [self._place(self.provider_a, "Lieu Pau", self.pau, self.library)] * 2
        before = fields.Datetime.now().replace(day=1, hour=12) - timedelta(days=10)
        for number, place in enumerate(places):
            self._spend_one(order, number, place, before)
        self._spend_one(order, len(places), self.place_a, fields.Datetime.now())
        url = f"{ORDERS}/{order.id}/redemptions"
        month = str(before.date())[:7]
        wanted = {"month": month, "others": False, "redemptions": 8, "vouchers": 8, "face_cents": 8000}
        self.assertEqual(self._ask(url).json(), {"data": [wanted], "next": None})
        for level in ("department", "commune"):
            with self.subTest(level=level):
                # Bordeaux alone would give Pau away.
                rows = self._ask(f"{url}?by=territory&level={level}").json()["data"]
                self.assertEqual([(row["others"], row["redemptions"]) for row in rows], [(True, 8)])
                self.assertEqual(rows[0]["territory"]["level"], "region")
                self.assertNotIn("Pau", json.dumps(rows))
        rows = self._ask(f"{url}?by=territory&level=region").json()["data"]
        self.assertEqual([(row["territory"]["code"], row["redemptions"]) for row in rows], [("75", 8)])
        rows = self._ask(f"{url}?by=service").json()["data"]
        self.assertEqual([(row["service"]["code"], row["redemptions"]) for row in rows], [("test_service", 8)])

    def test_less_than_a_group_shows_nothing(self):
        before = fields.Datetime.now().replace(day=1, hour=12) - timedelta(days=10)
        for number in range(4):
            self._spend_one(self.order_a, number, self.place_a, before)
        self.assertEqual(self._ask(f"{ORDERS}/{self.order_a.id}/redemptions?by=territory").json()["data"], [])

    def _spend(self, order, count, moment):
        for number in range(count):
            self._spend_one(order, number, self.place_a, moment)

    def _spend_one(self, order, number, place, moment):
        with patch.object(self.env.registry["aptic.redemption"], "_check_redeemer", lambda *_args, **_words: None):
            self.env["aptic.redemption"].sudo()._redeem_locked(
                self.manager_a_member, place, self.offer_a, self.everyone, [self._codes(order)[number]], 1000,
                f"api-{order.id}-{number}", moment, now=moment, strict=True,
            )  # fmt: skip

    # --------------------------------------------------------------- refusals
    def test_no_key_a_wrong_one_a_cookie(self):
        self._problem(self._ask(ORDERS, secret=False), 401, "key")
        self._problem(self._ask(ORDERS, secret="0" * 40), 401, "key")
        self._problem(self._ask(ORDERS, secret=self.secret[:8] + "0" * 32), 401, "key")
        self._problem(self._ask(ORDERS, secret="é\x01"[:1].encode("latin-1").decode("latin-1")), 401, "key")
        answer = self.url_open(ORDERS, headers={"Authorization": "Basic abc"})
        self._problem(answer, 401, "key")
        self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        self._problem(self._ask(ORDERS, secret=False), 401, "key")

    def test_another_sponsors_orders_are_not_there(self):
        for path in ("", "/counts", "/redemptions"):
            url = f"{ORDERS}/{self.order_b.id}{path}"
            with self.subTest(path):
                self.assertEqual(self._ask(url, self.secret_b).status_code, 200)
                self.assertEqual(
                    self._problem(self._ask(url), 404, "not-found"),
                    self._problem(self._ask(f"{ORDERS}/99999999999999999999{path}"), 404, "not-found"),
                )
        self.assertEqual([row["id"] for row in self._ask(ORDERS, self.secret_b).json()["data"]], [self.order_b.id])

    def test_a_cookie_of_somebody_else_changes_nothing(self):
        self.authenticate(self.sponsor_user_b.login, self.sponsor_user_b.login)
        self.assertEqual([row["id"] for row in self._ask(ORDERS).json()["data"]], [self.draft_a.id, self.order_a.id])

    def test_a_key_opens_what_it_is_for_alone(self):
        _key, secret = self._key(self.sponsor_a, self.sponsor_user_a, ["figures:read"])
        self._problem(self._ask(ORDERS, secret), 403, "purpose")
        self._problem(self._ask(f"{ORDERS}/{self.order_a.id}/counts", secret), 403, "purpose")
        self.assertEqual(self._ask(f"{ORDERS}/{self.order_a.id}/redemptions", secret).status_code, 200)

    def test_a_key_ends_when_it_is_revoked(self):
        self.assertEqual(self._ask(ORDERS).status_code, 200)
        self.key.with_user(self.sponsor_user_a).sudo()._revoke()
        self._problem(self._ask(ORDERS), 401, "key")
        self.assertEqual((self.key._state(), self.key.revoked_by_id), ("revoked", self.sponsor_user_a))

    def test_a_key_ends_when_odoo_forgets_its_secret(self):
        secrets = self.env["res.users.apikeys"].search([("scope", "=", f"aptic:{self.key.id}")])
        secrets.with_user(self.sponsor_user_a)._remove()
        self._problem(self._ask(ORDERS), 401, "key")
        self.assertEqual(self.key._state(), "revoked")

    def test_a_key_ends_with_its_time(self):
        self.env.cr.execute(
            "UPDATE res_users_apikeys SET expiration_date = now() AT TIME ZONE 'utc' - interval '1 second'"
            " WHERE scope = %s", [f"aptic:{self.key.id}"]
        )  # fmt: skip
        self._problem(self._ask(ORDERS), 401, "key")

    def test_a_key_ends_with_its_makers_role(self):
        second, member = self._member(self.sponsor_a, "manager", "second_manager")
        _key, secret = self._key(self.sponsor_a, second)
        self.assertEqual(self._ask(ORDERS, secret).status_code, 200)
        member.role = "accountant"
        self._problem(self._ask(ORDERS, secret), 403, "owner")
        member.role = "manager"
        member._revoke()
        self._problem(self._ask(ORDERS, secret), 403, "owner")

    def test_a_key_ends_with_its_makers_account(self):
        second, _member = self._member(self.sponsor_a, "manager", "second_manager")
        key, secret = self._key(self.sponsor_a, second)
        second.active = False
        self._problem(self._ask(ORDERS, secret), 403, "owner")
        self.assertEqual(key._state(), "owner")

    @mute_logger("odoo.http")
    def test_our_key_opens_no_rpc(self):
        for scope_free in (False, True):
            secret = self.secret
            if scope_free:
                rpc = self.env["res.users.apikeys"].with_user(self.sponsor_user_a).sudo()
                secret = rpc._generate(None, "RPC", fields.Datetime.now() + timedelta(days=1))
                self.env.flush_all()
            answer = self.url_open(
                "/json/2/res.partner/search_read",
                data=json.dumps({"domain": [], "limit": 1}),
                headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            )
            with self.subTest(scope_free=scope_free):
                self.assertEqual(answer.status_code == 401, not scope_free)
        uid = self.env["res.users.apikeys"]._check_credentials(scope="rpc", key=self.secret)
        self.assertFalse(uid)

    def test_a_key_for_rpc_does_not_open_ours(self):
        rpc = self.env["res.users.apikeys"].with_user(self.sponsor_user_a).sudo()
        for scope in (None, "rpc", "orders:read", "aptic:0", f"aptic:{self.key_b.id}"):
            secret = rpc._generate(scope, "RPC", fields.Datetime.now() + timedelta(days=1))
            with self.subTest(scope):
                self._problem(self._ask(ORDERS, secret), 401, "key")

    # -------------------------------------------------------------- bad input
    def test_parameters_are_checked(self):
        url = f"{ORDERS}/{self.order_a.id}/redemptions"
        for path, names in (
            (f"{ORDERS}?state=x", ["state"]),
            (f"{ORDERS}?limit=0&cursor=%00", ["limit", "cursor"]),
            (f"{ORDERS}?limit=201", ["limit"]),
            (f"{ORDERS}?limit=-1", ["limit"]),
            (f"{ORDERS}?limit=%C2%B2", ["limit"]),
            (f"{ORDERS}?limit=1&limit=2", ["limit"]),
            (f"{ORDERS}?sponsor_id={self.sponsor_b.id}", ["sponsor_id"]),
            (f"{ORDERS}?cursor=" + "A" * 4000, ["cursor"]),
            (f"{ORDERS}/{self.order_a.id}?fields=logo", ["fields"]),
            (f"{url}?by=person&level=", ["by", "level"]),
        ):
            with self.subTest(path[:80]):
                body = self._problem(self._ask(path), 422, "parameters")
                self.assertEqual([error["parameter"] for error in body["errors"]], names)

    def test_addresses_and_methods(self):
        for path in ("/aptic/api/v1", "/aptic/api/v2/orders", "/aptic/api/v1/orders/abc", "/aptic/api//v1/orders"):
            with self.subTest(path):
                self._problem(self._ask(path), 404, "not-found")
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method):
                answer = self._ask(ORDERS, method=method)
                self._problem(answer, 405, "method")
                self.assertIn("GET", answer.headers["Allow"])

    def test_what_breaks_is_a_problem_too(self):
        def breaks(*_args):
            raise ZeroDivisionError("secret detail")

        with patch.object(self.env.registry["aptic.order"], "_api_page", breaks), mute_logger("odoo.http"):
            answer = self._ask(ORDERS)
        self._problem(answer, 500, "internal")
        self.assertNotIn("secret detail", answer.text)

    def test_problems_are_french(self):
        self.assertIn("Authorization", self._problem(self._ask(ORDERS, secret=False), 401, "key")["detail"])
        self.assertEqual(self._problem(self._ask("/aptic/api/x"), 404, "not-found")["title"], "Introuvable")

    # ------------------------------------------------------------------- rate
    def test_too_many_requests(self):
        self.env["ir.config_parameter"].sudo().set_param("aptic_base.api_per_minute", "3")
        for _time in range(3):
            self.assertEqual(self._ask(KEY).status_code, 200)
        answer = self._ask(KEY)
        self._problem(answer, 429, "rate")
        self.assertTrue(0 < int(answer.headers["Retry-After"]) <= 60)
        self.assertEqual(self._ask(KEY, self.secret_b).status_code, 200, "each key has its own count")
        self.env.cr.execute("UPDATE aptic_api_use SET at = at - interval '61 seconds'")
        self.assertEqual(self._ask(KEY).status_code, 200)

    def test_the_last_use_outlives_the_counts(self):
        self.assertEqual(self.key._last_uses(), {})
        self._ask(KEY)
        used = self.key._last_uses()[self.key.id]
        self.assertAlmostEqual(used, fields.Datetime.now(), delta=timedelta(seconds=30))
        self.env.cr.execute("UPDATE aptic_api_use SET at = at - interval '25 hours'")
        self.env["aptic.api.use"]._forget_old()
        self.assertFalse(self.env["aptic.api.use"].search([("key_id", "=", self.key.id)]))
        self.assertEqual(self.key._last_uses()[self.key.id], used - timedelta(hours=25))

    # ------------------------------------------------------------------- cost
    def test_a_page_costs_the_same_for_many_orders(self):
        url = f"{ORDERS}?limit=200"
        self._order_with_everything()
        few = self._cost(url)
        for _number in range(15):
            self._order_with_everything()
        self.assertLessEqual(few, 25)
        self.assertLessEqual(self._cost(url), few + 3)
        for path in ("", "/counts", "/redemptions?by=territory&level=commune"):
            self.assertLessEqual(self._cost(f"{ORDERS}/{self.order_a.id}{path}"), 25)

    def _order_with_everything(self):
        order = self._order(
            state="confirmed",
            rules=[
                ("territory", self.pau),
                ("audience", self.seniors),
                ("excluded_provider", self.provider_b),
                ("weekdays", {"on_monday": True}),
            ],
            allotment_ids=[Command.create({"territory_id": self.pau.id})],
        )
        self.env["aptic.amendment"]._ask(order, [{"kind": "territory", "ids": self.bordeaux.ids}], "Plus loin")

    def _cost(self, url):
        self._ask(url)
        before = self.env.cr.sql_log_count
        self.assertEqual(self._ask(url).status_code, 200)
        return self.env.cr.sql_log_count - before
