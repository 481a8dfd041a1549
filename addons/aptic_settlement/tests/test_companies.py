"""Two operators in one database: the team of one reads nothing of the other's money."""

from datetime import date, datetime, timedelta

from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Datetime
from odoo.tests import HttpCase, new_test_user, tagged

from .common import SettlementCase

CENTS = ("ledger_cents", "accounting_cents", "bank_cents", "difference_cents")
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
# What says of a row whose it is; models that have none of these belong to nobody: parties, places, funds, terms.
PATHS = {
    "res.company": ("company_id",),
    "aptic.order": ("order_id",),
    "aptic.settlement": ("settlement_id",),
    "aptic.statement": ("statement_id",),
    "aptic.coverage": ("coverage_id",),
    "aptic.statement.fee": ("fee_id",),
    "aptic.distribution": ("distribution_id",),
}


class CompaniesCase(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Ailleurs (test)"})
        group = "aptic_base.group_aptic_accountant"
        cls.stray = new_test_user(cls.env, "ailleurs", group)
        cls.stray.write({"company_ids": [Command.set(cls.elsewhere.ids)], "company_id": cls.elsewhere.id})
        cls.both = new_test_user(cls.env, "partout", group)
        cls.both.company_ids |= cls.elsewhere

    @classmethod
    def _french_books(cls, company):
        """Give a company the French chart, with the segregated account's journal."""
        company.country_id = cls.env.ref("base.fr")
        cls.env["account.chart.template"].try_loading("fr", company, install_demo=False)


@tagged("post_install", "-at_install")
class TestCompanies(CompaniesCase):
    def _two_of_each(self):
        """A month's rows of each company, by model; the second month was given to the other company."""
        rows = {}
        for month, (cutoff, company) in enumerate(((APRIL, self.company), (MAY, self.elsewhere)), start=3):
            self._redeem(at=datetime(2026, month, 10, 9))
            settlement = self._settlement(cutoff)
            if company == self.elsewhere:
                self.env.flush_all()
                for table, column in (("aptic_settlement", "id"), ("aptic_statement", "settlement_id")):
                    self.env.cr.execute(
                        f"UPDATE {table} SET company_id = %s WHERE {column} = %s", [company.id, settlement.id]
                    )
                self.env.invalidate_all()
            proof = self._proof(company)
            fees = settlement.statement_ids.fee_ids
            rows[company] = {
                "aptic.settlement": settlement,
                "aptic.statement": settlement.statement_ids,
                "aptic.statement.fee": fees,
                "aptic.fee.share": self.env["aptic.fee.share"].search([("fee_id", "in", fees.ids)]),
                "aptic.fund.line": self.env["aptic.fund.line"].search(
                    [("statement_id", "in", settlement.statement_ids.ids)]
                ),
                "aptic.coverage": proof,
                "aptic.coverage.line": proof.line_ids,
                "aptic.coverage.paper": self._paper(proof),
            }
        return rows

    def _proof(self, company):
        return self.env["aptic.coverage"]._guarded_create(
            [
                {
                    "company_id": company.id,
                    "day": paris_day(Datetime.now()) + timedelta(days=1),
                    "state": "ok",
                    "line_ids": [Command.create({"sequence": 1, "kind": "active", **dict.fromkeys(CENTS, 0)})],
                }
            ]
        )

    def _paper(self, proof):
        attachment = self.env["ir.attachment"].create({"name": "preuve.pdf", "raw": b"%PDF"})
        words = dict.fromkeys(("figures_sha256", "signer", "issuer", "fingerprint", "sha256"), "x")
        moments = dict.fromkeys(("signed_at", "valid_until"), Datetime.now())
        ids = {"company_id": proof.company_id.id, "coverage_id": proof.id, "attachment_id": attachment.id}
        return self.env["aptic.coverage.paper"]._guarded_create([{**words, **moments, **ids, "level": "b_b"}])

    def test_each_team_reads_its_own_and_the_team_of_both_reads_both(self):
        rows = self._two_of_each()
        for model in rows[self.company]:
            ours, theirs = rows[self.company][model], rows[self.elsewhere][model]
            self.assertTrue(ours and theirs, model)
            for user, companies, expected in (
                (self.accountant, self.company, ours),
                (self.stray, self.elsewhere, theirs),
                (self.both, self.company | self.elsewhere, ours | theirs),
                (self.both, self.elsewhere, theirs),
            ):
                with self.subTest(model=model, user=user.login, companies=companies.mapped("name")):
                    records = self.env[model].with_user(user).with_context(allowed_company_ids=companies.ids)
                    seen = records.search([("id", "in", (ours | theirs).ids)])
                    self.assertEqual(set(seen.ids), set(expected.ids))
            with self.subTest(model=model), self.assertRaises(AccessError):
                ours.with_user(self.stray).read(["display_name"])

    def test_a_provider_reads_its_statements_whoever_pays_them(self):
        self._redeem()
        statement = self._settlement(approved=True).statement_ids
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_statement SET company_id = %s", [self.elsewhere.id])
        self.env.invalidate_all()
        statements = self.env["aptic.statement"].with_user(self.manager_a).search([])
        self.assertIn(statement.id, statements.ids)
        self.assertFalse(self.env["aptic.statement"].with_user(self.accountant).search([]))

    def test_every_model_that_says_whose_its_rows_are_has_a_rule(self):
        rules = self.env["ir.rule"].search([("global", "=", True), ("domain_force", "like", "company_ids")])
        ruled = set(rules.mapped("model_id.model"))
        lacking = {
            model._name
            for model in self.env.registry.values()
            if model._name.startswith("aptic.")
            and not (model._abstract or model._transient)
            and any(
                field.store and field.comodel_name in PATHS and name in PATHS[field.comodel_name]
                for name, field in model._fields.items()
                if field.type == "many2one"
            )
        }
        self.assertIn("aptic.voucher", lacking)
        self.assertFalse(lacking - ruled)


@tagged("post_install", "-at_install")
class TestTwoOperators(HttpCase, CompaniesCase):
    """Each operator has sold vouchers that the same provider took in the same month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._french_books(cls.elsewhere)
        cls.both_too = new_test_user(cls.env, "partout_aussi", "aptic_base.group_aptic_accountant")
        cls.both_too.company_ids |= cls.elsewhere
        cls.their_order = cls.order.copy({"company_id": cls.elsewhere.id})

    def _of(self, company, cutoff=date(2026, 3, 1)):
        settlement = self.env["aptic.settlement"].create({"cutoff_day": cutoff, "company_id": company.id})
        settlement.with_user(self.both)._take()
        return settlement

    def _approve(self, settlement):
        settlement.with_user(self.both_too)._approve()
        return settlement.statement_ids

    def test_each_settles_what_its_own_vouchers_paid_for(self):
        ours, theirs = self._redeem(vouchers=2), self._redeem(vouchers=3, order=self.their_order)
        theirs_at_b = self._redeem(self.place_b, vouchers=1, order=self.their_order)
        second = self._of(self.elsewhere)
        self.assertEqual(second.statement_ids.redemption_ids, theirs | theirs_at_b)
        self.assertEqual((ours.state, theirs.state), ("done", "settled"))
        first = self._of(self.company)
        self.assertEqual(first.statement_ids.redemption_ids, ours)
        self.assertEqual(first.statement_ids.provider_id, self.provider_a, "no empty statement for the other one")
        self.assertEqual(
            (first.statement_ids.gross_cents, sum(second.statement_ids.mapped("gross_cents"))), (2000, 4000)
        )
        for settlement in (first, second):
            moves = self._approve(settlement).move_id
            self.assertEqual(moves.company_id, settlement.company_id)
            self.assertEqual(settlement.documents_state, "made")
            due = settlement.company_id.aptic_scans_due_account_id
            items = self.env["account.move.line"].search([("account_id", "=", due.id)])
            self.assertEqual(sum(items.mapped("balance")), 0, "what was scanned is settled, and nothing else")

    def test_each_leaves_what_is_held_of_its_own(self):
        self._redeem(vouchers=2)._hold()
        self._redeem(vouchers=3, order=self.their_order)._hold()
        self.assertEqual(self._of(self.company).held_ids.mapped("amount_cents"), [2000])
        self.assertEqual(self._of(self.elsewhere).held_ids.mapped("amount_cents"), [3000])

    def test_a_company_without_the_accounts_computes_nothing(self):
        company = self.env["res.company"].create({"name": "Sans comptes (test)"})
        act = self._redeem()
        with self.assertRaisesRegex(UserError, "Choose these accounts"):
            self._of(company)
        self.assertEqual(act.state, "done")
        self.assertEqual(self._of(self.company).statement_ids.redemption_ids, act)

    def test_staff_open_the_papers_of_their_own_company_only(self):
        self._redeem()
        self._redeem(vouchers=2, order=self.their_order)
        ours, theirs = self._of(self.company).statement_ids, self._of(self.elsewhere).statement_ids
        self.env.flush_all()
        for user, statement, status in (
            (self.accountant, ours, 200),
            (self.accountant, theirs, 403),
            (self.stray, theirs, 200),
            (self.stray, ours, 403),
            (self.both, ours, 200),
            (self.both, theirs, 200),
        ):
            self.authenticate(user.login, user.login)
            for kind in ("", "/pdf", "/csv"):
                with self.subTest(user=user.login, statement=statement.company_id.name, kind=kind):
                    page = self.url_open(f"/my/aptic/statements/{statement.id}{kind}")
                    self.assertEqual(page.status_code, status)
