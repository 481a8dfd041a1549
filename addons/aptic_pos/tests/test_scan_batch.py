import json
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, tagged

from . import sealer
from .common import DeskCase


@tagged("post_install", "-at_install")
class TestScanBatch(DeskCase, HttpCase):
    def _act(self, *codes, **change):
        self.acts = getattr(self, "acts", 0) + 1
        return {
            "place_id": self.place_a.id,
            "offer_id": self.offer_a.id,
            "audience_id": self.everyone.id,
            "codes": list(codes),
            "price_cents": 1200,
            "client_key": f"batch-{self.acts:08d}",
            "client_time": fields.Datetime.now().isoformat(),
            **change,
        }

    def _send(self, acts):
        return self._call("batch", acts=acts)

    def _statuses(self, *acts):
        return [answer["status"] for answer in self._send(list(acts))["answers"]]

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def test_each_is_answered_in_its_order(self):
        self._log_in(self.mediator_a)
        acts = [self._act(code) for code in self.codes[:3]]
        answers = self._send([*acts, self._act(self.codes[0])])["answers"]
        self.assertEqual([answer["status"] for answer in answers], ["done", "done", "done", "used"])
        self.assertEqual([answer["client_key"] for answer in answers[:3]], [act["client_key"] for act in acts])
        self.assertEqual((answers[0]["face_cents"], answers[0]["copay_cents"]), (1000, 200))
        self.assertEqual(self._redeem(self.codes[1:2], client_key=acts[1]["client_key"]), self._single(answers[1]))
        self.assertEqual(self._send(acts)["answers"], answers[:3])
        self.assertEqual(self.env["aptic.redemption"].search_count([("user_id", "=", self.mediator_a.id)]), 3)

    def _single(self, answer):
        return {name: value for name, value in answer.items() if name != "client_key"}

    def test_what_is_not_understood_is_invalid_by_itself(self):
        self._log_in(self.mediator_a)
        good = self._act(self.codes[0])
        bad = [
            None, 7, "act", [], {}, {"sealed": "x"}, self._act(), self._act("\0"), self._act(7),
            self._act(self.codes[1], client_key="short"), self._act(self.codes[1], client_time="yesterday"),
            self._act(self.codes[1], place_id=2**31), self._act(self.codes[1], price_cents="1200"),
        ]  # fmt: skip
        answers = self._send([*bad, good])["answers"]
        self.assertEqual([answer["status"] for answer in answers], ["invalid"] * len(bad) + ["done"])
        self.assertEqual(answers[0]["client_key"], None)
        self.assertEqual(answers[-1]["client_key"], good["client_key"])

    def test_sealed_acts_are_opened_in_their_place(self):
        self._log_in(self.mediator_a)
        desk = self.env["aptic.offline"].with_user(self.mediator_a)._prepare_desk()
        plain = [self._act(code) for code in self.codes[:4]]

        def item(act, user, key=None):
            names = {"kid": desk["key"]["kid"], "sub": str(user.id), "jti": act["client_key"]}
            sealed = sealer.seal(desk["key"], json.dumps(act).encode(), **names)
            return {"client_key": key or act["client_key"], "sealed": sealed}

        answers = self._send(
            [
                item(plain[0], self.mediator_a),
                plain[1],
                item(plain[2], self.manager_a),
                item(plain[3], self.mediator_a, key="another-key"),
                item(plain[0], self.mediator_a),
            ]
        )["answers"]
        self.assertEqual([answer["status"] for answer in answers], ["done", "done", "stranger", "invalid", "done"])
        self.assertEqual(answers[4], answers[0])

    def test_one_to_fifty(self):
        self._log_in(self.mediator_a)
        act = self._act(self.codes[0])
        for acts in (None, {}, "x", [], [act] * 51):
            with self.subTest(acts=acts):
                self.assertEqual(self._send(acts), {"status": "invalid", "message_args": {}, "answers": []})
        self.assertFalse(self.env["aptic.redemption"].search_count([("user_id", "=", self.mediator_a.id)]))
        self.assertEqual(self._statuses(*[act] * 50), ["done"] * 50)

    def test_others_spend_and_learn_nothing(self):
        for user in (self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login):
                self._log_in(user)
                self.assertEqual(self._statuses(self._act(self.codes[0])), ["provider"])
        self._log_in(self.mediator_a)
        elsewhere = self._act(self.codes[0], place_id=self.place_b.id)
        self.assertEqual(self._statuses(elsewhere, self._act(self.codes[0])), ["provider", "done"])

    def test_wrong_codes_stop_the_rest_of_a_batch(self):
        self._log_in(self.mediator_a)
        forged = self._forged()
        acts = [self._act(self.codes[0]), *[self._act(forged) for _n in range(12)], self._act(self.codes[1])]
        self.assertEqual(self._statuses(*acts), ["done"] + ["unknown"] * 10 + ["throttled"] * 3)
        self.assertEqual(self.env["aptic.attempt"].search_count([("user_id", "=", self.mediator_a.id)]), 10)
        self.assertEqual(self._statuses(self._act(self.codes[1])), ["throttled"])

    def test_the_first_scan_wakes_the_subscription_once(self):
        subscriptions = type(self.env["aptic.subscription"])
        subscription = self.env["aptic.subscription"]._choose(self.provider_a, "monthly")
        self.assertEqual(subscription.state, "sleeping")
        self._log_in(self.mediator_a)
        with patch.object(subscriptions, "_wake", side_effect=subscriptions._wake, autospec=True) as wake:
            self.assertEqual(self._statuses(*map(self._act, self.codes[:5])), ["done"] * 5)
        wake.assert_called_once()
        subscription.invalidate_recordset()
        self.assertEqual(subscription.state, "waking")
