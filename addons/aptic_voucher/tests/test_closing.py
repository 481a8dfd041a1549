"""What follows the end: a joint statement to sign, credit notes of unused face value alone, the refund, closed."""

import io
from datetime import timedelta

import psycopg2
from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from .. import clock
from .test_expiry import LAST, UNTIL, ExpiryCase, noon

AFTER = UNTIL + timedelta(days=1)


class ClosingCase(ExpiryCase):
    """An order of 20 vouchers of which the sponsor has paid 15: 10 are active, 3 redeemed and settled, 7 expired."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=20, last_day=LAST, state="delivered")
        cls.receipt = cls._fund(cls.order, 15000)
        cls.order._activate()
        cls.codes = cls._codes(cls.order)
        for code in cls.codes[:3]:
            cls._redeem(cls, code)
        cls._settle(cls.order)
        with clock.at(noon(AFTER)):
            cls.order._expire()

    @classmethod
    def _settle(cls, order):
        """The month's settlement has taken the scans, as far as this addon sees it."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE aptic_redemption SET state = 'settled' WHERE id IN"
            " (SELECT redemption_id FROM aptic_event WHERE order_id = %s)",
            (order.id,),
        )
        cls.env.invalidate_all()

    def _closing(self, signed=True):
        closing = self.order._draw_closing()
        if signed:
            closing.with_user(self.sponsor_user_a).sudo()._sign()
        return closing

    def _refund(self, *moves):
        """The bank's line that pays the credit notes, reconciled with them."""
        claims = (
            self.env["account.move"]
            .union(*moves)
            .line_ids.filtered(lambda item: item.account_type == "asset_receivable" and not item.reconciled)
        )
        line = self._receipt(round(sum(claims.mapped("amount_residual")) * 100), payment_ref=self.order.name)
        counterpart = line.move_id.line_ids.filtered(lambda item: item.account_id != line.journal_id.default_account_id)
        counterpart.with_context(skip_readonly_check=True).write({"account_id": claims.account_id.id})
        (counterpart | claims).reconcile()
        return line


