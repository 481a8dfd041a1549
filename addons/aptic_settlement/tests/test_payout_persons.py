from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_payout import PayoutCase

IBAN = "FR7630004000031234567890143"


@tagged("post_install", "-at_install")
class TestPayoutPersons(PayoutCase):
    """Nobody pays to an account that they changed, and large amounts need a third person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls._user("third_accountant", "aptic_base.group_aptic_accountant")

    def _change(self, provider=None, asker=None, decider=None):
        changes = self.env["aptic.bank.change"]
        provider = provider or self.provider_a
        change = changes.with_user(asker or self.manager_a)._request(provider, IBAN, provider.name)
        changes.browse(change.id).with_user(decider or self.accountant)._approve()

    def _approved(self, *places):
        for place in places or (self.place_a,):
            self._redeem(place, vouchers=2)
        return self._settlement(approved=True)

    def test_who_put_an_account_in_force_does_not_pay_to_it(self):
        self._change()
        settlement = self._approved(self.place_a, self.place_b)
        order = settlement.with_user(self.accountant)._pay().sudo()
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id, "the others do not wait")
        own = self._statement(settlement, self.provider_a)
        self.assertEqual(own.state, "approved")
        self.assertIn(own.name, settlement.message_ids[0].body)
        self.assertIn("another accountant", settlement.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "another accountant"):
            settlement.with_user(self.accountant)._pay()
        other = settlement.with_user(self.second_accountant)._pay().sudo()
        self.assertEqual(other.payment_line_ids.aptic_statement_id, own)

    def test_nor_who_asked_for_it(self):
        self._change(asker=self.second_accountant)
        settlement = self._approved()
        for user in (self.accountant, self.second_accountant):
            with self.assertRaisesRegex(UserError, "another accountant"):
                settlement.with_user(user)._pay()
        self.assertTrue(settlement.with_user(self.third)._pay())

    def test_only_the_account_in_force_counts(self):
        self._change()
        changes = self.env["aptic.bank.change"]
        change = changes.with_user(self.manager_a)._request(self.provider_a, "FR7630001007941234567890185", "A")
        changes.browse(change.id).with_user(self.second_accountant)._approve()
        self.assertTrue(self._approved().with_user(self.accountant)._pay())

    def test_no_order_passes_by_another_way(self):
        self._change()
        statement = self._approved().statement_ids
        with self.assertRaisesRegex(UserError, "bank details of Acteur A"):
            statement.with_user(self.accountant).sudo()._make_payment_order()

    def test_a_refused_change_is_no_change(self):
        changes = self.env["aptic.bank.change"]
        change = changes.with_user(self.manager_a)._request(self.provider_a, IBAN, "A")
        changes.browse(change.id).with_user(self.accountant)._refuse()
        self.assertTrue(self._approved().with_user(self.accountant)._pay())

    def test_large_amounts_need_a_third_person(self):
        settlement = self._approved()
        self.company.aptic_third_person_from = 19.2
        for user in (self.accountant, self.second_accountant):
            with self.assertRaisesRegex(UserError, "third person"), self.env.cr.savepoint():
                settlement.with_user(user)._pay()
        self.assertFalse(settlement.payment_order_ids)
        order = settlement.with_user(self.third)._pay().sudo()
        words = order.message_ids.mapped("body")
        [persons] = [body for body in words if self.third.name in body and self.accountant.name in body]
        self.assertIn(self.second_accountant.name, persons)

    def test_smaller_amounts_do_not(self):
        settlement = self._approved()
        self.company.aptic_third_person_from = 19.21
        self.assertTrue(settlement.with_user(self.accountant)._pay())

    def test_zero_is_never(self):
        self.company.aptic_third_person_from = 0
        self.assertTrue(self._approved().with_user(self.second_accountant)._pay())
        self.assertEqual(self.env["res.company"].create({"name": "Autre"}).aptic_third_person_from, 50_000)

    def test_the_number_of_statements_does_not_depend_on_providers(self):
        self._change()
        providers = self.provider_a + self.provider_b
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            self.assertEqual(providers._whose_account_changed(self.accountant), self.provider_a)
