"""A settled redemption is undone: by two persons, to the cent, and once."""

import random
from datetime import timedelta

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .money import Entry
from .test_money_story import MoneyStoryCase


class ReversalCase(MoneyStoryCase):
    """``_spend`` scans real vouchers, ``_ask`` and ``_reverse`` undo what was settled; ``_days`` says how long ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scanned_at = fields.Datetime.now() - timedelta(days=5)
        cls.asked_at = fields.Datetime.now() - timedelta(days=2)
        cls.vouchers = cls._order(quantity=50)
        cls.all_codes = cls._codes(cls.vouchers)

    def setUp(self):
        super().setUp()
        self.codes = list(self.all_codes)

    def _spend(self, vouchers=1, at=None, user=None, **change):
        codes = [self.codes.pop(0) for _voucher in range(vouchers)]
        at = at or self.scanned_at
        price, provider = 1000 * vouchers, (change.get("place") or self.place_a).provider_id
        offers = provider.offer_ids.filtered(lambda offer: offer.price_cents == price)
        offer = offers[:1] or self._offer(provider, self.service, price)
        answer = self._scan(codes, user, price_cents=price, offer=offer, now=at, client_time=at, **change)
        self.assertEqual(answer["status"], "done", answer)
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def _spend_b(self, vouchers=1, **change):
        return self._spend(vouchers, user=self.manager_b, place=self.place_b, **change)

    def _days(self, scanned, asked=None):
        """From now on scans are made, and reversals asked for, so many days ago."""
        self.scanned_at = fields.Datetime.now() - timedelta(days=scanned)
        self.asked_at = fields.Datetime.now() - timedelta(days=asked or scanned)

    def _settled(self, days_ago, approved=True):
        """The settlement of what was received before a day."""
        return self._settlement(self.today - timedelta(days=days_ago), approved=approved)

    def _first(self):
        """The settlement of the scans."""
        return self._settled(3)

    def _second(self, approved=True):
        """The settlement of what came after it, yesterday's scans included."""
        return self._settled(0, approved=approved)

    def _ask(self, act, reason="Atelier annulé", user=None):
        with clock.at(self.asked_at):
            return self.env["aptic.reversal"].with_user(user or self.staff)._ask(act, reason)

    def _reverse(self, act, **options):
        reversal = self._ask(act, **options)
        with clock.at(self.asked_at):
            reversal.with_user(self.accountant)._approve()
        return reversal

    def _paid_out(self, settlement):
        """Everything that is owed is paid, and the bank has booked it."""
        batch = self._pay(settlement)
        settlement.with_user(self.accountant).action_file_sent()
        self._bank(*self._paid_by_the_bank(batch.payment_ids))

    def _amounts(self, statement):
        names = ("gross", "fee", "net", "correction", "correction_fee", "carried_in", "due", "carried_out")
        return tuple(statement[f"{name}_cents"] for name in names)