@tagged("post_install", "-at_install")
class TestClosing(ClosingCase):
    def test_the_statement_says_what_the_ledger_says(self):
        closing = self.order.with_user(self.staff)._draw_closing()
        self.assertRecordValues(
            closing,
            [
                {
                    "ordered_count": 20, "printed_count": 20, "activated_count": 10, "redeemed_count": 3,
                    "expired_count": 7, "blocked_count": 0, "replaced_count": 0, "face_cents": 20000,
                    "received_cents": 15000, "activated_cents": 10000, "redeemed_cents": 3000, "unused_cents": 7000,
                    "surplus_cents": 5000, "returned_amount": 120, "stage": "waiting", "drawn_by_id": self.staff.id,
                }
            ],
        )  # fmt: skip
        message = self.order.message_ids[0]
        self.assertIn(self.sponsor_user_a.partner_id, message.notified_partner_ids)
        with self.assertRaisesRegex(UserError, "says this already"):
            self.order._draw_closing()

    def test_it_is_not_drawn_too_early(self):
        active = self._order(last_day=LAST)
        with self.assertRaisesRegex(UserError, "expired"):
            active._draw_closing()
        other = self._order(last_day=LAST)
        self._redeem(self._codes(other)[0])
        with clock.at(noon(AFTER)):
            other._expire()
        with self.assertRaisesRegex(UserError, "not settled"):
            other._draw_closing()
        act = self.env["aptic.redemption"].search([("event_ids.order_id", "=", other.id)])
        act._hold()
        with self.assertRaisesRegex(UserError, "1 of them under verification"):
            other._draw_closing()
        act._release()
        with self.assertRaisesRegex(UserError, "wait for the month"):
            other._draw_closing()
        self.receipt.move_id.line_ids.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "without cover"):
            self.order._draw_closing()

    def test_the_paper_has_the_counts_the_amounts_and_the_signature(self):
        closing = self._closing(signed=False)
        self.sponsor_a.lang = False

        def text():
            reader = PdfReader(io.BytesIO(closing._pdf()))
            return " ".join(" ".join(page.extract_text() for page in reader.pages).split()).replace(",", ".")

        before = text()
        for words in (self.order.name, self.sponsor_a.name, "120.00", "70.00", "50.00", "30.00", "Replaced"):
            self.assertIn(words, before)
        self.assertEqual(closing._pdf(), closing._pdf())
        self.assertNotIn("Signed", before)
        closing.with_user(self.sponsor_user_a).sudo()._sign()
        self.assertIn(f"Signed on the sponsor's space by {self.sponsor_user_a.name}", text())

    def test_credit_notes_are_of_face_value_alone(self):
        fees = self.order.fee_move_id
        before = (fees.amount_residual, fees.payment_state)
        self._closing()
        self.order.with_user(self.accountant).action_return_unused()
        unused, surplus = self.order.return_move_id, self.order.surplus_move_id
        self.assertEqual((unused.move_type, unused.state), ("out_refund", "posted"))
        self.assertEqual((unused.amount_total, unused.amount_tax, surplus.amount_total), (70, 0, 100))
        self.assertEqual((unused | surplus).journal_id, self.company.aptic_face_journal_id)
        self.assertEqual(unused.invoice_line_ids.account_id, self.order._return_account())
        self.assertEqual(surplus.invoice_line_ids.account_id, self.company.aptic_unactivated_account_id)
        self.assertFalse(
            (unused | surplus).line_ids.filtered(lambda item: item.account_id.internal_group in ("income", "expense"))
        )
        self.assertEqual((fees.amount_residual, fees.payment_state), before)
        self.assertEqual(self.order.face_move_id.amount_residual, 0, "what was never paid is no longer asked for")
        self.assertEqual((unused.amount_residual, surplus.amount_residual, self.order.to_refund), (70, 50, 120))
        self.assertEqual(self._kinds("refund"), [("refund", 7, 7000)])
        self.order.with_user(self.accountant).action_return_unused()
        self.assertEqual(self.order.return_move_id, unused, "twice is once")
        self.assertEqual(self._kinds("refund"), [("refund", 7, 7000)])

    def test_the_bank_closes_it(self):
        self._closing()
        self.order.with_user(self.accountant)._return_unused()
        self._refund(self.order.return_move_id)
        self.assertEqual((self.order.state, self.order.to_refund), ("expired", 50))
        self._refund(self.order.surplus_move_id)
        self.assertEqual((self.order.state, self.order.to_refund), ("closed", 0))
        self.assertEqual(self.order.received_cents, 15000)
        self.assertIn(self.sponsor_user_a.partner_id, self.order.message_ids[:2].notified_partner_ids)

    def test_an_order_used_to_the_last_voucher_closes_at_once(self):
        order = self._order(quantity=5, last_day=LAST)
        for code in self._codes(order):
            self._redeem(code)
        self._settle(order)
        with clock.at(noon(AFTER)):
            order._expire()
        order._draw_closing().sudo()._sign()
        order.with_user(self.accountant)._return_unused()
        self.assertEqual(order.state, "closed")
        self.assertFalse(order.return_move_id | order.surplus_move_id)

    def test_nothing_goes_back_before_the_sponsor_agrees(self):
        for closing, message in ((None, "not signed"), (self._closing(signed=False), "not signed")):
            with self.subTest(closing=closing), self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                self.order.with_user(self.accountant)._return_unused()
        closing = self.order.closing_id
        closing.with_user(self.sponsor_user_a).sudo()._contest("Il manque deux chèques")
        with self.assertRaisesRegex(UserError, "not signed"), self.env.cr.savepoint():
            self.order.with_user(self.accountant)._return_unused()
        with self.assertRaisesRegex(UserError, "answered already"):
            closing.sudo()._sign()
        second = self._closing()
        self.assertEqual(self.order.closing_id, second)
        self.order.with_user(self.accountant)._return_unused()
        self.assertTrue(self.order.return_move_id)

    def test_what_is_no_longer_true_is_not_returned(self):
        closing = self._closing()
        with clock.at(noon(AFTER)):
            self.order._extend(LAST + timedelta(days=60), "Demande écrite")
        self._redeem(self.codes[5], LAST + timedelta(days=20))
        self._settle(self.order)
        with clock.at(noon(LAST + timedelta(days=100))):
            self.order._expire()
            with self.assertRaisesRegex(UserError, "no longer true"), self.env.cr.savepoint():
                self.order.with_user(self.accountant)._return_unused()
            again = self.order._draw_closing()
        self.assertEqual((closing.unused_cents, again.unused_cents), (7000, 6000))
        with self.assertRaisesRegex(UserError, "answered already|newer"):
            closing.sudo()._contest("trop tard")

    def test_what_was_returned_does_not_come_back(self):
        self._closing()
        self.order.with_user(self.accountant)._return_unused()
        with self.assertRaisesRegex(UserError, "was returned"):
            self.order._extend(LAST + timedelta(days=60), "Trop tard")

    def test_without_an_answer_staff_waits_thirty_days(self):
        closing = self.order._draw_closing()
        wizard = self.env["aptic.closing.agree"].with_user(self.staff)
        with self.assertRaisesRegex(UserError, "has until"), self.env.cr.savepoint():
            wizard.create({"closing_id": closing.id, "reason": "Deux lettres"}).action_agree()
        with clock.at(closing.drawn_at + timedelta(days=32)):
            with self.assertRaisesRegex(UserError, "asked to sign"), self.env.cr.savepoint():
                closing.sudo()._agree_tacitly(" ")
            wizard.create({"closing_id": closing.id, "reason": "Deux lettres"}).action_agree()
        self.assertRecordValues(closing, [{"stage": "tacit", "tacit_by_id": self.staff.id, "signed_at": False}])
        self.order.with_user(self.accountant)._return_unused()
        self.assertTrue(self.order.return_move_id)

    def test_who_may(self):
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_draw_closing()
        closing = self._closing()
        for user in (self.staff, self.reviewer, self.sponsor_user_a):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_return_unused()
        for user, count in ((self.sponsor_user_a, 1), (self.staff, 1), (self.sponsor_user_b, 0), (self.manager_a, 0)):
            found = closing.with_user(user).search([("order_id", "=", self.order.id)])
            self.assertEqual(len(found), count, user.login)

    @mute_logger("odoo.sql_db")
    def test_a_statement_is_never_rewritten(self):
        closing = self._closing()
        for values in ({"unused_cents": 1}, {"signed_at": False}):
            with self.assertRaises(UserError):
                closing.write(values)
        with self.assertRaises(UserError):
            closing.unlink()
        for statement in ("UPDATE aptic_closing SET unused_cents = 1", "DELETE FROM aptic_closing"):
            with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(statement)


