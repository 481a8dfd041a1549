from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_fund import FundCase
from .test_payout import PayoutCase


def reconcile(line, item):
    """Set a line of the bank against a claim by hand, as an accountant does; return the counterpart."""
    counterpart = line.move_id.line_ids.filtered(lambda one: one.account_id != line.journal_id.default_account_id)
    counterpart.with_context(skip_readonly_check=True).write(
        {"account_id": item.account_id.id, "partner_id": item.partner_id.id}
    )
    (counterpart | item).reconcile()
    return counterpart


@tagged("post_install", "-at_install")
class TestPaidByHand(PayoutCase):
    """A transfer typed at the bank pays a statement too: it holds up no order, and nothing is paid twice."""

    def setUp(self):
        super().setUp()
        self._redeem(vouchers=2)
        self._redeem(self.place_b)
        self.settlement = self._settlement(approved=True)
        self.statement = self._statement(self.settlement, self.provider_a)

    def test_it_is_paid_and_the_others_are_ordered(self):
        line = self._bank_line(-1920)
        done = reconcile(line, self.statement._payable_item())
        self.assertEqual(self.statement.state, "paid")
        order = self._pay(self.settlement)
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id)
        order.generated2uploaded()
        self._book(order.payment_ids)
        self.assertEqual(self.settlement.state, "done")
        done.remove_move_reconcile()
        self.assertEqual((self.statement.state, self.settlement.state), ("approved", "sent"))
        self.assertEqual(self._pay(self.settlement).payment_line_ids.aptic_statement_id, self.statement)

    def test_what_an_order_is_about_to_pay_is_not_paid_by_hand_too(self):
        order = self._pay(self.settlement)
        item = self.statement._payable_item()
        with self.assertRaisesRegex(UserError, self.statement.name), self.env.cr.savepoint():
            reconcile(self._bank_line(-1920), item)
        order.generated2uploaded()
        self._book(order.payment_ids)
        self.assertEqual(self.settlement.state, "done")

    def test_nor_a_part_of_it_and_cancelled_it_may_be(self):
        order = self._pay(self.settlement)
        item = self.statement._payable_item()
        with self.assertRaisesRegex(UserError, "cancel"), self.env.cr.savepoint():
            reconcile(self._bank_line(-900), item)
        order.action_cancel()
        reconcile(self._bank_line(-1920), item)
        self.assertEqual(self.statement.state, "paid")

    def test_a_part_leaves_the_rest_to_be_paid(self):
        reconcile(self._bank_line(-900), self.statement._payable_item())
        self.assertEqual(self.statement.state, "approved")
        lines = self._pay(self.settlement).payment_line_ids
        self.assertEqual(lines.filtered("aptic_statement_id").sorted("id").mapped("amount_currency"), [10.2, 9.6])

    def test_after_a_return_it_goes_back_to_returned(self):
        order = self._pay(self.settlement)
        order.generated2uploaded()
        record = self.env["payment.return"].create(
            {"journal_id": self.journal.id, "line_ids": [(0, 0, {"reference": self.statement.name, "amount": 19.2})]}
        )
        record.button_match()
        record.action_confirm()
        self.assertEqual(self.statement.state, "returned")
        done = reconcile(self._bank_line(-1920), self.statement._payable_item())
        self.assertEqual(self.statement.state, "paid")
        done.remove_move_reconcile()
        self.assertEqual(self.statement.state, "returned")

    def test_what_is_cleared_without_the_bank_is_shown(self):
        item = self.statement._payable_item()
        other = self.company.aptic_fund_expense_account_id
        move = self.env["account.move"].create(
            self.env["account.move"]._prepare_aptic_entry_vals(
                self.company,
                "OD",
                item.date,
                [(item.account_id, 1920, item.partner_id), (other, -1920, False)],
            )
        )
        move._post(soft=False)
        (move.line_ids.filtered(lambda one: one.account_id == item.account_id) | item).reconcile()
        before = self.provider_a.message_ids
        order = self._pay(self.settlement)
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id)
        self.assertEqual(self.statement.state, "approved")
        self.assertIn("Nothing of it is open", self.statement.payout_blocker)
        self.assertEqual(self.provider_a.message_ids, before, "it is the team's to look at")


@tagged("post_install", "-at_install")
class TestGrantByHand(FundCase):
    def test_what_is_open_of_a_grant_is_paid(self):
        self._fill()
        grant = self._applied()
        grant.with_user(self.accountant)._grant(3000)
        item = grant._grant_item()
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "date": self.today, "payment_ref": "BANK", "amount": -12}
        )
        reconcile(line, item)
        self.assertEqual(grant.payment_state, "waiting")
        order = self.env["account.payment.order"].browse(grant.with_user(self.accountant).action_pay()["res_id"])
        self.assertEqual(order.payment_line_ids.amount_currency, 18)
