import psycopg2
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import VoucherCase


@tagged("post_install", "-at_install")
class TestFunding(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(state="confirmed")
        cls.claim = cls.order.face_move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")

    def _funds(self):
        return self.order.received_cents, self.order.funded_cents

    def test_a_bank_receipt_funds(self):
        self._fund(self.order, 4000)
        self.assertEqual(self._funds(), (4000, 4000))
        self._fund(self.order)
        self.assertEqual(self._funds(), (10000, 10000))
        self.assertEqual(self.claim.amount_residual, 0)

    def test_a_line_typed_by_hand_funds_nothing(self):
        self._reconcile(self._line(10000), self.order.face_move_id)
        self.assertEqual(self.claim.amount_residual, 0)
        self.assertEqual(self._funds(), (0, 0))

    def test_another_journal_funds_nothing(self):
        journal = self.env["account.journal"].create({"name": "Own bank", "type": "bank", "code": "OWNB"})
        self._reconcile(self._receipt(10000, journal_id=journal.id), self.order.face_move_id)
        self.assertEqual(self.claim.amount_residual, 0)
        self.assertEqual(self._funds(), (0, 0))

    def test_a_payment_without_the_bank_funds_nothing(self):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.order.face_move_id.ids
        )
        wizard.create({"journal_id": self.company.aptic_bank_journal_id.id})._create_payments()
        self.assertEqual(self.claim.amount_residual, 0)
        self.assertEqual(self._funds(), (0, 0))

    def test_a_write_off_beside_the_receipt_funds_nothing(self):
        line = self._receipt(4000)
        counterpart = line._seek_for_lines()[1]
        loss = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        line.move_id.with_context(skip_readonly_check=True, skip_account_move_synchronization=True).write(
            {
                "line_ids": [
                    Command.update(
                        counterpart.id,
                        {
                            "account_id": self.claim.account_id.id,
                            "partner_id": self.claim.partner_id.id,
                            "amount_currency": -100,
                            "balance": -100,
                        },
                    ),
                    Command.create({"account_id": loss.id, "balance": 60, "amount_currency": 60, "name": "Write-off"}),
                ]
            }
        )
        (counterpart | self.claim).reconcile()
        self.assertEqual(self.claim.amount_residual, 0)
        self.assertEqual(self._funds(), (4000, 4000))

    def test_undoing_before_activation_takes_the_funds_back(self):
        line = self._fund(self.order)
        line.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._funds(), (0, 0))

    @mute_logger("odoo.sql_db")
    def test_activation_above_the_funds_is_refused_by_the_database(self):
        self._fund(self.order, 9999)
        self.env.flush_all()
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE aptic_order SET activated_cents = 10000 WHERE id = %s", (self.order.id,))
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.order._guarded_write({"activated_cents": 10000})
            self.env.flush_all()

    def test_funds_cannot_be_written_whoever_asks(self):
        for user in (self.env.ref("base.user_admin"), self.accountant, self.staff_manager):
            order = self.order.with_user(user)
            for values in ({"funded_cents": 10000}, {"received_cents": 1}, {"activated_cents": 1}, {"state": "active"}):
                for record in (order, order.sudo().with_context(aptic_guard=True)):
                    with self.subTest(f"{user.login} {values}"), self.assertRaises(UserError):
                        record.write(values)


@tagged("post_install", "-at_install")
class TestActivation(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(state="delivered")

    def _states(self):
        self.env.cr.execute("SELECT DISTINCT state FROM aptic_voucher WHERE order_id = %s", (self.order.id,))
        return [state for (state,) in self.env.cr.fetchall()]

    def test_activation_says_what_is_missing(self):
        self._fund(self.order, 9999)
        with self.assertRaisesRegex(UserError, r"0[.,]01"), self.env.cr.savepoint():
            self.order.with_user(self.staff).action_activate()
        self.assertEqual(self._states(), ["printed"])

    def test_activation_gives_the_vouchers_their_value(self):
        self._fund(self.order)
        self.order.with_user(self.staff).action_activate()
        self.assertEqual(self.order.state, "active")
        self.assertEqual(self.order.activated_cents, 10000)
        self.assertEqual(self._states(), ["active"])
        event = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "activate")])
        self.assertEqual((event.quantity, event.amount_cents), (10, 10000))
        self.order._activate()
        self.assertEqual(self.env["aptic.event"].search_count([("id", ">=", event.id), ("kind", "=", "activate")]), 1)

    def test_undoing_after_activation_is_an_alarm_and_bearers_are_served(self):
        line = self._fund(self.order)
        self.order._activate()
        line.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((self.order.received_cents, self.order.funded_cents), (0, 10000))
        self.assertEqual(self.order.shortfall_cents, 10000)
        self.assertEqual(self._states(), ["active"])
        self.assertIn(self.accountant, self.order.activity_ids.user_id)
        self._reconcile(line, self.order.face_move_id)
        self.assertEqual(self.order.shortfall_cents, 0)
        self.assertFalse(self.order.activity_ids)

    def test_expiry_waits_for_the_tolerance_then_ends_the_unused(self):
        self._fund(self.order)
        self.order._activate()
        with self.assertRaisesRegex(UserError, "accepted until"), self.env.cr.savepoint():
            self.order._expire()
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_order SET last_day = '2026-01-31' WHERE id = %s", (self.order.id,))
        self.env.invalidate_all()
        self.order._expire()
        self.assertEqual(self._states(), ["expired"])
        event = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "expire")])
        self.assertEqual((event.quantity, event.amount_cents), (10, 10000))
