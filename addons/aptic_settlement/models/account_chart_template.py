from odoo import api, models
from odoo.addons.account.models.chart_template import template

COMPANY_ACCOUNTS = {
    "aptic_scans_due_account_id": "pcg_aptic_scans_due",
    "aptic_payable_account_id": "pcg_aptic_payable",
    "aptic_fund_account_id": "pcg_aptic_fund",
    "aptic_fund_expense_account_id": "pcg_aptic_fund_expense",
    "aptic_to_return_account_id": "pcg_aptic_to_return",
    "aptic_transit_account_id": "aptic_bank_out",
    "aptic_fees_out_account_id": "pcg_aptic_fees_out",
    "aptic_fees_in_account_id": "pcg_aptic_fees_in",
    "aptic_recover_account_id": "pcg_aptic_recover",
    "aptic_ledger_journal_id": "aptic_ledger",
    "aptic_territory_plan_id": "aptic_settlement.analytic_plan_territories",
    "aptic_sponsor_plan_id": "aptic_settlement.analytic_plan_sponsors",
}


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    # -------------------------------------------------------------- template
    @template("fr", "account.account")
    def _get_aptic_settlement_fr_accounts(self):
        def account(name, code, kind="liability_current", reconcile=True):
            return {"name": name, "code": code, "account_type": kind, "reconcile": reconcile}

        return {
            "pcg_aptic_scans_due": account(self.env._("#APTIC - Vouchers redeemed, to be settled"), "467830"),
            "pcg_aptic_payable": account(self.env._("#APTIC - Due to providers"), "467840", "liability_payable"),
            "pcg_aptic_fund": account(self.env._("#APTIC - Territorial fund"), "467850"),
            "pcg_aptic_to_return": account(self.env._("#APTIC - To be returned to sponsors"), "467860"),
            "pcg_aptic_recover": account(
                self.env._("#APTIC - To be recovered from providers"), "467870", "asset_current"
            ),
            "pcg_aptic_fees_out": account(self.env._("#APTIC - Fees to transfer out"), "580810"),
            "pcg_aptic_fees_in": account(
                self.env._("#APTIC - Fees to receive from the segregated account"), "580820", "asset_current"
            ),
            "pcg_aptic_fund_expense": account(
                self.env._("#APTIC - Contribution to the territorial fund"), "657810", "expense", reconcile=False
            ),
        }

    @template("fr", "account.journal")
    def _get_aptic_settlement_fr_journal(self):
        return {
            "aptic_ledger": {
                "name": self.env._("#APTIC daily entries and settlement"),
                "code": "APTIC",
                "type": "general",
                "show_on_dashboard": False,
            }
        }

    @template("fr", "res.company")
    def _get_aptic_settlement_fr_company(self):
        return {self.env.company.id: dict(COMPANY_ACCOUNTS)}

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        company._aptic_wire_counter_payments()
        return result

    # ------------------------------------------------- companies already set up
    @api.model
    def _setup_aptic_settlement(self):
        """Give companies whose French chart is loaded already what they lack; it may run any number of times."""
        for company in self.env["res.company"].search([("chart_template", "!=", False), ("parent_id", "=", False)]):
            self._load_aptic_settlement(company)

    def _load_aptic_settlement(self, company):
        """The accounts and the journal that a company lacks, and the settings that are still empty."""
        charts = self.with_company(company).sudo()
        if "fr" not in charts._get_parent_template(company.chart_template):
            return
        missing = {
            model: {name: values for name, values in records.items() if not charts.ref(name, raise_if_not_found=False)}
            for model, records in (
                ("account.account", charts._get_aptic_settlement_fr_accounts()),
                ("account.journal", charts._get_aptic_settlement_fr_journal()),
            )
        }
        if any(missing.values()):
            charts._load_data(missing)
            charts._load_translations(companies=company)
        for field, name in COMPANY_ACCOUNTS.items():
            if not company[field]:
                company[field] = charts.ref(name, raise_if_not_found=False)
        company._aptic_wire_counter_payments()
