"""Fees that sponsors pay: invoiced once a sponsor and month, withheld from nobody, given back with what is reversed."""

import html
from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .money import OPERATOR_IBAN, Entry
from .test_fee_rules import FeeCase
from .test_reversal import ReversalCase


@tagged("post_install", "-at_install")
class TestSponsorFees(HttpCase, FeeCase):
    def _sponsored(self, rate=4, **vals):
        return self._rule(rate, payer="sponsor", sponsor_id=self.sponsor_a.id, tax_included=False, **vals)

    def test_one_invoice_a_sponsor_and_month_to_the_cent(self):
        self._sponsored(3.33)
        for vouchers, cents in ((1, 1117), (2, 1331), (1, 999)):
            self._redeem(vouchers=vouchers, face_cents=cents)
            self._redeem(self.place_b, vouchers=vouchers, face_cents=cents)
        self._redeem(order=self.other_order)
        settlement = self._settlement(approved=True)
        a, b = (self._statement(settlement, provider) for provider in (self.provider_a, self.provider_b))
        self.assertEqual((a.fee_cents, b.fee_cents), (40, 0), "what the sponsor pays is withheld from nobody")
        self.assertEqual((a.net_cents, b.net_cents), (a.gross_cents - 40, b.gross_cents))
        rows = settlement.statement_ids.fee_ids.filtered("sponsor_id")
        self.assertEqual(len(rows), 2)
        gross = 2 * (1117 + 2 * 1331 + 999)
        untaxed = round(gross * 333 / 10_000)
        invoice = rows.move_id
        self.assertEqual((invoice.move_type, invoice.state), ("out_invoice", "posted"))
        self.assertEqual(invoice.partner_id, self.sponsor_a.partner_id)
        self.assertEqual(round(invoice.amount_untaxed * 100), untaxed)
        self.assertEqual(round(invoice.amount_total * 100), sum(rows.mapped("fee_cents")))
        self.assertEqual(round(invoice.amount_tax * 100), sum(rows.mapped("tax_cents")))
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual((invoice.invoice_date_due - invoice.invoice_date).days, 30)
        self.assertIn("40 €", html.unescape(str(invoice.narration)))
        self.assertIn(self.order.name, invoice.invoice_line_ids.name)
        self.assertNotIn(self.other_order.name, invoice.invoice_line_ids.name)
        self.assertEqual(settlement.sponsor_invoice_ids, invoice)
        self.assertEqual(settlement.action_open_sponsor_invoices()["domain"], [("id", "in", invoice.ids)])
        self.assertEqual([text for text, _cents in b._fee_lines()], ["Fee (paid by the sponsors)"])
        self.assertIn("paid by the sponsors", a._fee_lines()[1][0])

    def test_a_minimum_of_the_sponsor_is_of_the_month_and_not_of_each_provider(self):
        self._sponsored(4, minimum=10)
        self._redeem(vouchers=2)
        self._redeem(self.place_b, vouchers=1)
        settlement = self._settlement(approved=True)
        self.assertEqual(settlement.sponsor_invoice_ids.amount_untaxed, 10)
        self.assertEqual(settlement.statement_ids.fee_ids.sorted("gross_cents").mapped("fee_cents"), [400, 800])

    def test_a_sponsor_may_pay_the_fund_s_share_too_outside_vat(self):
        self._sponsored(fund_payer="sponsor")
        self._redeem(vouchers=5)
        settlement = self._settlement(approved=True)
        invoice = settlement.sponsor_invoice_ids
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (2.9, 0.4))
        expense = self.company.aptic_fund_expense_account_id
        lines = (settlement.statement_ids.move_id | invoice).line_ids.filtered(lambda item: item.account_id == expense)
        self.assertEqual(sorted(lines.mapped("balance")), [-0.5, 0.5], "the operator spends nothing of its own")
        self.assertEqual(settlement.fund, 0.5)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self._rule(1, sponsor_id=self.sponsor_b.id, fund_payer="sponsor")

    def test_the_sponsor_pays_like_any_customer(self):
        self._sponsored()
        self._redeem(vouchers=5)
        settlement = self._settlement(approved=True)
        invoice = settlement.sponsor_invoice_ids
        journal = self.env["account.journal"].create({"name": "Banque courante", "type": "bank", "code": "BQC"})
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": journal.id, "amount": 2.4, "payment_ref": invoice.name, "partner_id": invoice.partner_id.id}
        )
        item = invoice.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        line._aptic_reconcile_with(item)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0, "paid"))

    def test_managers_and_accountants_of_the_sponsor_find_their_invoices(self):
        self._sponsored()
        self._redeem()
        invoice = self._settlement(approved=True).sponsor_invoice_ids
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        page = self.url_open("/my/aptic/sponsor-fees")
        self.assertIn(invoice.name, page.text)
        self.assertIn("/my/aptic/sponsor-fees", self.url_open("/my/aptic").text)
        self.assertEqual(self.url_open(f"/my/aptic/sponsor-fees/{invoice.id}").status_code, 200)
        other_move = self._statement(invoice.aptic_fee_settlement_id, self.provider_a).move_id
        for move_id in (other_move.id, 0, 10**12):
            self.assertEqual(self.url_open(f"/my/aptic/sponsor-fees/{move_id}").status_code, 403)
        for user in (self.sponsor_user_b, self.manager_a, self.stranger):
            self.authenticate(user.login, user.login)
            self.assertNotIn(invoice.name, self.url_open("/my/aptic/sponsor-fees").text)
            self.assertEqual(self.url_open(f"/my/aptic/sponsor-fees/{invoice.id}").status_code, 403)


