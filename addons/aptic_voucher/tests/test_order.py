import html
from datetime import timedelta

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import VoucherCase


@tagged("post_install", "-at_install")
class TestOrder(VoucherCase):
    def test_the_company_keeps_french_books(self):
        company = self.company
        self.assertEqual(company.chart_template, "fr")
        self.assertEqual(company.currency_id.name, "EUR")
        self.assertEqual(company.aptic_unactivated_account_id.code, "467810")
        self.assertEqual(company.aptic_funds_account_id.code, "467820")
        journal = company.aptic_bank_journal_id
        self.assertEqual(journal.default_account_id.code, "512810")
        lines = journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids
        manual = lines.filtered(lambda line: line.code == "manual")
        self.assertEqual(set(manual.payment_account_id.mapped("code")), {"511810", "511820"})
        self.assertTrue(company.aptic_face_journal_id.refund_sequence)

    def test_setting_up_again_changes_nothing(self):
        before = self.env["account.account"].search_count([])
        self.env["res.company"]._aptic_setup_accounting()
        self.assertEqual(self.env["account.account"].search_count([]), before)

    def test_confirm_makes_two_posted_documents(self):
        order = self._order(quantity=50, state="confirmed")
        face, fee = order.face_move_id, order.fee_move_id
        self.assertEqual((face.state, fee.state), ("posted", "posted"))
        self.assertEqual(face.amount_total, 500)
        self.assertEqual(face.amount_tax, 0)
        self.assertEqual(face.invoice_line_ids.account_id, self.company.aptic_unactivated_account_id)
        self.assertFalse(face.line_ids.filtered(lambda line: line.account_id.internal_group == "income"))
        self.assertEqual(fee.amount_untaxed, 5)
        self.assertEqual(fee.amount_tax, 1)
        self.assertNotEqual(face.journal_id, fee.journal_id)
        self.assertIn("40 €", html.unescape(str(fee.narration)), "what the law wants an invoice to say")
        self.assertFalse(face.narration, "it is no invoice of a sale")

    def test_an_order_beyond_what_an_integer_holds_is_refused_in_words(self):
        order = self._order(state="draft")
        for values in ({"quantity": 3_000_000}, {"face_value_cents": 2**31 - 1}):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, "too large"), self.env.cr.savepoint():
                order.write(values)
        with self.assertRaisesRegex(ValidationError, "too large"), self.env.cr.savepoint():
            self._order(state="draft", quantity=3_000_000)

    def test_an_order_without_end_is_not_confirmed(self):
        order = self._order(state="draft", last_day="9999-12-31")
        with self.assertRaisesRegex(UserError, "ten years"), self.env.cr.savepoint():
            order._confirm()
        self.assertEqual(order.state, "draft")

    def test_names_follow_each_other(self):
        first, second = self._order(state="draft"), self._order(state="draft")
        self.assertRegex(first.name, r"^CMD-\d{4}-\d{4,}$")
        self.assertLess(first.name, second.name)

    def test_confirm_freezes_the_rules_sorted(self):
        order = self._order(
            state="confirmed", rules=[("territory", self.pau | self.bordeaux), ("audience", self.seniors)]
        )
        self.assertEqual(
            order.frozen_rules,
            [
                {"kind": "audience", "ids": self.seniors.ids},
                {"kind": "territory", "ids": sorted((self.pau | self.bordeaux).ids)},
            ],
        )

    def test_frozen_rules_cannot_change_by_any_way(self):
        order = self._order(state="confirmed", rules=[("territory", self.bordeaux)])
        rule = order.rule_ids
        other = self._order(state="draft", rules=[("territory", self.lyon)])
        for number, attempt in enumerate(
            (
                lambda: rule.write({"territory_ids": [Command.link(self.lyon.id)]}),
                rule.unlink,
                lambda: order.write({"rule_ids": [Command.clear()]}),
                lambda: order.write({"frozen_rules": []}),
                lambda: order.write({"quantity": 20}),
                lambda: order.write({"last_day": fields.Date.today() + timedelta(days=400)}),
                lambda: self.env["aptic.rule"].create(
                    {"order_id": order.id, "kind": "audience", "audience_ids": self.seniors.ids}
                ),
                lambda: other.rule_ids.write({"order_id": order.id}),
            )
        ):
            with self.subTest(number), self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()

    @mute_logger("odoo.sql_db")
    def test_frozen_rules_cannot_change_by_sql(self):
        order = self._order(state="confirmed")
        self.env.flush_all()
        for column, value in (("quantity", 1000), ("face_value_cents", 1), ("frozen_rules", '[{"kind": "x"}]')):
            with self.subTest(column), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(
                    SQL("UPDATE aptic_order SET %s = %s WHERE id = %s", SQL.identifier(column), value, order.id)
                )

    def test_confirming_twice_makes_no_second_documents(self):
        order = self._order(state="confirmed")
        face = order.face_move_id
        order._confirm()
        self.assertEqual(order.face_move_id, face)
        self.assertEqual(self.env["account.move"].search_count([("invoice_origin", "=", order.name)]), 2)

    def test_a_past_last_day_is_refused_in_words(self):
        order = self._order(state="draft", last_day=fields.Date.today() - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "must be in the future"), self.env.cr.savepoint():
            order._confirm()
        order.invalidate_recordset()
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.face_move_id)

    def test_an_empty_rule_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "at least one value"):
            self._order(state="draft", rules=[("territory", self.env["aptic.territory"])])

    def test_states_follow_their_order(self):
        order = self._order(state="draft")
        for verb in ("_approve_proof", "_deliver", "_activate", "_expire"):
            with self.subTest(verb), self.assertRaises(UserError), self.env.cr.savepoint():
                getattr(order, verb)()

    def test_cancel_reverses_the_documents(self):
        order = self._order(state="proofed")
        order._cancel()
        self.assertEqual(order.state, "cancelled")
        moves = order.face_move_id | order.fee_move_id
        self.assertEqual(set(moves.mapped("payment_state")), {"reversed"})
        self.assertEqual(order.received_cents, 0)

    def test_cancel_after_printing_keeps_the_fees_due(self):
        order = self._order(state="delivered")
        order._cancel()
        self.assertEqual(order.face_move_id.payment_state, "reversed")
        self.assertEqual(order.fee_move_id.payment_state, "not_paid")
        self.assertEqual(
            self.env["aptic.voucher"].search([("order_id", "=", order.id)]).mapped("state"), ["printed"] * 10
        )

    def test_delivery_is_in_the_ledger(self):
        order = self._order(state="delivered")
        event = self.env["aptic.event"].search([("order_id", "=", order.id), ("kind", "=", "deliver")])
        self.assertEqual((event.quantity, event.amount_cents), (10, 10000))

    def test_figures_come_from_the_ledger(self):
        order = self._order()
        self.env["aptic.event"]._append(
            [
                {"kind": "redeem", "order_id": order.id, "quantity": 4, "amount_cents": 4000},
                {"kind": "cancel", "order_id": order.id, "quantity": 1, "amount_cents": 1000},
                {"kind": "expire", "order_id": order.id, "quantity": 2, "amount_cents": 2000},
            ]
        )
        figures = order._figures()[order.id]
        self.assertEqual((figures["printed"], figures["activated"]), (10, 10))
        self.assertEqual((figures["redeemed"], figures["expired"], figures["active"]), (3, 2, 5))
        self.assertEqual((figures["redeemed_cents"], figures["remaining_cents"]), (3000, 5000))

    def test_cancel_refuses_to_keep_the_money(self):
        order = self._order(state="confirmed")
        self._fund(order, 500)
        with self.assertRaisesRegex(UserError, "give it back"):
            order._cancel()

    def test_only_staff_presses_the_buttons(self):
        order = self._order(state="draft")
        for user in (self.sponsor_user_a, self.stranger, self.manager_a):
            with self.subTest(user.login), self.assertRaises(AccessError), self.env.cr.savepoint():
                order.with_user(user).action_confirm()
        order.with_user(self.staff).action_confirm()
        self.assertEqual(order.state, "confirmed")
        self.assertEqual(order.face_move_id.state, "posted")

    def test_a_confirmed_order_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Only a draft"):
            self._order(state="confirmed").unlink()

    def test_confirming_ten_orders_stays_in_its_budget(self):
        self._order(state="confirmed")
        orders = self.env["aptic.order"].concat(
            *(self._order(state="draft", rules=[("territory", self.bordeaux)]) for _number in range(10))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(520):  # two posted documents, a proof and a letter each
            orders._confirm()
            self.env.flush_all()