@tagged("post_install", "-at_install")
class TestReversal(ReversalCase):
    def test_from_the_scan_to_the_correction_to_the_cent(self):
        act = self._spend(3)
        self._spend(2)
        self._first()
        self._owed(active=45000, payable=4800, fund=50, fees_out=150)
        reversal = self._reverse(act)
        self.assertEqual(act.state, "reversed")
        self.assertEqual((reversal.face_cents, reversal.fee_cents, reversal.fund_cents), (3000, 120, 30))
        self._owed("short", active=48000, payable=4800, fund=50, fees_out=150, recover=-3000)
        self.assertEqual(self.vouchers.redeemed_count, 2)
        self._spend(4, at=self.before)
        second = self._second(approved=False)
        statement = self._statement(second, self.provider_a)
        self.assertEqual(self._amounts(statement), (4000, 160, 3840, 3000, 120, 0, 960, 0))
        self.assertEqual(reversal.correction_statement_id, statement)
        self.assertEqual(statement.carried_reason, "")
        self._owed("short", active=44000, scans_due=4000, payable=4800, fund=50, fees_out=150, recover=-3000)
        second.with_user(self.second_accountant)._approve()
        self._owed(active=44000, payable=5760, fund=60, fees_out=180)
        self.assertEqual(statement._payable_item().amount_residual, -9.6)
        funds = {line.is_correction: line.amount_cents for line in statement.fund_line_ids}
        self.assertEqual(funds, {False: 40, True: -30})
        batch = self._pay(second)
        self.assertEqual(sum(batch.payment_line_ids.mapped("amount_currency")), 57.6)
        second.with_user(self.accountant).action_file_sent()
        self._bank(*self._paid_by_the_bank(batch.payment_ids))
        self.assertEqual(statement.state, "paid")
        self._owed(active=44000, fund=60, fees_out=180)

    def test_a_provider_that_pays_the_fund_s_share_gets_it_back_to_the_cent(self):
        self.env["aptic.fee.rule"].create(
            {
                "name": "Fund besides",
                "date_from": self.scanned_at.date().replace(day=1),
                "sponsor_id": self.sponsor_a.id,
                "fund_payer": "provider",
            }
        )
        self.env.flush_all()
        act = self._spend(3)
        self._spend(2)
        first = self._statement(self._first(), self.provider_a)
        self.assertEqual(self._amounts(first), (5000, 250, 4750, 0, 0, 0, 4750, 0))
        self.assertEqual([cents for _text, cents in first._fee_lines()], [200, 50])
        invoice = first.fee_move_id
        self.assertEqual((invoice.amount_total, invoice.amount_tax, invoice.amount_residual), (2.5, 0.33, 0))
        expense = self.company.aptic_fund_expense_account_id
        lines = (first.move_id | invoice).line_ids.filtered(lambda item: item.account_id == expense)
        self.assertEqual(sorted(lines.mapped("balance")), [-0.5, 0.5], "the operator spends nothing of its own")
        self._owed(active=45_000, payable=4750, fund=50, fees_out=200)
        reversal = self._reverse(act)
        self.assertEqual((reversal.fee_cents, reversal.fund_cents), (150, 30))
        self._spend(4, at=self.before)
        statement = self._statement(self._second(), self.provider_a)
        self.assertEqual(self._amounts(statement), (4000, 200, 3800, 3000, 150, 0, 950, 0))
        refund = reversal.refund_move_id
        self.assertEqual((refund.amount_total, refund.amount_tax, refund.amount_residual), (1.5, 0.2, 0))
        self.assertEqual(statement.correction_tax_cents, 20)
        self._owed(active=44_000, payable=5700, fund=60, fees_out=240)
        self.assertIn("contribution", statement._fee_back_label())
        self.assertTrue(statement._pdf().startswith(b"%PDF"))

    def test_the_fee_s_invoice_is_corrected_by_a_credit_note(self):
        act = self._spend(3)
        first = self._statement(self._first(), self.provider_a)
        reversal = self._reverse(act)
        self._spend(4, at=self.before)
        statement = self._statement(self._second(), self.provider_a)
        refund = reversal.refund_move_id
        self.assertEqual((refund.move_type, refund.state), ("out_refund", "posted"))
        self.assertEqual((refund.amount_total, refund.amount_tax), (1.2, 0.2))
        self.assertEqual(refund.reversed_entry_id, first.fee_move_id)
        self.assertEqual(refund.ref, first.fee_move_id.name)
        self.assertIn(first.name, refund.invoice_line_ids.name)
        self.assertIn(reversal._serials(), refund.invoice_line_ids.name)
        self.assertEqual(refund.amount_residual, 0)
        self.assertEqual(statement.correction_tax_cents, 20)
        self.assertEqual((first.fee_move_id.amount_total, first.fee_move_id.amount_residual), (1.2, 0))
        receivable = self.provider_a.partner_id.property_account_receivable_id
        items = (statement.move_id | statement.fee_move_id | refund).line_ids
        self.assertTrue(all(items.filtered(lambda item: item.account_id == receivable).mapped("reconciled")))

    def test_the_voucher_can_be_used_again_and_the_sponsor_s_figures_follow(self):
        code = self.codes[0]
        act = self._spend()
        self._first()
        voucher = self.env["aptic.voucher"].search([("serial", "=", int(act.serials))])
        peek = self.env["aptic.redemption"].with_user(self.mediator_a)._peek
        member = self.mediator_a.aptic_member_ids[:1]
        self.assertEqual(peek(member, self.place_a, [code])["status"], "used")
        self._reverse(act)
        self.assertEqual((voucher.state, voucher.redemption_id.id), ("active", False))
        self.assertEqual(peek(member, self.place_a, [code])["status"], "ok")
        self.assertEqual(self.vouchers._api_counts()["vouchers"]["redeemed"], 0)
        self.assertEqual(self.vouchers._figures()[self.vouchers.id]["remaining_cents"], 50000)
        events = act.event_ids.sorted("id")
        self.assertEqual(events.mapped("kind"), ["redeem", "reverse"])
        self.assertEqual((events[-1].amount_cents, events[-1].reason), (1000, "Atelier annulé"))
        self.codes.insert(0, code)
        again = self._spend(at=self.before)
        self.assertEqual(voucher.redemption_id, again)

    def test_what_exceeds_the_month_is_carried_over_and_blocks_nobody(self):
        self._days(scanned=9, asked=6)
        act = self._spend(3)
        self._spend_b(2)
        self._paid_out(self._settled(7))
        self._reverse(act)
        self._days(scanned=5)
        self._spend(1)
        self._spend_b(5)
        second = self._settled(4)
        poor, rich = (self._statement(second, provider) for provider in (self.provider_a, self.provider_b))
        self.assertEqual(self._amounts(poor), (1000, 40, 960, 3000, 120, 0, 0, 1920))
        self.assertEqual((poor.state, rich.state), ("nil", "approved"))
        self.assertFalse(poor._payable_item())
        self.assertIn("19,20", poor.carried_reason)
        self.assertIn("19,20", self.provider_a.message_ids[0].body)
        self._owed("short", active=42000, payable=4800, fund=50 + 60 - 30, fees_out=150 + 180 - 90, recover=-1920)
        self._days(scanned=2)
        self._spend(4)
        statement = self._statement(self._settled(1), self.provider_a)
        self.assertEqual(self._amounts(statement), (4000, 160, 3840, 0, 0, 1920, 1920, 0))
        self.assertEqual(statement.carried_from_id, poor)
        self._owed(active=38000, payable=4800 + 1920, fund=80 + 40, fees_out=240 + 120)
        carried = poor._recover_items().filtered("debit") | statement._recover_items()
        self.assertEqual(carried.mapped("reconciled"), [True, True])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_statement SET carried_from_id = %s WHERE id = %s", [poor.id, rich.id])

    def test_a_provider_with_nothing_but_a_correction_gets_a_statement(self):
        act = self._spend(1)
        self._first()
        self._reverse(act)
        second = self._second()
        statement = self._statement(second, self.provider_a)
        self.assertEqual(self._amounts(statement), (0, 0, 0, 1000, 40, 0, 0, 960))
        self.assertEqual((statement.state, second.state), ("nil", "done"))
        self.assertFalse(statement.fee_move_id)
        self._owed(active=50000)

    def test_a_correction_is_taken_once(self):
        act = self._spend(1)
        self._first()
        reversal = self._reverse(act)
        second = self._second(approved=False)
        second.with_user(self.accountant)._take()
        third = self._settlement(self.today - timedelta(days=1))
        self.assertFalse(third.statement_ids)
        self.assertEqual(sum(self.env["aptic.statement"].search([]).mapped("correction_cents")), 1000)
        for column, value in (("correction_statement_id", "NULL"), ("decision", "'refused'"), ("face_cents", "1")):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.cr.execute(f"UPDATE aptic_reversal SET {column} = {value} WHERE id = %s", [reversal.id])

    def test_what_is_approved_after_the_cutoff_waits_for_the_next_settlement(self):
        act = self._spend(1)
        self._first()
        reversal = self._ask(act)
        reversal.with_user(self.accountant)._approve()
        self.assertFalse(self._second().statement_ids)
        self.assertEqual(reversal.stage, "approved")

    def test_odd_cents_are_undone_without_a_rest(self):
        acts = [self._spend(vouchers) for vouchers in (1, 2, 4)]
        self.env.flush_all()
        rule = self.env.ref("aptic_settlement.fee_rule_default")
        rule.write({"rate_bp": 333, "fund_bp": 77})
        first = self._statement(self._first(), self.provider_a)
        self.assertEqual((first.fee_cents, first.fund_cents), (233, 54))
        for act in acts:
            self._reverse(act)
        statement = self._statement(self._second(), self.provider_a)
        self.assertEqual((statement.correction_fee_cents, statement.correction_fund_cents), (233, 54))
        self.assertEqual(statement.correction_tax_cents, first.tax_cents)
        self.assertEqual(statement.carried_out_cents, first.net_cents)
        self._owed(active=50000)

    def test_an_expired_order_gets_the_value_to_return(self):
        act = self._spend(2)
        self._first()
        reversal = self._ask(act)
        with clock.at(fields.Datetime.now() + timedelta(days=400)):
            self.vouchers._expire()
        with self.assertRaisesRegex(UserError, "waits for its decision"):
            self.vouchers._draw_closing()
        reversal.with_user(self.accountant)._approve()
        vouchers = self.env["aptic.voucher"].search([("serial", "in", act.serials.split())])
        self.assertEqual(set(vouchers.mapped("state")), {"expired"})
        self.assertEqual(act.event_ids.sorted("id").mapped("kind"), ["redeem", "reverse", "expire"])
        self.vouchers._draw_closing()
        self.assertEqual(self.vouchers.closing_id.unused_cents, 50000)

    def test_once_the_unused_value_was_returned_it_is_refused(self):
        act = self._spend(2)
        self._first()
        with clock.at(fields.Datetime.now() + timedelta(days=400)):
            self.vouchers._expire()
        self.vouchers._draw_closing()
        self.vouchers.closing_id.sudo()._sign()
        self.vouchers.with_user(self.accountant)._return_unused()
        with self.assertRaisesRegex(UserError, "joint statement"):
            self._ask(act)

    def test_what_comes_back_of_a_blocked_booklet_stays_blocked(self):
        act = self._spend(1)
        self._first()
        serial = int(act.serials)
        self.env["aptic.blocking"].with_user(self.staff)._block(serial, serial + 4, "stolen", "Cambriolage")
        self._reverse(act)
        self.assertEqual(self.env["aptic.voucher"].search([("serial", "=", serial)]).state, "blocked")

    def test_what_a_provider_pays_back_is_not_taken_again(self):
        self._days(scanned=9, asked=6)
        act = self._spend(2)
        self._paid_out(self._settled(7))
        self._reverse(act)
        statement = self._statement(self._settled(4), self.provider_a)
        self._owed("short", active=50000, recover=-1920)
        line = self._bank(Entry(1500, text="Remboursement")).line_ids
        line._aptic_reconcile_with(statement._recover_items().filtered("debit"))
        self._owed("short", active=50000, recover=-420)
        self._days(scanned=2)
        self._spend(1)
        later = self._statement(self._settled(1), self.provider_a)
        self.assertEqual(self._amounts(later), (1000, 40, 960, 0, 0, 420, 540, 0))
        self._owed(active=49000, payable=540, fund=10, fees_out=30)
        self.assertTrue(
            all(
                (statement | later)
                ._recover_items()
                .filtered(lambda item: item.debit or item.credit == 4.2)
                .mapped("reconciled")
            )
        )

    def test_a_locked_period_is_left_alone(self):
        act = self._spend(1)
        self._first()
        self._reverse(act)
        self.company.fiscalyear_lock_date = self.today - timedelta(days=1)
        self.env["aptic.posting"]._post_until(self.today)
        entry = self.env["aptic.posting"].search([("kind", "=", "reverse")])
        self.assertEqual((entry.day, entry.move_id.date), (paris_day(self.asked_at), self.today))
        recover = self.company.aptic_recover_account_id
        [line] = entry.move_id.line_ids.filtered(lambda item: item.account_id == recover)
        self.assertEqual((line.debit, line.partner_id.id), (10, False))

    def test_random_months_stay_covered_to_the_cent(self):
        """At each step bank, accounts and ledger agree; at the end each provider has 96 % of what stays."""
        chance = random.Random(5)
        acts, taken = [], set()
        for days_ago in (15, 12, 9, 6, 3):
            self._days(scanned=days_ago + 2, asked=days_ago + 1)
            for spend in (self._spend, self._spend_b):
                acts += [spend(chance.choice((1, 1, 2))) for _scan in range(chance.randrange(3))]
            for act in chance.sample(acts, len(acts) // 2):
                if act.state == "settled" and act not in taken:
                    taken.add(act)
                    self._reverse(act)
            self._agreed()
            settlement = self._settled(days_ago)
            self._agreed()
            if chance.random() < 0.6 and self._pay(settlement):
                for order in settlement.payment_order_ids.filtered(lambda order: order.state == "generated"):
                    order.generated2uploaded()
                    self._bank(*self._paid_by_the_bank(order.payment_ids))
                self._agreed()
        for provider in (self.provider_a, self.provider_b):
            statements = self.env["aptic.statement"].search([("provider_id", "=", provider.id)], order="id")
            kept = [act for act in acts if act.provider_id == provider and act.state == "settled"]
            waiting = self.env["aptic.reversal"].search(
                [("provider_id", "=", provider.id), ("correction_statement_id", "=", False)]
            )
            self.assertFalse(waiting)
            self.assertEqual(
                sum(statements.mapped("due_cents"))
                - statements[-1:].carried_out_cents
                - sum((statements.offset_ids - statements[-1:].offset_claim_ids).mapped("amount_cents")),
                sum(act.face_cents for act in kept) * 96 // 100,
            )
        self.assertGreaterEqual(len(taken), 4)

    def _agreed(self):
        proof = self.env["aptic.coverage"]._prove(self.today)
        differences = [(line.kind, line.difference_cents) for line in proof.line_ids if line.difference_cents]
        lacks = any(line.kind == "recover" and line.ledger_cents < 0 for line in proof.line_ids) and proof.lacking_cents
        self.assertEqual((proof.state, differences), ("short" if lacks else "ok", []))