@tagged("post_install", "-at_install")
class TestSponsorFeesGivenBack(ReversalCase):
    def test_what_is_reversed_is_credited_and_the_fund_takes_back_its_share(self):
        self.env["aptic.fee.rule"].create(
            {
                "name": "Sponsor",
                "date_from": date(2026, 1, 1),
                "payer": "sponsor",
                "sponsor_id": self.sponsor_a.id,
                "tax_included": False,
                "fund_payer": "sponsor",
            }
        )
        self.env.flush_all()
        act = self._spend(3)
        self._spend(2)
        invoice = self._first().sponsor_invoice_ids
        self.assertEqual(round(invoice.amount_total * 100), 240 + 50)
        # The operator brings the fund's share in: the fee itself never is on the segregated account.
        told = self._owed(state="short", active=45_000, payable=5000, fund=50, fees_out=-50)._missing_told()
        self.assertIn("Sponsors pay the fees of some scans", told)
        self.assertNotIn("Providers have to give back", told, "nobody owes anything back")
        item = self._statement(self.env["aptic.settlement"].search([]), self.provider_a).move_id.line_ids.filtered(
            lambda item: item.account_id == self.company.aptic_fees_out_account_id
        )
        self._bank(Entry(50, text="Part du fonds")).line_ids._aptic_reconcile_with(item)
        self._owed(active=45_000, payable=5000, fund=50)
        reversal = self._reverse(act)
        self.assertEqual((reversal.fee_cents, reversal.fund_cents), (0, 30))
        second = self._second()
        statement = self._statement(second, self.provider_a)
        self.assertEqual((statement.correction_cents, statement.correction_fee_cents), (3000, 0))
        refund = second.sponsor_invoice_ids
        self.assertEqual((refund.move_type, refund.reversed_entry_id), ("out_refund", invoice))
        self.assertEqual((round(refund.amount_total * 100), round(refund.amount_tax * 100)), (144 + 30, 24))
        self.assertIn(act.serials.split()[0], refund.invoice_line_ids[0].name)
        self.assertEqual((refund.amount_residual, round(invoice.amount_residual * 100)), (0, 96 + 20))

    def test_the_fees_that_are_left_leave_by_one_transfer(self):
        self.env["aptic.fee.rule"].create(
            {"name": "Sponsor", "date_from": date(2026, 1, 1), "payer": "sponsor", "sponsor_id": self.sponsor_b.id}
        )
        self.env.flush_all()
        sponsored = self._order(sponsor=self.sponsor_b, quantity=50)
        self._spend(4)
        self._spend_b(2)
        self.codes = list(self._codes(sponsored))
        self._spend_b(3)
        self._spend(1)
        self._first()
        self._owed(active=90_000, payable=10_000 - 240, fund=100, fees_out=140)
        self._bank(Entry(-140, text="frais", iban=OPERATOR_IBAN))
        self._owed(active=90_000, payable=10_000 - 240, fund=100)

    def test_a_provider_with_sponsored_vouchers_only_does_not_stop_the_transfer(self):
        self.env["aptic.fee.rule"].create(
            {"name": "Sponsor", "date_from": date(2026, 1, 1), "payer": "sponsor", "sponsor_id": self.sponsor_b.id}
        )
        self.env.flush_all()
        sponsored = self._order(sponsor=self.sponsor_b, quantity=50)
        self._spend_b(4)
        self.codes = list(self._codes(sponsored))
        self._spend(3)
        self._first()
        self._owed(active=93_000, payable=7000 - 160, fund=70, fees_out=90)
        self._bank(Entry(-90, text="frais", iban=OPERATOR_IBAN))
        self._owed(active=93_000, payable=7000 - 160, fund=70)
        fees_out = self.company.aptic_fees_out_account_id
        items = self.env["account.move.line"].search(
            [("account_id", "=", fees_out.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(set(items.mapped("reconciled")), {True}, "nothing is left to be matched by hand")

    def test_the_alarm_says_why_money_is_missing(self):
        proof = self.env["aptic.coverage"]._guarded_create(
            [{"company_id": self.company.id, "day": self.today, "state": "short", "lacking_cents": 70}]
        )
        proof._guarded_write({"fees_cents": -70})
        self.assertIn("taken 0,70€ more out of the account than its fees", self._words(proof))
        self.assertNotIn("Sponsors pay", self._words(proof))
        proof._guarded_write({"fees_cents": 30, "claims_cents": 100})
        words = self._words(proof)
        self.assertIn("Providers have to give back 1,00€", words)
        self.assertIn("The operator's own fees on the account: 0,30€", words)
        self.assertNotIn("taken", words)

    def _words(self, proof):
        return html.unescape(str(proof._missing_told())).replace("\N{NO-BREAK SPACE}", "")

    def _two_months_of_rule(self):
        self.env["aptic.fee.rule"].create(
            {
                "name": "Sponsor",
                "date_from": self.scanned_at.date().replace(day=1) - timedelta(days=62) + relativedelta(day=1),
                "payer": "sponsor",
                "sponsor_id": self.sponsor_a.id,
                "rate": 3.4,
            }
        )
        self.env.flush_all()

    def test_credit_notes_of_two_invoices_are_made_at_once(self):
        self._two_months_of_rule()
        acts, invoices = self.env["aptic.redemption"], self.env["account.move"]
        for days, vouchers in ((9, 1), (7, 2)):
            self._days(days)
            acts |= self._spend(vouchers)
            invoices |= self._settled(days - 1).sponsor_invoice_ids
        self.assertEqual(len(invoices), 2)
        self._days(5)
        for act in acts:
            self._reverse(act)
        statements = type(self.env["aptic.statement"])
        with patch.object(statements, "_parts", autospec=True, side_effect=statements._parts) as asked:
            settlement = self._settled(4)
            of_sponsors = [call for call in asked.mock_calls if "aptic_statement_fee" in str(call.args[1].code)]
        self.assertEqual(len(of_sponsors), 1)
        notes = settlement.sponsor_invoice_ids
        self.assertEqual(notes.reversed_entry_id, invoices)
        for note in notes:
            charged = note.reversed_entry_id
            self.assertEqual(note.amount_total, charged.amount_total)
            told = note.invoice_line_ids.mapped("analytic_distribution")
            self.assertTrue(all(told))
            self.assertEqual(told, charged.invoice_line_ids.mapped("analytic_distribution"))

    def test_credit_notes_of_three_months_give_back_the_vat_of_their_sum(self):
        self._two_months_of_rule()
        self._days(9)
        acts = [self._spend(1) for _act in range(3)]
        invoice = self._settled(8).sponsor_invoice_ids
        self.assertEqual((round(invoice.amount_total * 100), round(invoice.amount_tax * 100)), (102, 17))
        notes = self.env["account.move"]
        for act, days in zip(acts, (7, 5, 3), strict=True):
            self._days(days)
            self._reverse(act)
            notes |= self._settled(days - 1).sponsor_invoice_ids
        self.assertEqual([round(note.amount_total * 100) for note in notes], [34, 34, 34])
        self.assertEqual([round(note.amount_tax * 100) for note in notes], [6, 5, 6], "11 of 68, 17 of 102")
        self.assertEqual(round(sum(notes.mapped("amount_untaxed")) * 100), 85)
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0, "reversed"))
