import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestRedemptionPhone(DeskCase):
    def setUp(self):
        super().setUp()
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)
        self.values = {
            "provider_id": self.provider_a.id,
            "member_id": self.mediator_a_member.id,
            "place_id": self.place_a.id,
            "offer_id": self.offer_a.id,
            "audience_id": self.everyone.id,
            "codes": self.codes[0],
            "price_cents": 1200,
            "client_key": str(uuid.uuid4()),
            "reason": "Pas de réseau",
        }

    def _redeem(self, user=None, **change):
        self.env.flush_all()
        return self.env["aptic.redemption.phone"].with_user(user or self.staff).redeem({**self.values, **change})

    def test_the_form_redeems_and_opens_the_act(self):
        code = self.codes[0]
        answer = self._redeem(codes=f" {code[:4]} {code[4:8]} {code[8:]} \n\n")
        self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("done", 1000, 200))
        self.assertEqual(answer["action"]["res_id"], answer["redemption_id"])
        act = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.assertEqual((act.staff_id, act.user_id), (self.staff, self.mediator_a))

    def test_several_codes(self):
        self.offer_a.price_cents = 3500
        answer = self._redeem(codes="{};{}\n{},{}".format(*self.codes[:4]), price_cents=3500)
        self.assertEqual((answer["status"], answer["face_cents"]), ("done", 4000))
        self.assertEqual(self._redeem(codes=self.codes[4], price_cents=1, client_key="another")["status"], "price")

    def test_a_refusal_is_answered_not_raised(self):
        self._redeem()
        answer = self._redeem(client_key=str(uuid.uuid4()))
        self.assertEqual(answer["status"], "used")
        self.assertTrue(answer["message_args"]["own"])
        self.assertNotIn("action", answer)

    def test_what_is_no_form(self):
        for change in (
            {"member_id": False}, {"member_id": "1"}, {"place_id": True}, {"offer_id": -1}, {"audience_id": 2**40},
            {"codes": ""}, {"codes": None}, {"codes": "1" * 3000}, {"codes": [1]}, {"reason": " "}, {"reason": "a\0"},
            {"client_key": "k" * 65}, {"price_cents": 0}, {"price_cents": 12.5},
            {"member_id": self.manager_b_member.id}, {"provider_id": self.provider_b.id},
        ):  # fmt: skip
            with self.subTest(change=change), self.assertRaises(UserError):
                self._redeem(**change)
        self.assertFalse(self.env["aptic.redemption"].search([]))

    def test_roles(self):
        for user in (self.manager_a, self.mediator_a, self.accountant_a, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._redeem(user)
        for number, user in enumerate((self.staff, self.staff_manager, self.reviewer, self.accountant), 1):
            answer = self._redeem(user, codes=self.codes[number], client_key=str(uuid.uuid4()))
            self.assertEqual(answer["status"], "done")

    def test_who_calls_is_found_by_name(self):
        members = self.env["aptic.member"].with_user(self.staff)
        found = members.name_search(self.mediator_a.name, [("provider_id", "=", self.provider_a.id)])
        self.assertEqual([number for number, _name in found], self.mediator_a_member.ids)

    def test_the_form_chooses_what_there_is_one_of_and_keeps_no_code(self):
        form = Form(self.env["aptic.redemption.phone"].with_user(self.staff))
        form.provider_id = self.provider_a
        self.assertEqual((form.place_id, form.offer_id, form.price), (self.place_a, self.offer_a, 12.0))
        self.assertFalse(form.member_id)
        form.member_id = self.mediator_a_member
        form.audience_id = self.everyone
        form.codes = self.codes[0]
        form.reason = "Pas de réseau"
        call = form.save()
        self.env.cr.execute("SELECT row_to_json(c)::text FROM aptic_redemption_phone c WHERE id = %s", call.ids)
        self.assertFalse(self.codes[0][10:22] in self.env.cr.fetchone()[0])
        with self.assertRaises(UserError):
            call.action_redeem()
