"""A claim on a provider is no money: what stands in for it, and what is not paid meanwhile."""

import html
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .money import OPERATOR_IBAN, Entry
from .test_paid_by_hand import reconcile
from .test_reversal import ReversalCase


class CoverCase(ReversalCase):
    def _proof(self, state):
        proof = self.env["aptic.coverage"]._prove(self.today)
        self.assertEqual(proof.state, state)
        return proof

    def _short(self):
        """Paid out, its fees transferred, and then reversed: 30 € lack."""
        act = self._spend(3)
        self._paid_out(self._first())
        self.assertTrue(self._bank(Entry(-90, iban=OPERATOR_IBAN)).line_ids.is_reconciled)
        self._owed(active=47000, fund=30)
        self._reverse(act)
        return self._proof("short")


@tagged("post_install", "-at_install")
class TestReversalCover(CoverCase):
    def test_a_claim_is_no_money(self):
        proof = self._short()
        self.assertEqual((proof.bank_cents, proof.owed_cents, proof.gap_cents), (47030, 50030, 0))
        self.assertEqual((proof.claims_cents, proof.fees_cents, proof.lacking_cents), (3000, 0, 3000))
        self.assertEqual(proof.transferable, 0)

    def test_the_accountants_are_told_line_by_line_until_the_operator_has_paid_it_in(self):
        proof = self._short()
        alarm = proof.activity_ids.filtered(lambda activity: activity.user_id == self.accountant)
        self.assertEqual(len(alarm), 1)
        self.assertRegex(alarm.summary, "30[,.]00")
        body = proof.message_ids[0].body
        self.assertEqual(body.count("<li>"), 4)
        proof._prove(self.today)
        self.assertEqual(len(proof.message_ids.filtered(lambda message: "<li>" in message.body)), 1)
        line = self._bank(Entry(3000, text="Apport", iban=OPERATOR_IBAN)).line_ids
        self._proof("short")
        counterpart = line.move_id.line_ids.filtered(lambda item: item.account_id != line.journal_id.default_account_id)
        counterpart.with_context(skip_readonly_check=True).account_id = self.company.aptic_fees_out_account_id
        proof = self._owed(active=50000, fund=30, fees_out=3000, recover=-3000)
        self.assertEqual((proof.bank_cents, proof.owed_cents, proof.lacking_cents), (50030, 50030, 0))
        self.assertFalse(proof.activity_ids)

    def test_no_voucher_is_activated_until_the_money_is_there(self):
        self._short()
        order = self._order(quantity=20, state="delivered")
        self._fund(order)
        with self.assertRaisesRegex(UserError, "30[,.]00"), self.cr.savepoint():
            order.with_user(self.staff).action_activate()
        self.assertEqual(order.state, "delivered")
        self.assertEqual(self._scan([self.codes[0]])["status"], "done", "bearers are served")
        line = self._bank(Entry(3000, text="Apport", iban=OPERATOR_IBAN)).line_ids
        counterpart = line.move_id.line_ids.filtered(lambda item: item.account_id != line.journal_id.default_account_id)
        counterpart.with_context(skip_readonly_check=True).account_id = self.company.aptic_fees_out_account_id
        with self.assertRaises(UserError), self.cr.savepoint():
            order._activate()
        self._proof("ok")
        self.assertEqual(order._activate(), 20)

    def test_a_gap_stops_activation_where_money_is_missing_and_not_where_it_is_too_much(self):
        order = self._order(quantity=20, state="delivered")
        self._fund(order)
        proof = self._proof("ok")
        proof.sudo()._guarded_write({"state": "gap", "gap_cents": 100, "bank_cents": proof.bank_cents - 100})
        with self.assertRaisesRegex(UserError, "1[,.]00"), self.cr.savepoint():
            order._activate()
        proof.sudo()._guarded_write({"bank_cents": proof.bank_cents + 200})
        self.assertEqual(order._activate(), 20)

    def test_missing_money_is_told_of_the_last_day(self):
        earlier = self._short()
        earlier.sudo()._guarded_write({"day": self.today - timedelta(days=1)})
        self.assertTrue(earlier.activity_ids)
        proof = self._proof("short")
        self.assertTrue(proof.activity_ids)
        self.assertFalse(earlier.activity_ids)
        self.assertIn(earlier, proof.search(proof._to_look_at_again(self.today)))
        self.assertNotIn(earlier, proof.search(proof._to_look_at_again(self.today + timedelta(days=30))))

    def test_what_covers_claims_is_not_transferred_out(self):
        acts = [self._spend(10) for _act in range(2)]
        small = self._spend(1)
        self.assertTrue(acts)
        self._paid_out(self._first())
        self._reverse(small)
        proof = self._owed("short", active=30000, fund=210, fees_out=630, recover=-1000)
        self.assertEqual((proof.lacking_cents, proof.transferable), (370, 0))
        self._spend(20)
        self._paid_out(self._second())
        self._owed(active=10000, fund=400, fees_out=1200)

    def test_a_transfer_of_what_may_leave_pays_the_oldest_fees(self):
        self._days(scanned=9, asked=6)
        small = self._spend(1)
        self._spend(20)
        self._paid_out(self._settled(7))
        self._days(scanned=5, asked=2)
        self._spend(20)
        self._paid_out(self._settled(3))
        self._owed(active=9000, fund=410, fees_out=1230)
        self._reverse(small)
        proof = self._owed(active=10000, fund=410, fees_out=1230, recover=-1000)
        self.assertEqual((proof.transferable, proof.owed_cents, proof.lacking_cents), (2.3, 10640, 0))
        lines = self._bank(Entry(-1230, iban=OPERATOR_IBAN), Entry(-230, iban=OPERATOR_IBAN)).line_ids
        self.assertEqual(lines.sorted("sequence").mapped("is_reconciled"), [False, True])
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.company.aptic_fees_out_account_id.id), ("amount_residual", "<", 0)],
            order="date, id",
        )
        self.assertEqual(items.mapped("amount_residual"), [-4.0, -6.0])