@tagged("post_install", "-at_install")
class TestClosingPage(ClosingCase, HttpCase):
    def _post(self, url, **data):
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **data}, allow_redirects=False)

    def _log_in(self, user):
        user.password = user.login
        self.authenticate(user.login, user.login)

    def test_a_manager_reads_and_signs_others_do_not(self):
        closing = self._closing(signed=False)
        accountant, _member = self._member(self.sponsor_a, "accountant", "sponsor_a_accountant")
        url = f"/my/aptic/closings/{closing.id}"
        for user in (self.sponsor_user_b, self.manager_a, self.stranger):
            self._log_in(user)
            self.assertEqual(self.url_open(f"{url}/pdf").status_code, 403, user.login)
            self.assertEqual(self._post(f"{url}/sign").status_code, 403, user.login)
            self.assertEqual(self._post(f"{url}/contest", contest="x").status_code, 403, user.login)
        self._log_in(accountant)
        self.assertTrue(self.url_open(f"{url}/pdf").content.startswith(b"%PDF"))
        self.assertEqual(self._post(f"{url}/sign").status_code, 403)
        self._log_in(self.staff)
        self.assertEqual(self.url_open(f"{url}/pdf").status_code, 200)
        self.assertEqual(self._post(f"{url}/sign").status_code, 403)
        self.assertEqual(closing.stage, "waiting")
        self._log_in(self.sponsor_user_a)
        self.assertIn("120.00", self.url_open(f"/my/aptic/orders/{self.order.id}").text.replace(",", "."))
        self.assertEqual(self._post(f"{url}/sign").status_code, 303)
        self.assertEqual((closing.stage, closing.signed_by_id), ("signed", self.sponsor_user_a))
        self.assertEqual(self._post(f"{url}/sign").status_code, 303, "twice is once")
        self.assertEqual(self._post(f"{url}/contest", contest="Non").status_code, 422)
        self.assertEqual(closing.stage, "signed")

    def test_a_manager_contests(self):
        closing = self._closing(signed=False)
        self._log_in(self.sponsor_user_a)
        url = f"/my/aptic/closings/{closing.id}/contest"
        self.assertEqual(self._post(url, contest="  ").status_code, 422)
        self.assertEqual(self._post(url, contest="Il manque <b>deux</b> chèques").status_code, 303)
        self.assertEqual(closing.contest, "Il manque <b>deux</b> chèques")
        page = self.url_open(f"/my/aptic/orders/{self.order.id}").text
        self.assertIn("Il manque &lt;b&gt;deux", page)
