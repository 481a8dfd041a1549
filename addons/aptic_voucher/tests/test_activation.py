"""Activation booklet by booklet: as far as the bank has received the money, and no further."""

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import VoucherCase


@tagged("post_install", "-at_install")
class TestPartialActivation(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=30, state="delivered")
        cls.serials = cls.env["aptic.voucher"].search([("order_id", "=", cls.order.id)]).mapped("serial")

    def _active(self):
        vouchers = self.env["aptic.voucher"].search([("order_id", "=", self.order.id), ("state", "=", "active")])
        return vouchers.mapped("serial")

    def _acts(self):
        events = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "activate")])
        return [(event.serial_from, event.serial_to, event.quantity, event.amount_cents) for event in events]

    def test_a_deposit_activates_whole_booklets_in_serial_order(self):
        self._fund(self.order, 19999)
        self.assertEqual(self.order.activable_count, 10)
        self.assertEqual(self.order._activate(), 10)
        self.assertEqual(self.order.state, "active")
        self.assertTrue(self.order.is_partly_active)
        self.assertEqual(self._active(), self.serials[:10])
        self.assertEqual((self.order.activated_cents, self.order.activated_count), (10000, 10))
        self.assertEqual(self._acts(), [(self.serials[0], self.serials[9], 10, 10000)])

    def test_it_goes_on_as_money_arrives_and_stops_with_it(self):
        self._fund(self.order, 10000)
        self.order._activate()
        self.assertEqual(self.order._activate(), 0)
        self._fund(self.order, 10001)
        self.order._activate()
        self._fund(self.order)
        self.order._activate()
        self.assertEqual(self.order._activate(), 0)
        self.assertEqual(self._active(), self.serials)
        self.assertFalse(self.order.is_partly_active)
        self.assertEqual(
            self._acts(),
            [(self.serials[first], self.serials[first + 9], 10, 10000) for first in (0, 10, 20)],
        )

    def test_never_above_the_funds_whoever_asks(self):
        self._fund(self.order, 20000)
        for user in (self.staff, self.accountant, self.staff_manager, self.env.ref("base.user_admin")):
            order = self.order.with_user(user)
            try:
                order.action_activate()
            except UserError as error:
                self.assertRegex(str(error), r"100[.,]00")
            for name in ("activable_count", "activated_cents", "funded_cents", "overpaid_cents"):
                with self.subTest(f"{user.login} {name}"), self.assertRaises(UserError):
                    order.write({name: 30})
        self.assertEqual(len(self._active()), 20)
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_activate()

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_more_also_when_some_are_active(self):
        self._fund(self.order, 20000)
        self.order._activate()
        self.env.flush_all()
        with self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE aptic_order SET activated_cents = 20001 WHERE id = %s", (self.order.id,))

    def test_vouchers_that_wait_for_their_money_are_refused_at_the_desk(self):
        self._fund(self.order, 10000)
        self.order._activate()
        codes = self._codes(self.order)
        peek = self.env["aptic.redemption"].sudo()._peek
        self.assertEqual(peek(self.manager_a_member, self.place_a, codes[:1])["status"], "ok")
        self.assertEqual(peek(self.manager_a_member, self.place_a, codes[10:11])["status"], "inactive")

    def test_a_booklet_blocked_before_is_passed_over(self):
        booklet = self.order.booklet_ids.sorted("serial")[0]
        self.env.cr.execute("UPDATE aptic_voucher SET state = 'blocked' WHERE booklet_id = %s", (booklet.id,))
        self.env.invalidate_all()
        self._fund(self.order)
        self.assertEqual(self.order._activate(), 20)
        self.assertEqual(self._active(), self.serials[10:])
        self.assertEqual(self.order.activated_cents, 20000)

    def _block(self, first, last, whole_booklets=True):
        return (
            self.env["aptic.blocking"]
            .with_user(self.staff)
            ._block(self.serials[first], self.serials[last], "damaged", "Mouillés", whole_booklets)
        )

    def test_smaller_booklets_that_replace_others_become_active_as_the_money_comes(self):
        blocking = self._block(3, 11, whole_booklets=False)
        made = blocking._replace().sudo()
        self.assertEqual(made.mapped("size"), [7, 2])
        self._fund(self.order, 11000)
        self.assertEqual(self.order._activate(), 11, "three of the first booklet, eight of the second")
        self.assertEqual(self._active(), self.serials[:3] + self.serials[12:20])
        self._fund(self.order, 16000)
        self.assertEqual(self.order._activate(), 10, "the third; seven more are not paid whole")
        self._fund(self.order, 1000)
        self.assertEqual(self.order.activable_count, 0)
        self.assertEqual(self.order._activate(), 7)
        self._fund(self.order)
        self.assertEqual(self.order.activable_count, 2)
        self.assertEqual(self.order._activate(), 2, "not one voucher is left behind when all is paid")
        self.assertEqual((len(self._active()), self.order.activated_cents), (30, 30000))
        self.assertFalse(self.order.is_partly_active)

    def test_what_was_blocked_before_waits_for_its_replacement(self):
        blocking = self._block(0, 0)
        self._fund(self.order)
        self.assertEqual(self.order._activate(), 20)
        self.assertEqual(self.order.activable_count, 10)
        with self.assertRaisesRegex(UserError, "paid for 10 more vouchers, but none waits"):
            self.order.with_user(self.staff).action_activate()
        blocking._replace()
        self.order.with_user(self.staff).action_activate()
        self.assertEqual((len(self._active()), self.order.activated_cents), (30, 30000))

    def test_when_all_is_blocked_nothing_becomes_active(self):
        self._block(0, 29)
        self._fund(self.order)
        with self.assertRaisesRegex(UserError, "none waits"), self.env.cr.savepoint():
            self.order._activate()
        self.assertEqual((self.order.state, self.order.activated_cents), ("delivered", 0))

    def test_undoing_a_payment_of_several_alarms_for_what_is_no_longer_covered(self):
        first = self._fund(self.order, 15000)
        self._fund(self.order)
        self.order._activate()
        first.move_id.line_ids.remove_move_reconcile()
        self.assertEqual((self.order.received_cents, self.order.shortfall_cents), (15000, 15000))
        self.assertEqual(len(self._active()), 30)
        self.assertEqual(self.order._activate(), 0)
        self.assertIn(self.accountant, self.order.activity_ids.user_id)

    def test_what_is_over_is_not_activated(self):
        self._fund(self.order)
        self.env.cr.execute("UPDATE aptic_order SET last_day = '2026-01-31' WHERE id = %s", (self.order.id,))
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "no longer accepted"):
            self.order._activate()

    def test_what_was_paid_too_much_is_shown_until_it_is_attributed(self):
        line = self._fund(self.order, 34000)
        self.assertEqual(
            (self.order.received_cents, self.order.funded_cents, self.order.overpaid_cents), (30000, 30000, 4000)
        )
        self.assertEqual(self.order.activable_count, 30)
        other = self._order(state="confirmed")
        self._reconcile(line, other.face_move_id)
        self.assertEqual((other.received_cents, self.order.overpaid_cents, other.overpaid_cents), (4000, 0, 0))

    def test_what_was_paid_too_much_goes_back(self):
        line = self._fund(self.order, 34000)
        refund = self._receipt(-4000)
        counterpart = refund.move_id.line_ids.filtered(
            lambda item: item.account_id != refund.journal_id.default_account_id
        )
        claim = line.move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        counterpart.with_context(skip_readonly_check=True).write({"account_id": claim.account_id.id})
        (counterpart | claim).reconcile()
        self.assertEqual((self.order.received_cents, self.order.overpaid_cents), (30000, 0))

    def test_the_payments_are_listed(self):
        self._fund(self.order, 10000)
        self._fund(self.order, 25000)
        self.assertEqual([payment["cents"] for payment in self.order._payments()], [10000, 20000])

    def test_activating_stays_in_its_budget(self):
        self._fund(self.order, 10000)
        self.order._activate()
        self._fund(self.order, 20000)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            self.order._activate()
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestFundingPage(VoucherCase, HttpCase):
    def test_the_sponsor_follows_its_payments(self):
        order = self._order(quantity=30, state="delivered")
        self._fund(order, 10000)
        order._activate()
        self._fund(order, 5000)
        for user in (self.sponsor_user_a, self.sponsor_user_b):
            user.password = user.login
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        page = self.url_open(f"/my/aptic/orders/{order.id}").text.replace(",", ".")
        for amount in ("300.00", "150.00", "100.00", "50.00"):
            self.assertIn(amount, page)
        self.assertIn("o_aptic_payment", page, "the rest is still to be paid")
        self.authenticate(self.sponsor_user_b.login, self.sponsor_user_b.login)
        page = self.url_open(f"/my/aptic/orders/{order.id}")
        self.assertEqual(page.status_code, 403)
        self.assertNotIn("o_aptic_funding", page.text)
