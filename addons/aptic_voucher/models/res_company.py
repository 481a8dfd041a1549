from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_bank_journal_id = fields.Many2one(
        "account.journal",
        string="Segregated bank journal",
        domain=[("type", "=", "bank")],
        help="The bank account that holds the vouchers' face value and nothing of the operator's own.",
    )
    aptic_face_journal_id = fields.Many2one(
        "account.journal",
        string="Face value journal",
        domain=[("type", "=", "sale")],
        help="Numbers the face value documents apart from the operator's own invoices.",
    )
    aptic_unactivated_account_id = fields.Many2one("account.account", string="Face value not yet activated")
    aptic_funds_account_id = fields.Many2one("account.account", string="Sponsor funds (active vouchers)")

    # ----------------------------------------------------------------- set-up
    @api.model
    def _aptic_setup_accounting(self):
        """Give the operator the French chart when it keeps no books yet, and every French company our accounts.

        Called by the module's data at each installation and upgrade; it may run any number of times.
        """
        main = self.env.ref("base.main_company")
        if main.chart_template in (False, "generic_coa") and not main._existing_accounting():
            self._aptic_load_french_chart(main)
        for company in self.search([("chart_template", "=", "fr"), ("parent_id", "=", False)]):
            chart = self.env["account.chart.template"].with_company(company).sudo()
            missing = {
                model: {
                    name: values for name, values in records.items() if not chart.ref(name, raise_if_not_found=False)
                }
                for model, records in (
                    ("account.account", chart._aptic_voucher_accounts()),
                    ("account.journal", chart._aptic_voucher_journals()),
                )
            }
            if any(missing.values()):
                chart._load_data(missing)
                chart._load_translations(companies=company)
            company._aptic_map_voucher_accounts()

    def _aptic_load_french_chart(self, company):
        if not company.country_id:
            company.country_id = self.env.ref("base.fr")
        self.env["account.chart.template"].with_company(company)._load("fr", company, install_demo=False)
        # During the installation of a whole database Odoo has noted the generic chart for the end of the loading.
        if hasattr(self.env.registry, "_auto_install_template"):
            del self.env.registry._auto_install_template

    def _aptic_map_voucher_accounts(self):
        """Fill our settings from the accounts and journals of the French chart, where they are still empty."""
        for company in self:
            chart = self.env["account.chart.template"].with_company(company)
            for field, name in (
                ("aptic_bank_journal_id", "aptic_bank_journal"),
                ("aptic_face_journal_id", "aptic_face_journal"),
                ("aptic_unactivated_account_id", "aptic_unactivated"),
                ("aptic_funds_account_id", "aptic_funds"),
            ):
                if not company[field]:
                    company[field] = chart.ref(name, raise_if_not_found=False)
            journal = company.aptic_bank_journal_id
            for lines, name in (
                (journal.inbound_payment_method_line_ids, "aptic_bank_in"),
                (journal.outbound_payment_method_line_ids, "aptic_bank_out"),
            ):
                # Without an outstanding account a payment posts no entry at all.
                lines.filtered(
                    lambda line: line.code == "manual" and not line.payment_account_id
                ).payment_account_id = chart.ref(name, raise_if_not_found=False)
            product = self.env.ref("aptic_voucher.product_fee", raise_if_not_found=False)
            income = chart.ref("pcg_706", raise_if_not_found=False)
            if product and income and not product.with_company(company).property_account_income_id:
                product.with_company(company).property_account_income_id = income
