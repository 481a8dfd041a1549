"""The payments of a large order are booked in batches once the bank has the file."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import account_payment_order_booking as booking
from .test_documents import DocumentsCase
from .test_payout import french_iban


@tagged("post_install", "-at_install")
class TestBooking(DocumentsCase):
    """Five providers with bank accounts; batches of two payments."""

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(booking, "BATCH", 2))
        for number, place in enumerate(self.desks):
            provider = place.provider_id
            if not provider.bank_account_id:
                account = self.env["res.partner.bank"].create(
                    {"acc_number": french_iban(number), "partner_id": provider.partner_id.id}
                )
                provider._guarded_write({"bank_account_id": account.id})
        self.company.aptic_third_person_from = 0
        self.settlement = self._approved()
        self._cron()
        self.order_of_all = self.settlement.with_user(self.accountant)._pay()

    def _booked(self):
        payments = self.order_of_all.sudo().payment_ids
        booked = payments - payments._aptic_unbooked()
        self.assertEqual(
            booked._aptic_statements(), self.settlement.statement_ids.filtered(lambda s: s.state == "sent")
        )
        self.assertTrue(all(booked._aptic_items().mapped("reconciled")))
        self._agree()
        return len(booked)

    def _book(self):
        self.env["account.payment.order"]._cron_aptic_book()

    def test_batch_by_batch_to_the_same_end(self):
        order = self.order_of_all
        self.assertEqual(len(order.payment_ids), 5)
        self.settlement.with_user(self.accountant).action_file_sent()
        self.assertEqual((order.state, order.aptic_booking, self._booked()), ("generated", "running", 0))
        self.assertEqual(order.aptic_sent_by_id, self.accountant)
        self.assertEqual(self.settlement.to_send_count, 0)
        for expected in (2, 4, 5):
            order.sudo()._aptic_book_batch()
            self.assertEqual(self._booked(), expected)
            self.assertEqual(order.aptic_booked_count, expected)
        self.assertEqual(order.state, "generated")
        for _run in range(2):
            self._book()
            self.assertEqual((order.state, order.aptic_booking, self._booked()), ("uploaded", False, 5))
        self.assertEqual(self.settlement.state, "sent")
        self.assertEqual(order.payment_ids.move_id.create_uid, self.accountant)

    def test_the_bank_s_answer_does_not_wait(self):
        order = self.order_of_all
        order.with_user(self.accountant).action_aptic_file_sent()
        order.sudo()._aptic_book_batch()
        self._bank(*self._paid_by_the_bank(order.sudo().payment_ids))
        self.assertEqual((order.state, order.aptic_booking), ("uploaded", False))
        self.assertEqual(set(self.settlement.statement_ids.mapped("state")), {"paid"})
        self._book()
        self._agree()

    def test_what_the_bank_has_is_not_cancelled(self):
        order = self.order_of_all.with_user(self.accountant)
        order.action_aptic_file_sent()
        with self.assertRaisesRegex(UserError, "payment return"):
            order.action_cancel()
        with self.assertRaisesRegex(UserError, "own buttons"):
            order.write({"aptic_booking": False})

    def test_one_in_trouble_does_not_block_the_others(self):
        order = self.order_of_all
        bad = order.sudo().payment_ids.filtered(lambda payment: payment.partner_id == self.provider_b.partner_id)
        post, reason = type(bad).action_post, "Nothing can be booked for Acteur B."

        def refuse(payments):
            if bad in payments:
                raise UserError(reason)
            return post(payments)

        order.with_user(self.accountant).action_aptic_file_sent()
        with patch.object(type(bad), "action_post", refuse):
            self._book()
            self.assertEqual((order.state, order.aptic_booking, self._booked()), ("generated", "failed", 4))
        self.assertEqual(bad.aptic_trouble, reason)
        self.assertIn(bad.aptic_end_to_end, order.message_ids[0].body)
        self.assertEqual(order.message_ids[0].notified_partner_ids, self.accountant.partner_id)
        self.assertEqual(self.settlement.to_send_count, 1, "the button is there again")
        order.with_user(self.accountant).action_aptic_file_sent()
        self._book()
        self.assertEqual((order.state, order.aptic_booking, self._booked()), ("uploaded", False, 5))

    def test_a_small_order_is_booked_at_once(self):
        with patch.object(booking, "BATCH", 5):
            self.order_of_all.with_user(self.accountant).action_aptic_file_sent()
        self.assertEqual((self.order_of_all.state, self.order_of_all.aptic_booking), ("uploaded", False))

    def test_the_batch_is_a_parameter(self):
        self.env["ir.config_parameter"].set_param(booking.BATCH_PARAMETER, "3")
        order = self.order_of_all.with_user(self.accountant)
        order.action_aptic_file_sent()
        self.assertEqual([order.sudo()._aptic_book_batch() for _batch in range(2)], [3, 2])

    def test_only_accountants_say_so(self):
        with self.assertRaisesRegex(UserError, "accountant role"):
            self.settlement.with_user(self.staff).action_file_sent()
        for user in (self.staff, self.manager_a):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.order_of_all.with_user(user).action_aptic_file_sent()
        self.assertFalse(self.order_of_all.aptic_booking)
