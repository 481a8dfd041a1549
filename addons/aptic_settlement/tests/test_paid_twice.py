"""Nobody is paid twice: refusals of a second copy, and money that the bank still holds after a return."""

from datetime import timedelta

from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..bank_answers import Reason
from ..demo.bank_answers import Told, camt054
from ..demo.camt import Entry
from .test_bank_answers import IBAN, AnswerCase
from .test_money_story import MoneyStoryCase


@tagged("post_install", "-at_install")
class TestDoubled(AnswerCase):
    """The same file reached the bank twice: it refuses the copy, and pays the first one."""

    def _assert_first_copy_stands(self, said):
        self.assertIn("sent twice", said)
        self.assertEqual(self.assertAgree(first="sent", second="sent"), -7680)
        self.assertFalse(self.payout.payment_ids._aptic_return_lines())
        self.assertFalse(self._pay(self.settlement), "nothing is paid again")
        self.assertTrue(self.provider_a.bank_account_id and self.provider_b.bank_account_id)

    def test_a_copy_refused_as_a_whole_brings_nothing_back(self):
        for code in ("AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"):
            with self.subTest(code):
                self._assert_first_copy_stands(self._answer(self._report(group="RJCT", group_code=code)))
        self._bring(self._bank(self._paid(self.first, self.second)))
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)

    def test_a_copy_refused_after_the_bank_booked_leaves_all_paid(self):
        self._bring(self._bank(self._paid(self.first, self.second)))
        self._answer(self._report(group="RJCT", group_code="DUPL"))
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)
        self.assertFalse(self._pay(self.settlement))

    def test_accountants_are_told_of_a_copy_once(self):
        before = self.payout.message_ids
        report = self._report(group="RJCT", group_code="AM05")
        self._answer(report)
        self.assertIn("recorded already", self._answer(report))
        self._answer(self._report(group="RJCT", group_code="AM05"))
        told = self.payout.activity_ids
        self.assertEqual(len(told), len(told.user_id), "once for each")
        self.assertIn(self.accountant, told.user_id)
        self.assertNotIn(self.staff_manager, told.user_id)
        said = [message.body for message in self.payout.message_ids - before if "first copy stands" in message.body]
        self.assertEqual(len(said), 2)
        self.assertIn(self.first.name, said[0])

    def test_a_block_and_single_payments_refused_as_copies_stay_sent(self):
        block = next(iter(self.payout._aptic_sent()))
        self._assert_first_copy_stands(
            self._answer(self._report(group="RJCT", group_code="DU02", block=block, block_status="RJCT"))
        )
        lines = [Told(statement.name, code="DU04") for statement in (self.first, self.second)]
        self._assert_first_copy_stands(self._answer(self._report(*lines)))

    def test_a_copy_that_the_bank_paid_and_sends_back_is_left_to_a_person(self):
        self._bring(self._bank(self._paid(self.first, self.second), self._one(self.second)))
        notice = camt054(IBAN, "AVIS-1", self.today, [self._back(self.second, code="AM05")])
        self.assertIn("sent twice", self._answer(notice))
        credit = self._bring(self._bank(self._back(self.second, code="AM05"))).line_ids
        self.assertFalse(credit.is_reconciled)
        self.assertEqual(self.second.state, "paid")
        self.assertFalse(self.payout.payment_ids._aptic_return_lines())

    def test_a_notice_of_a_copy_says_that_the_bank_has_the_file_and_counts_once(self):
        self.assertEqual(self.payout.state, "generated")
        notice = camt054(IBAN, "AVIS-2", self.today, [self._back(self.second, code="AM05")])
        self.assertIn("sent twice", self._answer(notice))
        self.assertEqual(self.payout.state, "uploaded")
        with self.assertRaises(UserError):
            self.payout.action_cancel()
        before = self.payout.message_ids
        self.assertIn("recorded already", self._answer(notice))
        self.assertEqual(self.payout.message_ids, before)

    def test_what_is_really_refused_comes_back_beside_a_copy(self):
        report = self._report(Told(self.first.name, code="AC01"), Told(self.second.name, code="AM05"))
        self.assertIn("refuses 1 payments", self._answer(report))
        self.assertAgree(first="returned", second="sent")
        self.assertTrue(self.payout.activity_ids)