@tagged("post_install", "-at_install")
class TestUnpaidStatement(CoverCase):
    """The act of a statement that was not paid yet is reversed."""

    def setUp(self):
        super().setUp()
        self.act = self._spend(1)
        self._spend(2)
        self.first = self._first()
        self.statement = self._statement(self.first, self.provider_a)

    def test_it_waits_for_the_statement_that_takes_back(self):
        self._ask(self.act)
        self.assertFalse(self.statement.payout_blocker, "nobody has approved it")
        self.env["aptic.reversal"].search([], limit=1).with_user(self.accountant)._approve()
        self.statement.invalidate_recordset()
        self.assertIn("reversed", self.statement.payout_blocker)
        self.assertFalse(self._pay(self.first))
        self.assertIn(self.statement.payout_blocker, self.provider_a.message_ids[0].body)

    def test_taken_back_by_a_later_one_it_is_paid_whole(self):
        self._reverse(self.act)
        self._spend(3, at=self.before)
        second = self._second(approved=False)
        self.statement.invalidate_recordset()
        self.assertFalse(self._pay(self.first), "a draft has taken nothing back yet")
        second.with_user(self.second_accountant)._approve()
        self.statement.invalidate_recordset()
        order = self._pay(self.first)
        self.assertEqual(sorted(order.payment_line_ids.mapped("amount_currency")), [19.2, 28.8])

    def test_what_is_carried_over_is_set_against_it_and_the_rest_is_paid(self):
        self._reverse(self.act)
        second = self._second()
        later = self._statement(second, self.provider_a)
        self.assertEqual(later.carried_out_cents, 960)
        offset = self.statement.offset_ids
        self.assertEqual((offset.amount_cents, offset.claim_statement_id), (960, later))
        self.assertEqual((self.statement.state, self.statement.to_pay, self.statement.due), ("approved", 19.2, 28.8))
        self.assertTrue(later._recover_items().filtered("debit").reconciled)
        self._owed(active=48000, payable=1920, fund=20, fees_out=60)
        self.assertRegex(self.provider_a.message_ids[0].body, "9[,.]60.*19[,.]20")
        self.statement.invalidate_recordset()
        batch = self._pay(self.first)
        self.assertEqual(batch.payment_line_ids.amount_currency, 19.2)
        self.first.with_user(self.accountant).action_file_sent()
        self._bank(*self._paid_by_the_bank(batch.payment_ids))
        self.assertEqual((self.statement.state, self.first.state, second.state), ("paid", "done", "done"))
        self._owed(active=48000, fund=20, fees_out=60)

    def test_part_paid_by_hand_and_the_rest_set_off_it_is_paid(self):
        self._reverse(self.act)
        line = self._bank(Entry(-1920, text="VIR")).line_ids
        reconcile(line, self.statement._payable_item())
        self.assertEqual(self.statement.state, "approved")
        second = self._second()
        self.assertEqual(self.statement.offset_ids.amount_cents, 960)
        self.assertEqual((self.statement.state, self.statement.payout_blocker), ("paid", ""))
        self.assertEqual((self.first.state, second.state), ("done", "done"))
        self.assertRegex(self.provider_a.message_ids[0].body, "9[,.]60.*0[,.]00")
        self._owed(active=48000, fund=20, fees_out=60)

    def test_set_off_whole_nothing_is_to_be_paid(self):
        for act in self.statement.redemption_ids:
            self._reverse(act)
        second = self._second()
        self.assertEqual((self.statement.state, self.statement.to_pay), ("nil", 0))
        self.assertEqual((self.first.state, second.state), ("done", "done"))
        self._owed(active=50000)

    def test_what_came_back_from_the_bank_is_set_off_at_the_next_payment(self):
        batch = self._pay(self.first)
        self.first.with_user(self.accountant).action_file_sent()
        self._reverse(self.act)
        self._second()
        self.assertFalse(self.statement.offset_ids, "it is on its way to the bank")
        self.statement._returned("AC04", batch.payment_ids)
        batch.payment_ids.move_id.line_ids.remove_move_reconcile()
        self._pay(self.first)
        self.assertEqual(self.statement.offset_ids.amount_cents, 960)

    def test_an_offset_is_a_fact_that_staff_read(self):
        self._reverse(self.act)
        self._second()
        offset = self.statement.offset_ids
        self.assertEqual(offset.with_user(self.staff).amount, 9.6)
        for user in (self.manager_a, self.accountant_a, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                offset.with_user(user).read(["amount_cents"])
        with self.assertRaises(UserError):
            offset.with_user(self.accountant).write({"amount_cents": 1})
        with self.assertRaises(AccessError):
            offset.with_user(self.accountant).unlink()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_offset SET amount_cents = 1")


@tagged("post_install", "-at_install")
class TestCarriedOver(CoverCase):
    def _carried(self):
        """A statement that has carried 19.20 € over, and the settlement of the next month, computed."""
        self._days(scanned=9, asked=6)
        act = self._spend(2)
        self._paid_out(self._settled(7))
        self._reverse(act)
        poor = self._statement(self._settled(4), self.provider_a)
        self._days(scanned=2)
        self._spend(1)
        return poor, self._settled(1, approved=False)

    def test_what_is_paid_back_between_computing_and_approving_is_not_taken(self):
        poor, settlement = self._carried()
        statement = self._statement(settlement, self.provider_a)
        self.assertEqual(self._amounts(statement)[-3:], (1920, 0, 960))
        self.assertIn("carried over", statement.carried_reason)
        self.assertNotIn("Corrections", statement.carried_reason)
        self._bank(Entry(1500)).line_ids._aptic_reconcile_with(poor._recover_items().filtered("debit"))
        settlement.with_user(self.second_accountant)._approve()
        self.assertEqual(self._amounts(statement)[-3:], (420, 540, 0))
        self._owed(active=49000, payable=540, fund=10, fees_out=30)

    def test_a_balance_of_a_settlement_that_is_not_approved_is_not_taken(self):
        act = self._spend(2)
        self._paid_out(self._first())
        self._reverse(act)
        self._settled(1, approved=False)
        self._spend(1, at=self.before)
        later = self._settled(0, approved=False)
        with self.assertRaisesRegex(UserError, "approve that one first"):
            later.with_user(self.second_accountant)._approve()

    def test_a_correction_as_large_as_the_balance_is_not_taken_for_it(self):
        self.env.ref("aptic_settlement.fee_rule_default").write({"rate_bp": 0, "fund_bp": 0})
        self._days(scanned=9, asked=6)
        acts = [self._spend(1), self._spend(1)]
        self._paid_out(self._settled(7))
        self._reverse(acts[0])
        poor = self._statement(self._settled(4), self.provider_a)
        self._days(scanned=2)
        self._reverse(acts[1])
        self._spend(3)
        statement = self._statement(self._settled(1), self.provider_a)
        self.assertEqual((statement.correction_cents, statement.carried_in_cents, statement.due_cents), (1000,) * 3)
        own = statement._recover_items()
        self.assertEqual(own.sorted("id").mapped("partner_id.id"), [self.provider_a.partner_id.id])
        self.assertTrue(
            all((poor._recover_items().filtered("debit") | own.filtered("partner_id")).mapped("reconciled"))
        )

    def test_the_vat_of_an_invoice_is_given_back_once(self):
        self._days(scanned=9, asked=6)
        acts = [self._spend(1), self._spend(1)]
        first = self._statement(self._settled(7), self.provider_a)
        self.assertEqual((first.fee_cents, first.tax_cents), (80, 13))
        taxes = []
        for act, days in zip(acts, (4, 1), strict=True):
            self._reverse(act)
            statement = self._statement(self._settled(days), self.provider_a)
            refund = statement.reversal_ids.refund_move_id
            self.assertEqual(round(refund.amount_tax * 100), statement.correction_tax_cents)
            self.assertEqual((refund.amount_total, refund.amount_residual), (0.4, 0))
            taxes.append(statement.correction_tax_cents)
            self._days(scanned=3, asked=2)
        self.assertEqual(taxes, [7, 6])


@tagged("post_install", "-at_install")
class TestCoverPages(HttpCase, CoverCase):
    def _page(self, user, path):
        self.authenticate(user.login, user.login)
        return html.unescape(self.url_open(path).text).replace(",", ".")

    def test_no_claim_lessens_what_the_account_owes(self):
        self._short()
        for user in (self.manager_a, self.sponsor_user_a):
            text = self._page(user, "/my/aptic/coverage")
            for word in ("470.30", "500.30", "alert-danger", "aptic_coverage_claims", "30.00"):
                self.assertIn(word, text)

    def test_the_provider_reads_what_was_set_off(self):
        act = self._spend(1)
        self._spend(2)
        first = self._statement(self._first(), self.provider_a)
        self._reverse(act)
        later = self._statement(self._second(), self.provider_a)
        for statement in (first, later):
            text = self._page(self.accountant_a, f"/my/aptic/statements/{statement.id}")
            for word in ("aptic_statement_offsets", first.name, later.name, "9.60", "19.20"):
                self.assertIn(word, text)
        self.assertNotIn(first.name, self._page(self.manager_b, f"/my/aptic/statements/{first.id}"))
