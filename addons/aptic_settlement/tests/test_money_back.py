"""The money that goes back to sponsors; after each step bank, accounting and ledger agree to the cent."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.days import paris_day
from odoo.addons.base.models.ir_cron import IrCron
from odoo.tests import tagged

from .money import Entry
from .test_money_story import MoneyStoryCase


class MoneyBackCase(MoneyStoryCase):
    def _ago(self, days):
        return clock.at(fields.Datetime.now() - timedelta(days=days))

    def _old_order(self, quantity=30):
        with self._ago(100):
            return self._order(quantity=quantity, last_day=self.today - timedelta(days=60), state="delivered")

    def _expired_order(self):
        """Ten vouchers, paid whole and active, of which none was used in time."""
        order = self._old_order(quantity=10)
        self._bank(self._pays(order), day=self.today - timedelta(days=98))
        with self._ago(97):
            order._activate()
        self._bank(day=self.today)
        order._expire()
        return order

    def _returned(self, order):
        """The sponsor signs the joint statement, and the accountant returns what is left."""
        order._draw_closing().sudo()._sign()
        order.with_user(self.accountant)._return_unused()

    def _pays_some(self, order, cents, day):
        line = self._bank(Entry(cents, text="acompte"), day=day).line_ids
        self._reconcile(line, order.face_move_id)
        return line


@tagged("post_install", "-at_install")
class TestMoneyBack(MoneyBackCase):
    def test_deposits_activate_booklet_by_booklet(self):
        order = self._order(quantity=30, state="delivered")
        self._pays_some(order, 15000, self.today)
        self._owed(unactivated=15000)
        order._activate()
        self._owed(unactivated=5000, active=10000)
        self._pays_some(order, 5000, self.today)
        order._activate()
        self._owed(active=20000)
        order._activate()
        self._bank(Entry(10000, text=f"solde {order.name}"))
        self.assertEqual(order.activable_count, 10, "the rest names the order and is exactly what is open")
        order._activate()
        self._owed(active=30000)

    def test_from_the_end_of_an_order_to_its_closing(self):
        order = self._old_order()
        self._pays_some(order, 25000, self.today - timedelta(days=98))
        with self._ago(97):
            self.assertEqual(order._activate(), 20)
        self._redeem(vouchers=6, order=order, at=self.before)
        self._bank(day=self.today)
        self._settlement(self.today, approved=True)
        due = {"payable": 5760, "fund": 60, "fees_out": 180}
        self._owed(unactivated=5000, active=14000, **due)
        order._expire()
        self._owed(unactivated=5000, to_return=14000, **due)
        closing = order._draw_closing()
        self.assertEqual((closing.unused_cents, closing.surplus_cents), (14000, 5000))
        closing.sudo()._sign()
        order.with_user(self.accountant)._return_unused()
        self.assertEqual(order.return_move_id.invoice_line_ids.account_id, self.company.aptic_to_return_account_id)
        self._owed(unactivated=5000, to_return=14000, **due)
        line = self._bank(Entry(-19000, text=f"Remboursement {order.name}")).line_ids
        self.assertTrue(line.is_reconciled)
        self.assertEqual(order.state, "closed")
        self._owed(**due)

    def test_a_refund_in_two_transfers(self):
        order = self._old_order()
        self._pays_some(order, 25000, self.today - timedelta(days=98))
        with self._ago(97):
            order._activate()
        self._bank(day=self.today)
        order._expire()
        self._returned(order)
        self._bank(Entry(-20000, text=f"Avoir {order.return_move_id.name}"))
        self.assertEqual(order.state, "expired")
        self._owed(unactivated=5000)
        self._bank(Entry(-5000, text=f"Avoir {order.surplus_move_id.name}"))
        self.assertEqual(order.state, "closed")
        self._owed()

    def test_a_refund_through_a_payment_waits_for_the_bank(self):
        order = self._expired_order()
        self._returned(order)
        self._owed(to_return=10000)
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=order.return_move_id.ids
        )
        payment = wizard.create({"journal_id": self.company.aptic_bank_journal_id.id})._create_payments()
        self.assertEqual(order.state, "expired")
        self._owed(payable=10000)
        self._bank(Entry(-10000, end_to_end=payment._aptic_end_to_end()))
        with patch.object(IrCron, "_commit_progress", lambda *_arguments, **_words: float("inf")):
            self.env["aptic.order"]._cron_close()
        self.assertEqual(order.state, "closed")
        self._owed()

    def test_an_extension_after_the_end_takes_the_money_back_into_circulation(self):
        order = self._expired_order()
        self._owed(to_return=10000)
        order._extend(self.today + timedelta(days=60), "Demande écrite")
        self._owed(active=10000)

    def test_what_was_paid_too_much_and_goes_back(self):
        order = self._order(quantity=10, state="delivered")
        line = self._pays_some(order, 12000, self.today)
        self.assertEqual((order.received_cents, order.overpaid_cents), (10000, 2000))
        self._owed(unactivated=10000)
        refund = self._bank(Entry(-2000, text="trop-perçu")).line_ids
        rest = line.move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        counterpart = refund.move_id.line_ids.filtered(
            lambda item: item.account_id != refund.journal_id.default_account_id
        )
        counterpart.with_context(skip_readonly_check=True).write(
            {"account_id": rest.account_id.id, "partner_id": rest.partner_id.id}
        )
        (counterpart | rest).reconcile()
        self.assertEqual((order.received_cents, order.overpaid_cents), (10000, 0))
        self._owed(unactivated=10000)

    def test_undoing_the_refund_is_seen(self):
        order = self._expired_order()
        self._returned(order)
        line = self._bank(Entry(-10000, text=order.name)).line_ids
        self._owed()
        line.action_undo_reconciliation()
        proof = self.env["aptic.coverage"]._prove(paris_day(fields.Datetime.now()))
        self.assertEqual(proof.state, "gap")
