"""The documents of a large settlement: batches that may be killed, that fail alone, and that agree with the ledger."""

import itertools
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_voucher.days import paris_day
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import LockError, UserError
from odoo.tests import tagged

from .. import batches
from ..models import aptic_settlement_documents as documents
from .test_fee_rules import FeeCase
from .test_payout import luhn
from .test_reversal import ReversalCase

STATEMENT_FACTS = (
    "state", "gross_cents", "fee_cents", "tax_cents", "net_cents", "fund_cents", "due_cents", "booked_day",
)  # fmt: skip


class DocumentsCase(ReversalCase, FeeCase):
    """Five providers; batches of two statements, so that they are made in the background."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=500)
        cls.sirets = (luhn(luhn(f"9{number:07d}") + "0001") for number in itertools.count(1))
        cls.desks = [cls.place_a, cls.place_b]
        for number in range(3):
            provider = cls._provider(f"Acteur {number}", next(cls.sirets))
            cls._offer(provider, cls.service, 1000)
            cls.desks.append(cls._place(provider, "Lieu", cls.bordeaux, cls.library))

    def setUp(self):
        super().setUp()
        self.desks = list(self.desks)
        self.enterContext(patch.object(documents, "BATCH", 2))
        self.enterContext(patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")))

    def _scans(self, at=None):
        for number, place in enumerate(self.desks, start=1):
            self._redeem(place, vouchers=number, at=at or self.before, order=self.order)

    def _approved(self, cutoff=None):
        """A settlement of all, approved; its documents wait for the cron."""
        self._scans()
        return self._settlement(cutoff or self.today, approved=True)

    def _cron(self):
        self.env["aptic.settlement"]._cron_make_documents()

    def _break(self, provider):
        """An account that cannot be used any more."""
        account = self.env["account.account"].create(
            {"name": "Fermé", "code": "411999", "account_type": "asset_receivable", "reconcile": True}
        )
        provider.partner_id.property_account_receivable_id = account
        account.active = False
        return account

    def _agree(self):
        proof = self.env["aptic.coverage"]._prove(self.today)
        self.assertFalse([(line.kind, line.difference_cents) for line in proof.line_ids if line.difference_cents])
        self.assertEqual((proof.gap_cents, proof.state), (0, "short" if proof.lacking_cents else "ok"))

    def _ends(self, settlement):
        """All that must be the same, however it was made."""
        ends = {}
        for statement in settlement.statement_ids:
            sums = {}
            for item in (statement.move_id + statement.fee_move_id).line_ids:
                count, cents = sums.get(item.account_id.code, (0, 0))
                sums[item.account_id.code] = (count + 1, cents + round(item.balance * 100))
                self.assertEqual(item.date, statement.booked_day)
            rows = self.env["aptic.event"].search([("kind", "=", "settle"), ("reason", "=", statement.name)])
            ends[statement.provider_id] = (
                [statement[name] for name in STATEMENT_FACTS],
                sums,
                [(row.quantity, row.amount_cents, row.day, row.user_id) for row in rows],
                (statement.move_id.create_uid, statement.fee_move_id.payment_state),
            )
        return ends


@tagged("post_install", "-at_install")
class TestDocuments(DocumentsCase):
    def test_the_end_is_the_same_as_in_one_go(self):
        self._scans(self.before - timedelta(days=2))
        with patch.object(documents, "BATCH", 50):
            whole = self._settlement(self.today - timedelta(days=1), approved=True)
        self.assertEqual((whole.documents_state, whole.documents_progress), ("made", 100))
        batched = self._approved()
        self.assertEqual((batched.state, batched.approved_by_id), ("approved", self.second_accountant))
        self.assertEqual((batched.documents_state, batched.documents_made), ("making", 0))
        self.assertEqual(set(batched.statement_ids.mapped("state")), {"draft"})
        for _run in range(2):
            self._cron()
            self.assertEqual((batched.documents_state, batched.documents_made), ("made", 5))
            self.assertEqual(self._ends(batched), self._ends(whole))

    def test_ledger_and_accounts_agree_after_each_batch(self):
        self._rule(4, sponsor_id=self.sponsor_a.id, payer="sponsor", tax_included=False)
        gone = self._spend(2)
        kept = self._spend(3)
        with patch.object(documents, "BATCH", 50):
            self._first()
        self._reverse(gone)
        self._reverse(kept)
        settlement = self._approved()
        made, owed = [], []
        while settlement._make_documents():
            self._agree()
            made.append(settlement.documents_made)
            owed.append(settlement.documents_progress)
        self.assertEqual((made, owed), ([2, 4, 5, 5], [40, 80, 100, 100]))
        self._agree()
        self.assertEqual(settlement.documents_state, "made")
        self.assertTrue(settlement.sponsor_invoice_ids.filtered(lambda move: move.move_type == "out_invoice"))
        self.assertTrue(settlement.sponsor_invoice_ids.filtered(lambda move: move.move_type == "out_refund"))

    def test_a_batch_that_fails_half_way_leaves_nothing(self):
        settlement = self._approved()
        settlement._make_documents()
        before = self._balances_of_all()
        with (
            patch.object(type(settlement), "_offset_carried", side_effect=LockError("someone else")),
            self.assertRaises(LockError),
            self.cr.savepoint(),
        ):
            settlement._make_documents()
        self.env.invalidate_all()
        self.assertEqual(self._balances_of_all(), before)
        self.assertEqual((settlement.documents_made, settlement.documents_failed), (2, 0), "it was nobody's trouble")
        self._cron()
        self.assertEqual(settlement.documents_made, 5)

    def _balances_of_all(self):
        self.env.flush_all()
        self.cr.execute("SELECT account_id, count(*), sum(balance) FROM account_move_line GROUP BY 1 ORDER BY 1")
        lines = self.cr.fetchall()
        self.cr.execute("SELECT kind, count(*), sum(amount_cents) FROM aptic_event GROUP BY 1 ORDER BY 1")
        return lines, self.cr.fetchall()

    def test_one_in_trouble_does_not_block_the_others(self):
        closed = self._break(self.provider_b)
        settlement = self._approved()
        self._cron()
        bad = self._statement(settlement, self.provider_b)
        self.assertEqual(
            (bad.state, bad.move_id.id, bad.fee_move_id.id, bad.booked_day), ("draft", False, False, False)
        )
        self.assertIn("411999", bad.documents_error)
        others = settlement.statement_ids - bad
        self.assertEqual(set(others.mapped("state")), {"approved"})
        self.assertEqual((settlement.state, settlement.documents_state), ("approved", "failed"))
        self.assertEqual((settlement.documents_made, settlement.documents_failed), (4, 1))
        self.assertIn(bad.name, settlement.message_ids[0].body)
        self.assertEqual(settlement.activity_ids.user_id, self.accountant | self.second_accountant)
        self._agree()
        messages = settlement.message_ids
        self.env["aptic.settlement"]._cron_try_documents()
        self._cron()
        self.assertEqual((settlement.message_ids, len(settlement.activity_ids)), (messages, 2), "told once")
        order = settlement.with_user(self.accountant)._pay()
        self.assertEqual(order.payment_line_ids.aptic_statement_id, others.filtered("provider_id.bank_account_id"))
        closed.active = True
        settlement.with_user(self.accountant).action_try_documents()
        self._cron()
        self.assertEqual((bad.state, bad.documents_error, settlement.documents_state), ("approved", False, "made"))
        self.assertEqual(bad.booked_day, paris_day(settlement.approved_on))
        self.assertFalse(settlement.activity_ids)
        self._agree()

    def test_what_is_no_refusal_is_one_s_own_trouble_too(self):
        settlement = self._approved()
        statements = type(settlement.statement_ids)
        prepare = statements._prepare_move_vals

        def broken(statement, *arguments):
            if statement.provider_id == self.provider_a:
                raise KeyError("town")
            return prepare(statement, *arguments)

        with patch.object(statements, "_prepare_move_vals", broken), self.assertLogs(batches.__name__, "WARNING"):
            self._cron()
        self.assertEqual((settlement.documents_made, settlement.documents_failed), (4, 1))
        self.assertIn("KeyError", self._statement(settlement, self.provider_a).documents_error)

    def test_a_small_settlement_in_trouble_says_so_at_once(self):
        self._break(self.provider_b)
        with patch.object(documents, "BATCH", 50):
            settlement = self._approved()
        self.assertEqual((settlement.documents_made, settlement.documents_failed), (4, 1))

    def test_a_sponsor_in_trouble_does_not_block_the_others(self):
        self._rule(4, sponsor_id=self.sponsor_a.id, payer="sponsor", tax_included=False)
        self._rule(4, sponsor_id=self.sponsor_b.id, payer="sponsor", tax_included=False)
        closed = self._break(self.sponsor_a)
        self._redeem(order=self.other_order, at=self.before)
        settlement = self._approved()
        self._cron()
        self.assertEqual((settlement.documents_made, settlement.documents_state), (5, "failed"))
        self.assertIn(f"{self.sponsor_a.name}: ", settlement.documents_trouble)
        self.assertEqual(settlement.sponsor_invoice_ids.partner_id, self.sponsor_b.partner_id)
        closed.active = True
        self.env["aptic.settlement"]._cron_try_documents()
        self._cron()
        self.assertEqual((settlement.documents_state, settlement.documents_trouble), ("made", False))
        settlement.invalidate_recordset()
        self.assertEqual(len(settlement.sponsor_invoice_ids), 2)

    def test_a_sponsor_s_credit_note_waits_for_the_invoice_that_it_corrects(self):
        self._rule(4, sponsor_id=self.sponsor_a.id, payer="sponsor", tax_included=False)
        act = self._spend(3)
        self._spend(2)
        closed = self._break(self.sponsor_a)
        self.startPatcher(patch.object(documents, "BATCH", 50))
        first = self._first()
        self.assertEqual((first.documents_state, len(first.sponsor_invoice_ids)), ("failed", 0))
        closed.active = True
        self._reverse(act)
        second = self._second()
        self.assertEqual((second.documents_state, len(second.sponsor_invoice_ids)), ("failed", 0))
        self.assertIn(first.name, second.documents_trouble)
        self.assertEqual(set(second.statement_ids.mapped("state")), {"nil"}, "the provider's own are made")
        self.env["aptic.settlement"]._cron_try_documents()
        self._cron()
        (first | second).invalidate_recordset()
        self.assertEqual((first.documents_state, second.documents_state), ("made", "made"))
        invoice, refund = first.sponsor_invoice_ids, second.sponsor_invoice_ids
        self.assertEqual((refund.move_type, refund.reversed_entry_id), ("out_refund", invoice))
        self.assertEqual((invoice.amount_total, refund.amount_total, invoice.amount_residual), (2.4, 1.44, 0.96))

    def test_nobody_is_paid_while_documents_are_made(self):
        settlement = self._approved()
        settlement._make_documents()
        with self.assertRaisesRegex(UserError, "2 of 5"):
            settlement.with_user(self.accountant).action_make_payment_order()
        self._cron()
        order = settlement.with_user(self.accountant)._pay()
        self.assertEqual(len(order.payment_line_ids), len(settlement.statement_ids.filtered("payout_line_ids")))

    def test_where_the_day_was_closed_since_today_counts(self):
        approved_at = fields.Datetime.now() - timedelta(days=3)
        self._scans(approved_at - timedelta(days=2))
        settlement = self._settlement(paris_day(approved_at))
        settlement.with_user(self.second_accountant)._approve(at=approved_at)
        settlement._make_documents()
        self.company.fiscalyear_lock_date = paris_day(approved_at)
        self._cron()
        days = settlement.statement_ids.sorted("id").mapped("booked_day")
        self.assertEqual(days, [paris_day(approved_at)] * 2 + [self.today] * 3)
        self.assertEqual(settlement.statement_ids.sorted("id").move_id.mapped("date"), days)
        for ago in (3, 2, 1, 0):
            day = self.today - timedelta(days=ago)
            proof = self.env["aptic.coverage"]._prove(day)
            self.assertEqual(proof.gap_cents, 0, day)

    def test_what_a_closed_year_does_not_take_is_in_the_fund_s_next_year(self):
        year = self.today.year
        approved_at = datetime(year - 1, 12, 31, 12)
        self._scans(approved_at - timedelta(days=2))
        settlement = self._settlement(approved_at.date())
        settlement.with_user(self.second_accountant)._approve(at=approved_at)
        settlement._make_documents()
        self.company.fiscalyear_lock_date = approved_at.date()
        self._cron()
        own = settlement.statement_ids.sorted("id")
        self.assertEqual(own.mapped("booked_day"), [approved_at.date()] * 2 + [self.today] * 3)
        funds = own.fund_line_ids.fund_id

        def told(of_year, name):
            return sum(fund._year(of_year)[name] for fund in funds)

        old, new = sum(own[:2].mapped("fund_cents")), sum(own[2:].mapped("fund_cents"))
        self.assertEqual([told(year - 1, name) for name in ("opening", "received", "closing")], [0, old, old])
        self.assertEqual([told(year, name) for name in ("opening", "received", "closing")], [old, new, old + new])
        booked = -sum(
            own.move_id.line_ids.filtered(
                lambda item: item.account_id == self.company.aptic_fund_account_id and item.date.year < year
            ).mapped("balance")
        )
        self.assertEqual(round(booked * 100), old)

    def test_a_balance_carried_over_waits_for_its_documents(self):
        act = self._spend(5)
        with patch.object(documents, "BATCH", 50):
            self._settled(4)
        self._reverse(act)
        self._break(self.provider_a)
        with patch.object(documents, "BATCH", 50):
            first = self._settlement(self.today - timedelta(days=1), approved=True)
        self.assertEqual(self._statement(first, self.provider_a).state, "draft")
        second = self._approved()
        self._cron()
        later = self._statement(second, self.provider_a)
        self.assertEqual(second.documents_made, 4)
        self.assertIn(later.carried_from_id.name, later.documents_error)
        self.provider_a.partner_id.property_account_receivable_id.active = True
        self.env["aptic.settlement"]._cron_try_documents()
        self._cron()
        self.assertEqual((first.documents_state, second.documents_state), ("made", "made"))
        self._agree()

    def test_the_fund_has_what_is_booked(self):
        settlement = self._approved()
        fund = self.env["aptic.fund"].search([("territory_id.code", "=", "75")])
        self.assertEqual(fund.received, 0)
        settlement._make_documents()
        fund.invalidate_recordset()
        booked = settlement.statement_ids.filtered("move_id")
        lines = booked.fund_line_ids.filtered(lambda line: line.fund_id == fund)
        self.assertEqual(round(fund.received * 100), sum(lines.mapped("amount_cents")))
        self.assertEqual({day["name"] for day in fund._movements()}, {settlement.name})

    def test_rights(self):
        self._scans()
        settlement = self._settlement(self.today)
        with self.assertRaisesRegex(UserError, "another accountant"):
            settlement.with_user(self.accountant).action_approve()
        self.assertFalse(settlement.documents_state)
        settlement.with_user(self.second_accountant).action_approve()
        for user in (self.staff, self.staff_manager, self.reviewer):
            with self.assertRaisesRegex(UserError, "accountant role"):
                settlement.with_user(user).action_try_documents()
        for user in (self.manager_a, self.sponsor_user_a, self.stranger):
            with self.assertRaises(UserError):
                settlement.with_user(user).action_try_documents()
        for name, value in (("documents_state", "made"), ("documents_sponsor", 1), ("documents_trouble", "none")):
            with self.assertRaisesRegex(UserError, "own actions"):
                settlement.with_user(self.accountant).write({name: value})
        with self.assertRaisesRegex(UserError, "own actions"):
            settlement.statement_ids.write({"documents_error": False, "booked_day": self.today})

    def test_to_be_approved_again_is_nothing(self):
        settlement = self._approved()
        settlement._make_documents()
        settlement.with_user(self.second_accountant).action_approve()
        self.assertEqual((settlement.documents_state, settlement.documents_made), ("making", 2))

    def test_the_batch_is_a_parameter(self):
        parameters = self.env["ir.config_parameter"]
        for given, expected in (("7", 7), ("0", 2), ("seven", 2), ("", 2), ("-1", 2)):
            parameters.set_param(documents.BATCH_PARAMETER, given)
            self.assertEqual(self.env["aptic.settlement"]._documents_batch(), expected)

    def test_a_statement_costs_few_queries(self):
        def queries(size):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with patch.object(documents, "BATCH", size):
                self.assertEqual(settlement._make_documents(), size)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        for number in range(9):
            provider = self._provider(f"Autre {number}", next(self.sirets))
            self._offer(provider, self.service, 1000)
            self.desks.append(self._place(provider, "Lieu", self.bordeaux, self.library))
        settlement = self._approved()
        queries(2)
        few, many = queries(2), queries(10)
        self.assertLessEqual((many - few) / 8, 30, "queries for each statement more")

    def test_the_cron_is_woken(self):
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref("aptic_settlement.cron_documents")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self._approved()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)
