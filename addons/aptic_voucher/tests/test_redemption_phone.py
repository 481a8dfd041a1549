"""What the team does to scans: types them for a provider on the telephone, cancels them, finds them by a serial."""

import uuid

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.aptic_redemption_phone import Call
from .test_redemption import RedemptionCase


@tagged("post_install", "-at_install")
class TestRedemptionPhone(RedemptionCase):
    def setUp(self):
        super().setUp()
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)
        self.codes = self._codes(self._order(quantity=10))

    def _call(self, *codes, user=None, reason="Pas de réseau", **change):
        arguments = {
            "member": self.mediator_a_member,
            "place": self.place_a,
            "offer": self.offer_a,
            "audience": self.everyone,
            "codes": list(codes),
            "price_cents": 1000,
            "client_key": str(uuid.uuid4()),
            "reason": reason,
            **change,
        }
        self.env.flush_all()
        answer = self.env["aptic.redemption"].with_user(user or self.staff)._redeem_by_phone(**arguments)
        self.env.invalidate_all()
        return answer

    def _act(self, answer):
        self.assertEqual(answer["status"], "done")
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def test_the_act_is_the_callers_and_names_who_typed_it_and_why(self):
        act = self._act(self._call(*self.codes[:1], reason="  Panne\n d'internet "))
        self.assertEqual((act.member_id, act.user_id), (self.mediator_a_member, self.mediator_a))
        self.assertEqual((act.staff_id, act.staff_reason), (self.staff, "Panne d'internet"))
        self.assertEqual((act.event_ids.user_id, act.event_ids.reason), (self.staff, "Panne d'internet"))
        self.assertTrue(act.client_key.startswith("phone-"))
        at_the_desk = self._act(self._scan(self.codes[1:2]))
        self.assertFalse(at_the_desk.staff_id or at_the_desk.staff_reason or at_the_desk.event_ids.reason)
        self.assertIn(act, self.env["aptic.redemption"].with_user(self.mediator_a).search([]))

    def test_all_rules_hold(self):
        restricted = self._codes(self._order(quantity=5, rules=[("territory", self.lyon)]))
        cases = (
            ("territory", restricted[:1], {}),
            ("price", self.codes[:1], {"price_cents": 900}),
            ("too_many", self.codes[:2], {}),
            ("unknown", [self.codes[0][:10] + "9" * 14], {}),
            ("provider", self.codes[:1], {"member": self.accountant_a_member}),
            ("provider", self.codes[:1], {"member": self.manager_b_member}),
            ("provider", self.codes[:1], {"place": self.place_b}),
            ("provider", self.codes[:1], {"offer": self.offer_b}),
        )
        for status, codes, change in cases:
            with self.subTest(status=status, change=change):
                self.assertEqual(self._call(*codes, **change)["status"], status)
        self.provider_a._guarded_write({"state": "suspended"})
        self.assertEqual(self._call(*self.codes[:1])["status"], "provider")
        self.assertFalse(self.env["aptic.redemption"].search([("staff_id", "!=", False)]))

    def test_the_same_call_is_one_act(self):
        first = self._act(self._call(*self.codes[:1], client_key="call"))
        self.assertEqual(self._act(self._call(*self.codes[:1], client_key="call")), first)
        self.assertEqual(self._call(*self.codes[1:2], client_key="call")["status"], "key_reused")
        self.assertEqual(self._call(*self.codes[:1])["status"], "used")

    def test_only_the_team_and_with_a_reason(self):
        for user in (self.staff, self.staff_manager, self.reviewer, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._call(*self.codes[:1], user=user, reason=" \0 ")
        for user in (self.manager_a, self.mediator_a, self.accountant_a, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._call(*self.codes[:1], user=user)
        with self.assertRaises(AccessError):
            self._call(*self.codes[:1], user=self._user("clerk", "base.group_user"))
        with self.assertRaises(AccessError):
            self._call(*self.codes[:1], user=self.env.ref("base.public_user"))

    def test_no_request_can_bring_a_call(self):
        desk = self.env["aptic.redemption"].with_user(self.mediator_a)
        for forged in ({"user_id": self.staff.id, "reason": "x"}, [self.staff.id, "x"]):
            answer = desk.with_context(aptic_call=forged)._redeem_locked(
                self.mediator_a_member, self.place_a, self.offer_a, self.everyone, self.codes[2:3], 1000,
                str(uuid.uuid4()), self.now, now=self.now,
            )  # fmt: skip
            self.assertIn(answer["status"], ("done", "used"))
        self.assertFalse(self.env["aptic.redemption"].search([("staff_id", "!=", False)]))
        self.assertIsNone(desk.with_context(aptic_call={"user_id": 1})._call())
        self.assertEqual(desk.with_context(aptic_call=Call(1, "x"))._call().reason, "x")

    def test_vouchers_of_another_company(self):
        company = self.env["res.company"].create({"name": "Autre opérateur"})
        other = self._user("other_company", "aptic_base.group_aptic_user")
        other.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        with self.assertRaises(AccessError):
            self._call(*self.codes[:1], user=other)
        act = self._act(self._call(*self.codes[:1]))
        with self.assertRaises(AccessError):
            act.with_user(other)._cancel("Erreur")
        self.assertEqual(act.state, "done")
        act.with_user(self.staff)._cancel("Erreur")
        self.assertEqual(act.state, "cancelled")

    def test_the_database_wants_both_or_none(self):
        act = self._act(self._scan(self.codes[:1]))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE aptic_redemption SET staff_id = %s WHERE id = %s", (self.staff.id, act.id))

    # ------------------------------------------------------------------ cancel
    def test_the_button_asks_why_and_cancels(self):
        act = self._act(self._scan(self.codes[:1]))
        action = act.with_user(self.staff).action_cancel()
        wizard = self.env["aptic.redemption.cancel"].with_user(self.staff).with_context(**action["context"])
        wizard.create({"reason": " Mauvais service "}).action_cancel()
        self.env.invalidate_all()
        self.assertEqual((act.state, act.event_ids.sorted("id")[-1].reason), ("cancelled", "Mauvais service"))
        self.assertEqual(act.event_ids.sorted("id")[-1].user_id, self.staff)
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", act.ids)
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            wizard.create({"reason": "Trop tard"}).action_cancel()
        with self.assertRaises(UserError):
            wizard.create({"reason": " "}).action_cancel()
        for user in (self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                self.env["aptic.redemption.cancel"].with_user(user).create({"redemption_id": act.id, "reason": "x"})

    # ------------------------------------------------------------------ search
    def test_staff_find_an_act_by_any_of_its_serials(self):
        act = self._act(
            self._scan(self.codes[:2], price_cents=2000, offer=self._offer(self.provider_a, self.service, 2000))
        )
        acts = self.env["aptic.redemption"].with_user(self.staff)
        for code in self.codes[:2]:
            for typed in (code[:10], str(int(code[:10])), code):
                self.assertEqual(acts.search([("voucher_serial", "ilike", typed)]), act, typed)
        act._cancel("Erreur")
        self.assertEqual(acts.search([("voucher_serial", "=", self.codes[0][:10])]), act)
        for typed in (self.codes[2][:10], "abc", "9" * 40):
            self.assertFalse(acts.search([("voucher_serial", "ilike", typed)]), typed)
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = acts.sudo()._search([("voucher_serial", "=", self.codes[0][:10])])
        self.env.cr.execute(f"EXPLAIN {self.env.cr.mogrify(query.select().code, query.select().params).decode()}")
        self.assertIn("aptic_redemption_serials_index", str(self.env.cr.fetchall()))
