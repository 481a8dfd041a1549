"""What is booked says which territory and which sponsor it is about: to the cent, and back again."""

from datetime import timedelta

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_accounts import CompanyCase
from .test_reversal import ReversalCase


class AnalysisCase(ReversalCase):
    """Two sponsors, three places in three regions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rennes = cls._commune("35238", "Rennes", ("35", "Ille-et-Vilaine"), ("53", "Bretagne"))
        cls.place_c = cls._place(cls.provider_a, "Lieu C", cls.rennes, cls.library)
        cls.other = cls._order(sponsor=cls.sponsor_b, quantity=50)
        cls.other_codes = cls._codes(cls.other)

    def _spend_other(self, vouchers=1, **change):
        mine, self.codes = self.codes, self.__dict__.setdefault("left", list(self.other_codes))
        try:
            return self._spend(vouchers, **change)
        finally:
            self.codes = mine

    def _told(self, account, moves=None):
        """``{(region, sponsor): cents}`` of the analytic items of an account."""
        company = self.company
        territory, sponsor = (company[f"aptic_{name}_plan_id"]._column_name() for name in ("territory", "sponsor"))
        domain = [("general_account_id", "=", account.id), ("company_id", "=", company.id)]
        if moves is not None:
            domain.append(("move_line_id.move_id", "in", moves.ids))
        rows = self.env["account.analytic.line"]._read_group(domain, [territory, sponsor], ["amount:sum"])
        return {
            (town.aptic_territory_id.name, whose.aptic_sponsor_id): round(amount * 100)
            for town, whose, amount in rows
            if round(amount * 100)
        }

    def _balance(self, account):
        [[balance]] = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted"), ("company_id", "=", self.company.id)],
            [],
            ["balance:sum"],
        )
        return -round(balance * 100)


@tagged("post_install", "-at_install")
class TestAnalysis(AnalysisCase):
    def test_a_month_by_territory_and_sponsor_is_the_ledger_to_the_cent(self):
        a, b = self.sponsor_a, self.sponsor_b
        aquitaine, rhone, brittany = "Nouvelle-Aquitaine", "Auvergne-Rhône-Alpes", "Bretagne"
        self._spend(3)
        self._spend(2, place=self.place_c)
        self._spend_b(1)
        self._spend_other(1)
        for cents in (1117, 999, 1331):
            self._redeem(vouchers=1, face_cents=cents, order=self.other, at=self.scanned_at)
            self._redeem(self.place_b, vouchers=1, face_cents=cents + 1, order=self.other, at=self.scanned_at)
        self._redeem(self.place_c, vouchers=3, face_cents=777, order=self.vouchers, at=self.scanned_at)
        ledger = {
            (aquitaine, a): 3000,
            (brittany, a): 2000 + 2331,
            (rhone, a): 1000,
            (aquitaine, b): 1000 + 3447,
            (rhone, b): 3450,
        }
        company = self.company
        day = self.scanned_at.date()
        moves = self.env["aptic.posting"]._post_until(self.today)
        due = company.aptic_scans_due_account_id
        self.assertEqual(self._told(due), ledger)
        entry = moves.filtered(lambda move: move.date == day)
        self.assertEqual(len(entry.line_ids.filtered(lambda line: line.account_id == due)), 2, "a line an order")
        spent = {key: -cents for key, cents in ledger.items()}
        activated = self._told(company.aptic_funds_account_id, moves - entry)
        self.assertEqual(self._told(company.aptic_funds_account_id, entry), spent)
        self.assertEqual(activated, {(False, a): 50_000, (False, b): 50_000}, "what is activated has no place yet")
        first = self._first()
        self.assertEqual(self._told(due), {}, "settled by what it came from")
        for account in (due, company.aptic_fund_account_id, company.aptic_fund_expense_account_id):
            self.assertEqual(sum(self._told(account).values()), self._balance(account), account.name)
        fund = self._told(company.aptic_fund_account_id)
        for region in (aquitaine, rhone, brittany):
            brought = sum(cents for (town, _sponsor), cents in fund.items() if town == region)
            lines = first.statement_ids.fund_line_ids.filtered(
                lambda line, region=region: line.fund_id.territory_id.name == region
            )
            self.assertEqual(brought, sum(lines.mapped("amount_cents")), region)
        for statement in first.statement_ids:
            [line] = statement.fee_move_id.invoice_line_ids
            told = self._told(line.account_id, statement.fee_move_id)
            self.assertEqual(sum(told.values()), -round(line.balance * 100))
            own = {key for key in ledger if (key[0] == rhone) == (statement.provider_id == self.provider_b)}
            self.assertEqual(set(told), own)
        self.assertEqual(self._told(company.aptic_payable_account_id), {}, "a provider's claim is the provider's")

    def test_what_is_undone_goes_back_where_it_came_from(self):
        acts = self._spend(3) | self._spend(2, place=self.place_c) | self._spend_other(1)
        first = self._first()
        invoice = first.statement_ids.fee_move_id
        income = invoice.invoice_line_ids.account_id
        self.assertEqual(len(self._told(income, invoice)), 3)
        for act in acts:
            self._reverse(act)
        self._spend(4, place=self.place_b, user=self.manager_b, at=self.before)
        self._second()
        company = self.company
        refunds = acts.reversal_ids.refund_move_id
        self.assertEqual(refunds.move_type, "out_refund")
        charged = self._told(income, invoice)
        self.assertEqual(self._told(income, refunds), {key: -cents for key, cents in charged.items()})
        self.assertEqual(self._told(company.aptic_recover_account_id), {}, "recovered by what was reversed")
        fund = self._told(company.aptic_fund_account_id)
        self.assertEqual(fund, {("Auvergne-Rhône-Alpes", self.sponsor_a): 40})

    def test_sponsors_invoices_and_credit_notes_are_told_by_place(self):
        self.env["aptic.fee.rule"].create(
            {
                "name": "Sponsor",
                "date_from": self.scanned_at.date().replace(day=1),
                "payer": "sponsor",
                "sponsor_id": self.sponsor_b.id,
                "fund_payer": "sponsor",
            }
        )
        self.env.flush_all()
        self._spend(2)
        acts = self._spend_other(3) | self._spend_other(2, place=self.place_c)
        first = self._first()
        invoice = first.sponsor_invoice_ids
        income = invoice.invoice_line_ids[0].account_id
        told = self._told(income, invoice)
        self.assertEqual(set(told), {("Nouvelle-Aquitaine", self.sponsor_b), ("Bretagne", self.sponsor_b)})
        self.assertEqual(sum(told.values()), round(invoice.invoice_line_ids[0].price_subtotal * 100))
        paid_in = self._told(self.company.aptic_fund_expense_account_id, invoice)
        self.assertEqual(paid_in, {("Nouvelle-Aquitaine", self.sponsor_b): 30, ("Bretagne", self.sponsor_b): 20})
        spent = self._told(self.company.aptic_fund_expense_account_id)
        self.assertEqual(spent, {("Nouvelle-Aquitaine", self.sponsor_a): -20}, "what its sponsor pays is no expense")
        for act in acts:
            self._reverse(act)
        refund = self._second().sponsor_invoice_ids
        self.assertEqual(self._told(income, refund), {key: -cents for key, cents in told.items()})

    def test_orders_expiries_and_grants(self):
        order = self._order(sponsor=self.sponsor_b, quantity=50)
        company, sponsor = self.company, self.sponsor_b
        face = self._told(company.aptic_unactivated_account_id, order.face_move_id)
        self.assertEqual(face, {(False, sponsor): 50_000})
        note = order._prepare_surplus_move()["invoice_line_ids"][0][2]
        self.assertEqual(note["analytic_distribution"], company._aptic_distributions([{(None, sponsor.id): 1}])[0])
        self.env["aptic.event"]._append(
            [{"kind": "expire", "order_id": order.id, "quantity": 2, "amount_cents": 2000, "at": self.before}]
        )
        moves = self.env["aptic.posting"]._post_until(self.today)
        self.assertEqual(self._told(company.aptic_to_return_account_id, moves), {(False, sponsor): 2000})
        self._spend(5)
        self._first()
        fund = self.env["aptic.fund"].search([("territory_id.code", "=", "75")])
        call = self.env["aptic.fund.call"].create(
            {
                "name": "Ateliers",
                "fund_id": fund.id,
                "text": "Aller vers les habitants",
                "closes_on": self.today + timedelta(days=30),
            }
        )
        call.with_user(self.staff_manager).action_publish()
        grant = (
            self.env["aptic.fund.grant"].with_user(self.manager_a)._apply(call, self.provider_a, "Bus", "Un bus", 30)
        )
        grant.with_user(self.accountant)._grant(30)
        self.assertEqual(
            self._told(company.aptic_fund_account_id, grant.sudo().move_id),
            {("Nouvelle-Aquitaine", self.env["aptic.sponsor"]): -30},
        )

    def test_what_comes_late_is_told_by_what_was_not_yet(self):
        self._spend(2)
        posting, due = self.env["aptic.posting"], self.company.aptic_scans_due_account_id
        posting._post_until(self.today)
        self._spend(1, place=self.place_c)
        self.company.fiscalyear_lock_date = self.scanned_at.date()
        late = posting._post_until(self.today)
        self.assertEqual(late.date, self.scanned_at.date() + timedelta(days=1), "in the open period")
        self.assertEqual(self._told(due, late), {("Bretagne", self.sponsor_a): 1000})
        # What was booked without territories, or at another level, is not told apart afterwards.
        self.company.aptic_analysis_level = "department"
        self._spend(1)
        self.assertEqual(self._told(due, posting._post_until(self.today)), {(False, self.sponsor_a): 1000})
        self.assertFalse(posting._post_until(self.today))

    def test_it_may_be_at_another_level_or_off(self):
        company, due = self.company, self.company.aptic_scans_due_account_id
        company.aptic_analysis_level = "department"
        self._spend(2)
        self.env["aptic.posting"]._post_until(self.today)
        self.assertEqual(self._told(due), {("Gironde", self.sponsor_a): 2000})
        company.aptic_analysis = False
        self._first()
        self.assertEqual(self._told(due), {("Gironde", self.sponsor_a): 2000}, "what is booked stays as it is")
        self.env["account.chart.template"]._load_aptic_settlement(company)
        self.assertFalse(company.aptic_analysis)

    def test_the_accountant_finds_it(self):
        self._spend(2)
        self.env["aptic.posting"]._post_until(self.today)
        action = self.company.with_user(self.accountant).action_aptic_analysis()
        lines = self.env["account.analytic.line"].with_user(self.accountant)
        column = action["context"]["pivot_column_groupby"][0]
        rows = lines._read_group(action["domain"], [column], ["amount:sum"])
        self.assertIn("Nouvelle-Aquitaine", [account.name for account, _amount in rows])
        self.assertTrue(self.accountant.has_group("analytic.group_analytic_accounting"))
        with self.assertRaises(AccessError):
            lines.with_user(self.staff).check_access("read")

    def test_posting_looks_accounts_up_once(self):
        weights = [{(self.bordeaux.id, self.sponsor_a.id): 100, (self.lyon.id, self.sponsor_b.id): 33}]
        [told] = self.company._aptic_distributions(weights)
        account = self.company.aptic_fund_account_id

        def queries(pairs):
            rows = [(account, cents, False, told) for cents in (133, -133) for _pair in range(pairs)]
            vals = self.env["account.move"]._prepare_aptic_entry_vals(self.company, "T", self.today, rows)
            move = self.env["account.move"].create(vals)
            self.env.invalidate_all()
            move.line_ids.mapped("analytic_distribution")
            before = self.cr.sql_log_count
            move.line_ids._create_analytic_lines()
            self.env.flush_all()
            self.assertEqual(len(move.line_ids.analytic_line_ids), 4 * pairs)
            return self.cr.sql_log_count - before

        queries(1)
        self.assertLessEqual(queries(30), queries(1) + 5)


@tagged("post_install", "-at_install")
class TestAnalysisOfCompanies(CompanyCase):
    def test_companies_share_accounts_and_not_entries(self):
        first, second = (self._french_company(f"Opérateur {letter} (test)") for letter in "AB")
        sponsor = self.env["aptic.sponsor"].create({"name": "Commanditaire (test)", "is_company": True})
        moves = self.env["account.move"]
        for company in (first, second):
            self.assertTrue(
                company.aptic_territory_plan_id and company.aptic_sponsor_plan_id and company.aptic_analysis
            )
            [told] = company._aptic_distributions([{(None, sponsor.id): 100}])
            rows = [(company.aptic_fund_account_id, cents, False, told) for cents in (100, -100)]
            with clock.at(fields.Datetime.now()):
                moves |= moves.with_company(company).create(
                    moves._prepare_aptic_entry_vals(company, "T", clock.today(), rows)
                )
        moves._post(soft=False)
        account = self.env["account.analytic.account"].search([("aptic_sponsor_id", "=", sponsor.id)])
        self.assertEqual((len(account), account.company_id.id), (1, False))
        lines = moves.line_ids.analytic_line_ids
        self.assertEqual(lines.company_id, first | second)
        domain = second.with_context(allowed_company_ids=second.ids).action_aptic_analysis()["domain"]
        self.assertEqual(lines.filtered_domain(domain).company_id, second)
