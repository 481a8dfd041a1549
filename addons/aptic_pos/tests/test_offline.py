import json
import os
import tempfile
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_voucher.tests.common import VoucherCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from . import sealer

ONE, TWO = "11" * 32, "22" * 32
LOGGER = "odoo.addons.aptic_pos.models.aptic_offline"


@tagged("post_install", "-at_install")
class TestOffline(VoucherCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "odoo.conf")
        changed = patch.dict(config.options, {"config": self.path})
        changed.start()
        self.addCleanup(changed.stop)
        self._configure(1, ONE)
        self.offline = self.env["aptic.offline"].with_user(self.mediator_a)

    def _configure(self, current, *keys):
        """Write the keys of versions 1, 2, …; None leaves one out."""
        lines = [f"offline_key_{number} = {key}" for number, key in enumerate(keys, 1) if key]
        with open(self.path, "w", encoding="utf-8") as stream:
            stream.write("\n".join(["[aptic]", f"offline_key_current = {current}" if current else "", *lines]))
        self.stamp = getattr(self, "stamp", 10**18) + 10**9
        os.utime(self.path, ns=(self.stamp, self.stamp))

    def _act(self, **change):
        return {
            "place_id": self.place_a.id,
            "offer_id": self.offer_a.id,
            "audience_id": self.everyone.id,
            "codes": ["1" * 24],
            "price_cents": 1200,
            "client_key": "act-of-yesterday",
            "client_time": (fields.Datetime.now() - timedelta(hours=20)).isoformat(),
            **change,
        }

    def _item(self, act=None, **header):
        """An act as the desk of the mediator keeps it, with other words in its header when given."""
        act = act or self._act()
        desk = self.offline._prepare_desk()
        names = {"kid": desk["key"]["kid"], "sub": str(desk["uid"]), "jti": act["client_key"], **header}
        return {"client_key": act["client_key"], "sealed": sealer.seal(desk["key"], json.dumps(act).encode(), **names)}

    def _status(self, item, user=None):
        with mute_logger(LOGGER):
            answer = self.env["aptic.offline"].with_user(user or self.mediator_a)._open(item)
        self.assertEqual(answer.keys(), {"status", "message_args"})
        return answer["status"]

    # ------------------------------------------------------------------ allow
    def test_the_act_comes_out_as_it_was(self):
        act = self._act()
        self.assertEqual(self.offline._open(self._item(act)), act)

    def test_an_act_sealed_to_the_former_key_is_opened(self):
        item = self._item()
        self._configure(2, ONE, TWO)
        self.assertEqual(self.offline._prepare_desk()["key"]["kid"], "2")
        self.assertEqual(self.offline._open(item)["codes"], ["1" * 24])
        self.assertEqual(self.offline._open(self._item())["codes"], ["1" * 24])

    def test_a_desk_gets_the_public_half_alone(self):
        desk = self.offline._prepare_desk()
        self.assertEqual(desk["key"].keys(), {"kid", "kty", "crv", "x", "y"})
        self.assertNotIn(ONE, json.dumps(desk))
        self.assertEqual((desk["uid"], desk["hours"], desk["days"]), (self.mediator_a.id, 24, 7))

    # ------------------------------------------------------------------- deny
    def test_another_user_cannot_send_it(self):
        item = self._item()
        for user in (self.manager_a, self.manager_b, self.stranger, self.env.ref("base.user_admin")):
            self.assertEqual(self._status(item, user), "stranger")

    def test_another_users_name_in_the_header_does_not_help(self):
        """What the mediator sealed, with the header of another user put in its place."""
        item = self._item()
        header = json.loads(sealer.decode(item["sealed"].split(".")[0]))
        forged = sealer.encode(json.dumps({**header, "sub": str(self.manager_b.id)}).encode())
        item["sealed"] = ".".join([forged, *item["sealed"].split(".")[1:]])
        self.assertEqual(self._status(item, self.manager_b), "invalid")
        self.assertEqual(self._status(item), "stranger")

    def test_an_altered_act_is_none(self):
        item = self._item()
        parts = item["sealed"].split(".")
        for place in (2, 3, 4):
            changed = [*parts]
            changed[place] = ("B" if parts[place][0] == "A" else "A") + parts[place][1:]
            self.assertEqual(self._status({**item, "sealed": ".".join(changed)}), "invalid")

    def test_a_client_key_cannot_be_given_to_another_act(self):
        """Two answers would be exchanged, and an act that is paid would look refused."""
        self.assertEqual(self._status({**self._item(), "client_key": "another-act"}), "invalid")
        self.assertEqual(self._status(self._item(jti="another-act")), "invalid")

    def test_a_key_that_is_gone(self):
        item = self._item()
        self._configure(2, None, TWO)
        self.assertEqual(self._status(item), "stale")
        self.assertEqual(self.offline._open(item)["message_args"], {"reason": "key"})
        for kid in ("3", "0", "-1", "one", "²", "9" * 5000, 2, None, ["2"]):
            self.assertEqual(self._status(self._item(kid=kid)), "stale")

    def test_an_act_that_waited_too_long(self):
        now = fields.Datetime.now()
        limit = now - timedelta(days=7)
        with patch.object(fields.Datetime, "now", lambda: now):
            self.assertEqual(
                self.offline._open(self._item(self._act(client_time=limit.isoformat())))["price_cents"], 1200
            )
            old = self._item(self._act(client_time=(limit - timedelta(seconds=1)).isoformat()))
            self.assertEqual(self._status(old), "stale")
            self.assertEqual(self.offline._open(old)["message_args"], {"reason": "age", "days": 7})
            self.env["ir.config_parameter"].sudo().set_param("aptic_pos.offline_days", "8")
            self.assertEqual(self.offline._open(old)["price_cents"], 1200)

    def test_a_setting_that_is_no_number_is_the_usual_one(self):
        for text, days in (("3", 3), ("une semaine", 7), ("-1", 7), ("99999999999", 7)):
            self.env["ir.config_parameter"].set_param("aptic_pos.offline_days", text)
            self.assertEqual(self.offline._prepare_desk()["days"], days, text)

    def test_nonsense_is_answered_in_peace(self):
        for item in (
            {}, {"client_key": "act-of-yesterday"}, {"client_key": "k" * 9, "sealed": None},
            {"client_key": "k" * 9, "sealed": ["a"]}, {"client_key": "k" * 9, "sealed": "x" * 9_000},
            {"client_key": "k" * 9, "sealed": "...."}, {"client_key": None, "sealed": self._item()["sealed"]},
        ):  # fmt: skip
            with self.subTest(item=str(item)[:80]):
                self.assertEqual(self._status(item), "invalid")
        for change in (
            {"client_time": "soon"},
            {"client_time": None},
            {"client_time": "2030-01-01T00:00:00Z"},
            {"x": 1},
        ):
            with self.subTest(change=change):
                self.assertEqual(self._status(self._item(self._act(**change))), "invalid")
        desk = self.offline._prepare_desk()
        for payload in (b"", b"[]", b"{}", b"\xff", b"[" * 3000):
            sealed = sealer.seal(desk["key"], payload, kid="1", sub=str(desk["uid"]), jti="act-of-yesterday")
            with self.subTest(payload=payload[:10]):
                self.assertEqual(self._status({"client_key": "act-of-yesterday", "sealed": sealed}), "invalid")

    def test_without_a_key_desks_work_online_only(self):
        item = self._item()
        for keys in ((None,), (1,), (1, "secret")):
            self._configure(*keys)
            with self.subTest(keys=keys), self.assertLogs(LOGGER, "WARNING") as logs:
                self.assertIsNone(self.offline._prepare_desk())
                with self.assertRaisesRegex(UserError, "no key to open"):
                    self.offline._open(item)
            self.assertNotIn("secret", str(logs.output))
