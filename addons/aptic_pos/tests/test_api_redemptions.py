"""Another desk than ours takes vouchers by the API: at its place, in its maker's name, once for each key."""

import json
from unittest.mock import patch

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import DeskCase

ROOT = "/aptic/api/v1"
REDEMPTIONS = f"{ROOT}/redemptions"
BOTH = ("redemptions:read", "redemptions:write")


class ApiCase(DeskCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.other_place = cls._place(cls.provider_a, "Lieu A bis", cls.pau, cls.library)
        cls.key, cls.secret = cls._key(cls.place_a)
        _key, cls.secret_bis = cls._key(cls.other_place)
        _key, cls.secret_b = cls._key(cls.place_b, cls.manager_b)

    @classmethod
    def _key(cls, place, user=None, purposes=BOTH):
        keys = cls.env["aptic.api.key"].with_user(user or cls.manager_a)
        return keys._make(place.provider_id, "Caisse", purposes, 30, place)

    def _ask(self, path, secret=None):
        return self.url_open(path, headers={"Authorization": f"Bearer {secret or self.secret}"})

    def _send(self, path, body, secret=None, **headers):
        headers = {"Content-Type": "application/json", **headers, "Authorization": f"Bearer {secret or self.secret}"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.url_open(path, data=data, headers=headers, method="POST")

    def _act(self, *codes, **change):
        act = {
            "offer_id": self.offer_a.id,
            "audience_id": self.everyone.id,
            "codes": list(codes),
            "price_cents": 1200,
            **change,
        }
        return {name: value for name, value in act.items() if value != "left out"}

    def _redeem_by_api(self, *codes, key="act-00000001", secret=None, **change):
        return self._send(REDEMPTIONS, self._act(*codes, **change), secret, **{"Idempotency-Key": key})

    def _problem(self, answer, status, kind, code=None):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json; charset=utf-8")
        body = answer.json()
        self.assertEqual((body["status"], body["type"]), (status, f"urn:aptic:problem:{kind}"))
        self.assertEqual(body.get("code"), code)
        self.assertTrue(body["title"] and body["detail"])
        return body

    def _acts_done(self):
        self.env.invalidate_all()
        return self.env["aptic.redemption"].search([("provider_id", "=", self.provider_a.id)])


@tagged("post_install", "-at_install")
class TestApiRedemptions(ApiCase):
    # ------------------------------------------------------------------ allow
    def test_a_tool_tries_takes_lists_and_cancels(self):
        place = self._ask(f"{ROOT}/place").json()
        self.assertEqual((place["id"], place["municipality"]), (self.place_a.id, "Bordeaux"))
        self.assertIn((self.offer_a.id, 1200), [(offer["id"], offer["price_cents"]) for offer in place["offers"]])
        tried = self._send(f"{REDEMPTIONS}/test", self._act(self.codes[0]))
        paid = {"price_cents": 1200, "face_cents": 1000, "copay_cents": 200, "serials": [int(self.codes[0][:10])]}
        self.assertEqual((tried.status_code, tried.json()), (200, paid))
        self.assertFalse(self._acts_done(), "a test changes nothing")

        answer = self._redeem_by_api(self.codes[0])
        self.assertEqual(answer.status_code, 200, answer.text)
        redemption = self._acts_done()
        self.assertEqual(
            answer.json(),
            {"id": redemption.id, "state": "done", "day": redemption.day.isoformat(), **paid},
        )
        self.assertRecordValues(
            redemption,
            [
                {
                    "user_id": self.manager_a.id,
                    "member_id": self.manager_a_member.id,
                    "place_id": self.place_a.id,
                    "client_key": "act-00000001",
                }
            ],
        )
        self.assertNotIn("Set-Cookie", answer.headers)
        rows = self._ask(f"{REDEMPTIONS}?from={redemption.day}&until={redemption.day}&state=done").json()["data"]
        self.assertEqual([(row["id"], row["client_key"]) for row in rows], [(redemption.id, "act-00000001")])

        for _time in range(2):
            cancelled = self._send(f"{REDEMPTIONS}/{redemption.id}/cancel", {"reason": "Atelier annulé"})
            self.assertEqual((cancelled.status_code, cancelled.json()["state"]), (200, "cancelled"))
        self.assertEqual(self._acts_done().event_ids.mapped("kind"), ["redeem", "cancel"])
        self.assertEqual(self._redeem_by_api(self.codes[0]).json()["state"], "cancelled", "the same key, the same act")

    def test_the_same_key_is_the_same_act(self):
        first = self._redeem_by_api(self.codes[0])
        for key in ("act-00000001", '"act-00000001"'):
            again = self._redeem_by_api(self.codes[0], key=key)
            self.assertEqual((again.status_code, again.json()), (200, first.json()))
        self._problem(self._redeem_by_api(self.codes[1]), 422, "key-reused")
        self.assertEqual(len(self._acts_done()), 1)

    def test_a_refusal_leaves_the_key_free(self):
        self._problem(self._redeem_by_api(self.codes[0], price_cents=1100), 422, "refused", "price")
        self.assertEqual(self._redeem_by_api(self.codes[0]).status_code, 200)

    def test_the_time_at_the_desk(self):
        now = fields.Datetime.now()
        for number, text in enumerate((f"{now.isoformat()}Z", f"{now.isoformat()}.123456789+02:00")):
            self.assertEqual(
                self._redeem_by_api(self.codes[number], key=f"act-{number:08d}", client_time=text).status_code, 200
            )
        self.assertEqual(self._acts_done().sorted("id").mapped("client_time")[0], now)

    def test_pages(self):
        for number in range(3):
            self._redeem_by_api(self.codes[number], key=f"act-{number:08d}")
        ids = self._acts_done().sorted("id desc").ids
        first = self._ask(f"{REDEMPTIONS}?limit=2").json()
        second = self._ask(f"{REDEMPTIONS}?limit=2&cursor={first['next']}").json()
        self.assertEqual([row["id"] for row in first["data"] + second["data"]], ids)
        self.assertIsNone(second["next"])
        for query in ("from=2026-13-01", "until=tomorrow", "from=1", "state=gone", "place=1", "limit=0"):
            with self.subTest(query):
                self._problem(self._ask(f"{REDEMPTIONS}?{query}"), 422, "parameters")

    # --------------------------------------------------------------- refusals
    def test_a_refusal_says_why_and_what_to_do(self):
        self._redeem_by_api(self.codes[0])
        used = self._problem(self._send(f"{REDEMPTIONS}/test", self._act(self.codes[0])), 422, "refused", "used")
        self.assertEqual(used["arguments"]["serial"], int(self.codes[0][:10]))
        self.assertIn("chèque", used["detail"])
        for change, code in (
            ({"codes": ["1" * 24]}, "unknown"),
            ({"codes": [self._forged()]}, "unknown"),
            ({"offer_id": self.offer_b.id}, "provider"),
            ({"offer_id": 2**31 - 1}, "service"),
            ({"audience_id": 2**31 - 1}, "audience"),
            ({"codes": self.codes[1:4]}, "too_many"),
        ):
            with self.subTest(change):
                act = {**self._act(self.codes[1]), **change}
                self._problem(self._send(REDEMPTIONS, act, **{"Idempotency-Key": "refused-01"}), 422, "refused", code)
        self.provider_a._guarded_write({"state": "suspended"})
        self._problem(self._redeem_by_api(self.codes[1], key="suspended"), 422, "refused", "provider")
        self.assertEqual(len(self._acts_done()), 1)

    def test_every_refusal_has_its_words(self):
        model = self.env["aptic.redemption"].with_context(lang="fr_FR")
        told = [model._api_refusal(code, {"reason": "rule", "kind": code, "names": []}) for code in (
            "unknown", "inactive", "expired", "blocked", "used", "territory", "place_type", "service", "audience",
            "dates", "weekdays", "max_price", "no_copay", "max_per_day", "provider", "place_closed", "price",
            "operators", "too_many", "throttled", "locked_out",
        )]  # fmt: skip
        self.assertTrue(all(told))
        self.assertNotIn("One of", " ".join(told), "all is in French")

    def test_wrong_codes_stop_a_tool_and_its_maker(self):
        forged = self._act(self._forged())
        for number in range(10):
            path = f"{REDEMPTIONS}/test" if number % 2 else REDEMPTIONS
            answer = self._send(path, forged, **{"Idempotency-Key": f"wrong-{number:04d}"})
            self._problem(answer, 422, "refused", "unknown")
        self._problem(self._redeem_by_api(self.codes[0]), 422, "refused", "throttled")
        self._problem(self._send(f"{REDEMPTIONS}/test", self._act(self.codes[0])), 422, "refused", "throttled")
        offer = {"offer_id": self.offer_b.id, "key": "others-01", "secret": self.secret_b}
        self.assertEqual(self._redeem_by_api(self.codes[0], **offer).status_code, 200, "others go on")

    # --------------------------------------------------------------- whose it is
    def test_a_key_counts_at_its_place_alone(self):
        first = self._redeem_by_api(self.codes[0]).json()
        for secret in (self.secret_bis, self.secret_b):
            self.assertEqual(self._ask(REDEMPTIONS, secret).json()["data"], [])
            cancel = self._send(f"{REDEMPTIONS}/{first['id']}/cancel", {"reason": "Ailleurs"}, secret)
            self._problem(cancel, 404, "not-found")
        self._problem(self._redeem_by_api(self.codes[0], secret=self.secret_bis), 422, "key-reused")
        self._problem(self._redeem_by_api(self.codes[0], place_id=self.place_b.id), 422, "parameters")
        self.assertEqual(
            self._redeem_by_api(self.codes[1], key="act-00000002", secret=self.secret_bis).status_code, 200
        )
        self.assertEqual(set(self._acts_done().mapped("place_id.id")), {self.place_a.id, self.other_place.id})
        self.assertEqual(self._acts_done().mapped("state"), ["done", "done"])

    def test_a_key_does_what_it_is_for_alone(self):
        _key, reading = self._key(self.place_a, purposes=("redemptions:read",))
        _key, writing = self._key(self.place_a, purposes=("redemptions:write",))
        sponsors = self.env["aptic.api.key"].with_user(self.sponsor_user_a)
        _key, sponsor = sponsors._make(self.sponsor_a, "Tableur", ["orders:read"], 30)
        for path, body in ((REDEMPTIONS, self._act(self.codes[0])), (f"{REDEMPTIONS}/test", self._act(self.codes[0])),
                           (f"{REDEMPTIONS}/1/cancel", {"reason": "x"})):  # fmt: skip
            for secret in (reading, sponsor):
                answer = self._send(path, body, secret, **{"Idempotency-Key": "reading-01"})
                self.assertEqual(answer.status_code, 403)
            self._problem(self._send(path, body, "0" * 40), 401, "key")
        for secret in (writing, sponsor):
            self._problem(self._ask(REDEMPTIONS, secret), 403, "purpose")
        for secret, status in ((writing, 200), (reading, 200), (sponsor, 404)):
            self.assertEqual(self._ask(f"{ROOT}/place", secret).status_code, status)
        self.assertFalse(self._acts_done())

    def test_a_key_stops_with_its_maker(self):
        self._member(self.provider_a, "manager", "second_manager")
        for change in ({"role": "mediator"}, {"role": "accountant"}, {"role": "manager", "active": False}):
            self.manager_a_member.write(change)
            with self.subTest(change):
                self._problem(self._redeem_by_api(self.codes[0]), 403, "owner")
                self._problem(self._ask(REDEMPTIONS), 403, "owner")
        self.manager_a_member.write({"active": True})
        self.key._revoke()
        self._problem(self._redeem_by_api(self.codes[0]), 401, "key")
        self.assertFalse(self._acts_done())

    def test_a_place_that_has_moved_on_takes_nothing(self):
        self.place_a.active = False
        self._problem(self._redeem_by_api(self.codes[0]), 403, "owner")
        self.assertFalse(self._acts_done())

    def test_after_the_settlement_nothing_is_cancelled(self):
        number = self._redeem_by_api(self.codes[0]).json()["id"]
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", [number])
        self.env.invalidate_all()
        answer = self._send(f"{REDEMPTIONS}/{number}/cancel", {"reason": "Trop tard"})
        self._problem(answer, 422, "refused", "settled")

    def test_under_verification_nothing_is_cancelled(self):
        number = self._redeem_by_api(self.codes[0]).json()["id"]
        act = self.env["aptic.redemption"].browse(number)
        act._hold()
        self.env.flush_all()
        answer = self._send(f"{REDEMPTIONS}/{number}/cancel", {"reason": "Erreur"})
        self.assertIn("vérification", self._problem(answer, 422, "refused", "held")["detail"])
        self.env.invalidate_all()
        self.assertEqual((act.state, act.is_held), ("done", True))

    def test_another_refusal_of_a_cancellation_says_its_own(self):
        number = self._redeem_by_api(self.codes[0]).json()["id"]
        with patch.object(self.env.registry["aptic.redemption"], "_after_cancel", side_effect=UserError("Demain.")):
            answer = self._send(f"{REDEMPTIONS}/{number}/cancel", {"reason": "Erreur"})
        self.assertEqual(self._problem(answer, 422, "refused", "other")["detail"], "Demain.")
        self.env.invalidate_all()
        self.assertEqual(self.env["aptic.redemption"].browse(number).state, "done")

    # -------------------------------------------------------------- bad input
    def test_a_body_that_cannot_be_read(self):
        good = json.dumps(self._act(self.codes[0])).encode()
        key = {"Idempotency-Key": "reading-01"}
        deep = b'{"codes":' + b"[" * 100_000
        for body in (
            b"",
            b"null",
            b"[]",
            b"{",
            b'{"a":NaN}',
            b"\xff{}",
            b"\xef\xbb\xbf{}",
            b'{"a":1,"a":1}',
            deep[:16_000],
        ):
            with self.subTest(body[:20]):
                self._problem(self._send(REDEMPTIONS, body, **key), 400, "malformed")
        self._problem(self._send(REDEMPTIONS, good + b" " * 20_000, **key), 413, "too-large")
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"):
            self._problem(self._send(REDEMPTIONS, good, **key, **{"Content-Type": kind}), 415, "media-type")
        self._problem(self._send(REDEMPTIONS, good, **key, **{"Content-Encoding": "gzip"}), 415, "media-type")
        for wrong in ("", "short", "x" * 65, "é" * 10, '"half-quoted', "tab\tin the middle"):
            with self.subTest(wrong):
                answer = self._send(REDEMPTIONS, good, **{"Idempotency-Key": wrong.encode("latin-1")})
                self._problem(answer, 400, "idempotency-key")
        self.assertFalse(self._acts_done())

    def test_every_wrong_member_is_named(self):
        act = {
            "offer_id": True, "audience_id": "1", "codes": ["x", 7], "price_cents": 0, "client_time": "2026-11-29",
            "plase": 1, "\ud800": 1,
        }  # fmt: skip
        answer = self._send(REDEMPTIONS, act, **{"Idempotency-Key": "wrong-members"})
        errors = self._problem(answer, 422, "parameters")["errors"]
        self.assertEqual(
            [error["parameter"] for error in errors],
            ["plase", "?", "offer_id", "audience_id", "price_cents", "codes", "client_time"],
        )
        answer = self._send(REDEMPTIONS, {}, **{"Idempotency-Key": "wrong-members"})
        missing = [error["parameter"] for error in self._problem(answer, 422, "parameters")["errors"]]
        self.assertEqual(missing, ["offer_id", "price_cents", "codes"])
        for value in ("2026-02-30T00:00:00Z", "2026-11-29T10:00:00", 7, "x" * 5_000, "0001-01-01T00:00:00+10:00"):
            answer = self._redeem_by_api(self.codes[0], client_time=value)
            self.assertEqual(self._problem(answer, 422, "parameters")["errors"][0]["parameter"], "client_time")
        for reason in (None, "", " \u2028 ", 7, "x" * 201):
            self._problem(self._send(f"{REDEMPTIONS}/1/cancel", {"reason": reason}), 422, "parameters")
        self._problem(self._send(f"{REDEMPTIONS}/{2**40}/cancel", {"reason": "x"}), 404, "not-found")


@tagged("post_install", "-at_install")
class TestApiKeysOfProviders(ApiCase):
    def _post(self, url, **data):
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **data}, allow_redirects=False)

    def test_a_manager_makes_a_key_for_one_place(self):
        url = f"/my/aptic/provider/{self.provider_a.id}/keys"
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertIn(url, self.url_open("/my/aptic").text)
        self.assertIn("Lieu A bis", self.url_open(url).text)
        form = {"name": "Logiciel de caisse", "purposes": "redemptions:write", "days": "90"}
        for place in ("", str(self.place_b.id), "0", "x"):
            answer = self._post(url, **form, place_id=place)
            self.assertEqual(answer.status_code, 422)
            self.assertIn("alert-danger", answer.text)
        answer = self._post(url, **form, place_id=str(self.other_place.id))
        self.assertEqual(answer.status_code, 200)
        key = self.env["aptic.api.key"].search([("name", "=", "Logiciel de caisse")])
        self.assertEqual((key.place_id, key.provider_id), (self.other_place, self.provider_a))
        self.assertEqual(self._post(f"{url}/{key.id}/revoke").status_code, 303)
        self.assertEqual(key._state(), "revoked")

    def test_others_make_and_revoke_none(self):
        url = f"/my/aptic/provider/{self.provider_a.id}/keys"
        form = {"name": "x", "purposes": "redemptions:write", "days": "30", "place_id": str(self.place_a.id)}
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            self.authenticate(user.login, user.login)
            with self.subTest(user.login):
                self.assertEqual(self.url_open(url).status_code, 403)
                self.assertEqual(self._post(url, **form).status_code, 403)
                self.assertEqual(self._post(f"{url}/{self.key.id}/revoke").status_code, 403)
        self.assertEqual(self.key._state(), "alive")

    def test_a_provider_and_a_place_belong_together(self):
        keys = self.env["aptic.api.key"].with_user(self.manager_a)
        for places in (None, self.place_b, self.place_a | self.other_place):
            with self.assertRaises(UserError):
                keys._make(self.provider_a, "Caisse", BOTH, 30, places)
        with self.assertRaises(UserError):
            keys._make(self.provider_a, "Caisse", ["orders:read"], 30, self.place_a)
        sponsors = self.env["aptic.api.key"].with_user(self.sponsor_user_a)
        key, _secret = sponsors._make(self.sponsor_a, "Tableur", ["orders:read"], 30, self.place_a)
        self.assertFalse(key.place_id, "a sponsor's key has no place")

    def test_a_key_says_where_it_counts(self):
        body = self._ask(f"{ROOT}/key").json()
        self.assertEqual(body["place"], {"id": self.place_a.id, "name": "Lieu A"})
        self.assertEqual(body["organisation"]["kind"], "provider")