@tagged("post_install", "-at_install")
class TestMoneyNotBack(AnswerCase):
    """What the bank has booked and says is back is paid again only when the money is there."""

    def test_a_refusal_of_what_was_booked_is_paid_again_after_its_credit(self):
        self._bring(self._bank(self._paid(self.first, self.second)))
        self._answer(self._report(Told(self.second.name, code="AM04"), group="PART"))
        self.assertEqual(self.assertAgree(first="paid", second="returned"), 4800)
        self.assertIn("not on the account yet", self.second.payout_blocker)
        self.assertFalse(self._pay(self.settlement))
        self.assertIn("not on the account yet", self.provider_b.message_ids[0].body)
        self.assertEqual(self.settlement.blocked_count, 1)
        self._bring(self._bank(self._back(self.second)))
        self.assertEqual(self.assertAgree(first="paid", second="returned"), 0)
        self.assertFalse(self.second.payout_blocker)
        self.assertEqual(self._pay(self.settlement).payment_line_ids.aptic_statement_id, self.second)

    def test_what_was_refused_before_it_was_booked_is_paid_again_at_once(self):
        self._answer(self._report(Told(self.second.name, code="AM04"), group="PART"))
        self.assertFalse(self.second.payout_blocker)
        self.assertEqual(self._pay(self.settlement).payment_line_ids.aptic_statement_id, self.second)

    def test_a_batch_booked_with_its_refused_part_waits_for_the_credit(self):
        self._answer(self._report(Told(self.second.name, code="AM04"), group="PART"))
        self._bring(self._bank(self._paid(self.first, self.second, silent=True)))
        self.env.invalidate_all()
        self.assertFalse(self._pay(self.settlement))
        self._bring(self._bank(Entry(4800, text="REJET", end_to_end=self.second.name)))
        self.env.invalidate_all()
        self.assertTrue(self._pay(self.settlement))


