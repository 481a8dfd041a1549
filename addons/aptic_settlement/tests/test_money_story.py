from datetime import timedelta

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .money import OPERATOR_IBAN, Entry, MoneyCase
from .test_payout import PayoutCase


class MoneyStoryCase(MoneyCase, PayoutCase):
    """``_owed`` proves that bank, accounting and ledger agree to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = paris_day(fields.Datetime.now())
        cls.before = fields.Datetime.now() - timedelta(days=1)
        own = cls.env["account.journal"].create({"name": "Banque courante", "type": "bank", "code": "BQC"})
        own.bank_account_id = cls._own_account(OPERATOR_IBAN)

    def _owed(self, state="ok", **expected):
        """Prove today and check what is owed, by kind, in cents; kinds left out are zero."""
        proof = self.env["aptic.coverage"]._prove(self.today)
        lines = {line.kind: line for line in proof.line_ids}
        seen = {kind: lines[kind].accounting_cents for kind in lines["fund"]._owed_kinds()}
        self.assertEqual(proof.state, state, [(line.kind, line.difference_cents) for line in proof.line_ids])
        self.assertEqual({kind: cents for kind, cents in seen.items() if cents}, expected)
        self.assertEqual(proof.gap_cents, 0)
        return proof

    def _paid_by_the_bank(self, payments):
        return [
            Entry(
                -round(payment.amount * 100),
                end_to_end=payment._aptic_end_to_end(),
                name=payment.partner_id.name,
                iban=payment.partner_bank_id.sanitized_acc_number,
            )
            for payment in payments
        ]


@tagged("post_install", "-at_install")
class TestMoneyStory(MoneyStoryCase):
    """The whole life of the money, proven after each step."""

    def test_from_the_sponsor_s_transfer_to_the_last_cent(self):
        order = self._order(quantity=50, state="delivered")
        self._owed()
        self._bank(self._pays(order))
        self._owed(unactivated=50000)
        order._activate()
        self._owed(active=50000)
        self._redeem(vouchers=13, order=order, at=self.before)
        self._redeem(self.place_b, vouchers=7, order=order, at=self.before)
        self._redeem(self.place_b, vouchers=2, order=order, at=self.before, state="cancelled")
        self._owed(active=30000, scans_due=20000)
        settlement = self._settlement(self.today, approved=True)
        self._owed(active=30000, payable=19200, fund=200, fees_out=600)
        batch = self._pay(settlement)
        self._owed(active=30000, payable=19200, fund=200, fees_out=600)
        settlement.with_user(self.accountant).action_file_sent()
        self._owed(active=30000, payable=19200, fund=200, fees_out=600)
        first, second = batch.payment_ids.sorted("id")
        self._bank(*self._paid_by_the_bank(first))
        self.assertEqual(first._aptic_statements().state, "paid")
        self._owed(active=30000, payable=6720, fund=200, fees_out=600)
        self._bank(*self._paid_by_the_bank(second), Entry(-600, text="frais", iban=OPERATOR_IBAN))
        self.assertEqual(settlement.state, "done")
        self._owed(active=30000, fund=200)
        self.assertEqual(self.env["account.bank.statement"]._aptic_last(self.journal).balance_end_real, 302)

    def test_what_may_leave_is_proposed_until_it_has_left(self):
        order = self._order(quantity=50)
        self._redeem(vouchers=13, order=order, at=self.before)
        self._owed(active=37000, scans_due=13000)
        self.assertEqual(self._to_transfer(), 0)
        settlement = self._settlement(self.today, approved=True)
        proof = self._owed(active=37000, payable=12480, fund=130, fees_out=390)
        self.assertEqual((self._to_transfer(), proof.transfer_due, proof.transferable), (1, True, 3.9))
        queues = self.env["aptic.queue"]
        action = queues.with_user(self.accountant).open_queue("fees_transfer")
        self.assertIn("search_default_transfer", action["context"])
        with self.assertRaises(AccessError):
            queues.with_user(self.staff).open_queue("fees_transfer")
        earlier = self.env["aptic.coverage"]._prove(self.today - timedelta(days=1))
        self.assertFalse(earlier.transfer_due, "the last proof counts")
        proof.sudo()._guarded_write({"state": "gap"})
        self.assertEqual(self._to_transfer(), 0, "nothing is taken out before a gap is known")
        proof.sudo()._guarded_write({"state": "ok"})
        self._bank(*self._paid_by_the_bank(self._sent(settlement)), Entry(-390, iban=OPERATOR_IBAN))
        self._owed(active=37000, fund=130)
        self.assertEqual((self._to_transfer(), proof.transfer_due), (0, False))

    def _to_transfer(self):
        overview = self.env["aptic.queue"].with_user(self.accountant).overview()
        return {queue["key"]: queue["count"] for queue in overview}["fees_transfer"]

    def _sent(self, settlement):
        """Make the order of a settlement and bring it to the bank; return its payments."""
        batch = self._pay(settlement)
        settlement.with_user(self.accountant).action_file_sent()
        return batch.payment_ids

    def test_payments_booked_together_by_the_bank(self):
        order = self._order(quantity=50)
        self._redeem(vouchers=13, order=order, at=self.before)
        self._redeem(self.place_b, vouchers=7, order=order, at=self.before)
        settlement = self._settlement(self.today, approved=True)
        batch = self._pay(settlement)
        settlement.with_user(self.accountant).action_file_sent()
        self._bank(Entry(-19200, text=f"REMISE {batch.name}"))
        self.assertEqual(set(settlement.statement_ids.mapped("state")), {"paid"})
        self._owed(active=30000, fund=200, fees_out=600)

    def test_what_expires_is_to_be_returned(self):
        with clock.at(fields.Datetime.now() - timedelta(days=100)):
            order = self._order(quantity=10, last_day=self.today - timedelta(days=60), state="delivered")
        self._bank(self._pays(order), day=self.today - timedelta(days=98))
        with clock.at(fields.Datetime.now() - timedelta(days=97)):
            order._activate()
        self._bank(day=self.today)
        self._owed(active=10000)
        order._expire()
        self._owed(to_return=10000)
