from odoo.tests import TransactionCase, tagged

from ..models.account_chart_template import COMPANY_ACCOUNTS


class CompanyCase(TransactionCase):
    def _french_company(self, name):
        company = self.env["res.company"].create({"name": name, "country_id": self.env.ref("base.fr").id})
        self.env["account.chart.template"].try_loading("fr", company, install_demo=False)
        return company


@tagged("post_install", "-at_install")
class TestAccounts(CompanyCase):
    def test_a_new_french_company_has_the_accounts_and_the_journal(self):
        company = self._french_company("Opérateur (test)")
        for name in COMPANY_ACCOUNTS:
            self.assertTrue(company[name], name)
        self.assertEqual(company.aptic_payable_account_id.account_type, "liability_payable")
        self.assertEqual(company.aptic_ledger_journal_id.code, "APTIC")
        reconciled = (
            company.aptic_scans_due_account_id
            + company.aptic_payable_account_id
            + company.aptic_transit_account_id
            + company.aptic_fees_out_account_id
        )
        self.assertEqual(reconciled.mapped("reconcile"), [True] * 4)

    def test_a_company_set_up_before_gets_them_once(self):
        company = self._french_company("Opérateur déjà là (test)")
        accounts = self.env["account.account"].search_count([("company_ids", "in", company.ids)])
        chosen = company.aptic_fund_account_id.copy({"code": "467859", "company_ids": company.ids})
        company.aptic_fund_account_id = chosen
        company.aptic_fees_out_account_id = False
        self.env["account.chart.template"]._load_aptic_settlement(company)
        self.assertEqual(company.aptic_fund_account_id, chosen, "a choice already made is kept")
        self.assertTrue(company.aptic_fees_out_account_id)
        self.assertEqual(self.env["account.account"].search_count([("company_ids", "in", company.ids)]), accounts + 1)

    def test_a_company_whose_chart_was_loaded_before_us_gets_all_of_them_once(self):
        company = self._french_company("Opérateur d'avant (test)")
        charts = self.env["account.chart.template"].with_company(company)
        names = list(charts._get_aptic_settlement_fr_accounts())
        before = self._said_of(company, charts, names)
        company.update(dict.fromkeys(COMPANY_ACCOUNTS, False))
        charts.ref("aptic_ledger").unlink()
        self.env["account.account"].concat(*(charts.ref(name) for name in names)).unlink()
        for _again in range(2):
            charts._setup_aptic_settlement()
            self.assertEqual(self._said_of(company, charts, names), before)
            self.assertEqual([field for field in COMPANY_ACCOUNTS if not company[field]], [])
            self.assertEqual(
                (company.aptic_ledger_journal_id.code, company.aptic_ledger_journal_id.company_id), ("APTIC", company)
            )

    def _said_of(self, company, charts, names):
        """What the chart has of our accounts, and how many accounts and journals there are in all."""
        ours = [charts.ref(name) for name in names]
        counts = [
            self.env["account.account"].search_count([("company_ids", "in", company.ids)]),
            self.env["account.journal"].search_count([("company_id", "=", company.id)]),
        ]
        said = [(account.code, account.name, account.account_type, account.reconcile) for account in ours]
        return counts, said

    def test_payments_out_of_the_segregated_account_go_through_transit(self):
        company = self._french_company("Opérateur qui paie (test)")
        company.aptic_bank_journal_id = self.env["account.journal"].create(
            {"name": "Compte cantonné", "code": "CANTO", "type": "bank", "company_id": company.id}
        )
        company._aptic_wire_counter_payments()
        line = company.aptic_bank_journal_id.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "sepa_credit_transfer"
        )
        self.assertEqual(line.payment_account_id, company.aptic_transit_account_id)