@tagged("post_install", "-at_install")
class TestByHand(MoneyStoryCase):
    """A return that a person records: who may, who reads of it, and what the proof of coverage says of the money."""

    def _sent(self):
        earlier = self.before - timedelta(days=3)
        self.vouchers = self._order(quantity=1000)
        self._redeem(vouchers=3, order=self.vouchers, at=earlier)
        self.settlement = self._settlement(paris_day(self.before) - timedelta(days=1), approved=True)
        order = self.settlement.with_user(self.accountant)._pay().sudo()
        order.generated2uploaded()
        self.statement = self.settlement.statement_ids
        return order.payment_ids

    def _by_hand(self, payment, user=None):
        returns = self.env["payment.return"].with_user(user or self.second_accountant)
        record = returns.create(
            {
                "journal_id": self.journal.id,
                "line_ids": [Command.create({"reference": payment.aptic_end_to_end, "amount": payment.amount})],
            }
        )
        record.button_match()
        record.line_ids.aptic_suspends = False
        record.action_confirm()
        return record

    def _again(self):
        order = self.settlement.with_user(self.accountant)._pay().sudo()
        order.generated2uploaded()
        return order.payment_ids

    def test_paid_twice_with_one_return_is_missing_money(self):
        first = self._sent()
        self._by_hand(first)
        second = self._again()
        self._owed(active=997_000, payable=2880, fund=30, fees_out=90)
        self._bank(*self._paid_by_the_bank(second))
        self._owed(active=997_000, fund=30, fees_out=90)
        self._bank(*self._paid_by_the_bank(first))
        self.assertEqual(self.statement.state, "paid")
        proof = self._owed("short", active=997_000, fund=30, fees_out=90, overpaid=-2880)
        self.assertEqual((proof.claims_cents, proof.lacking_cents), (2880, 2790))
        self.assertEqual(proof.owed_cents - proof.bank_cents, 2790)
        self.assertIn("28.80", proof.message_ids[0].body.replace(",", "."))
        self.assertTrue(proof.activity_ids)
        line = proof.line_ids.filtered(lambda line: line.kind == "overpaid")
        items = self.env["account.move.line"].search(line.with_user(self.accountant).action_open()["domain"])
        self.assertEqual(sum(items.mapped("balance")), 28.8)
        with self.assertRaisesRegex(UserError, "27[.,]90"), self.env.cr.savepoint():
            self._order(quantity=20, state="delivered")._activate()

    def test_what_the_fees_stand_in_for_is_told_too(self):
        first = self._sent()
        self._by_hand(first)
        second = self._again()
        self._redeem(self.place_b, vouchers=100, order=self.vouchers, at=self.before)
        self._settlement(self.today, approved=True)
        self._bank(*self._paid_by_the_bank(second), *self._paid_by_the_bank(first))
        proof = self._owed("ok", active=897_000, payable=96_000, fund=1030, fees_out=3090, overpaid=-2880)
        self.assertEqual((proof.claims_cents, proof.lacking_cents, proof.transferable), (2880, 0, 2.1))
        self.assertIn("28.80", proof.activity_ids[0].summary.replace(",", "."))
        self._bank(Entry(2880, text="RETOUR", end_to_end=first.aptic_end_to_end))
        self.assertFalse(self._owed(active=897_000, payable=96_000, fund=1030, fees_out=3090).activity_ids)

    def test_what_a_provider_got_too_much_is_not_set_against_what_it_is_owed(self):
        first = self._sent()
        self._by_hand(first)
        self._bank(*self._paid_by_the_bank(self._again()), *self._paid_by_the_bank(first))
        self._redeem(vouchers=3, order=self.vouchers, at=self.before)
        self._settlement(self.today, approved=True)
        self._owed("short", active=994_000, payable=2880, fund=60, fees_out=180, overpaid=-2880)

    def test_a_return_without_its_credit_is_a_claim_until_it_is_there(self):
        payment = self._sent()
        self._bank(*self._paid_by_the_bank(payment))
        self._owed(active=997_000, fund=30, fees_out=90)
        self._by_hand(payment)
        self.assertIn("not on the account yet", self.statement.payout_blocker)
        self._owed("short", active=997_000, payable=2880, fund=30, fees_out=90, overpaid=-2880)
        self._bank(Entry(2880, text="RETOUR", end_to_end=payment.aptic_end_to_end))
        self._owed(active=997_000, payable=2880, fund=30, fees_out=90)
        self.env.invalidate_all()
        self.assertFalse(self.statement.payout_blocker)

    def test_only_accountants_record_returns_by_hand_and_it_is_told(self):
        payment = self._sent()
        self.staff_manager.group_ids += self.env.ref("account.group_account_manager")
        with self.assertRaisesRegex(UserError, "#APTIC accountant role"), self.env.cr.savepoint():
            self._by_hand(payment, self.staff_manager)
        self.assertEqual(self.statement.state, "sent")
        before = self.provider_a.message_ids, payment.payment_order_id.message_ids
        self._by_hand(payment)
        self.assertEqual(self.statement.state, "returned")
        for record, old in zip((self.provider_a, payment.payment_order_id), before, strict=True):
            said = [message.body for message in record.message_ids - old if "by hand" in message.body]
            self.assertEqual(len(said), 1)
            self.assertIn(self.second_accountant.name, said[0])

    def test_what_the_bank_says_is_not_called_by_hand(self):
        payment = self._sent()
        before = self.provider_a.message_ids
        payment._aptic_come_back({payment: Reason("AC04", "")}, source="R", day=self.today)
        self.assertFalse([each for each in self.provider_a.message_ids - before if "by hand" in each.body])
