from odoo import models
from odoo.addons.account.models.chart_template import template


class AccountChartTemplate(models.AbstractModel):
    """The accounts and journals that keep the vouchers' face value apart from the operator's own money."""

    _inherit = "account.chart.template"

    @template("fr", "account.account")
    def _get_fr_aptic_voucher_account(self):
        return self._aptic_voucher_accounts()

    @template("fr", "account.journal")
    def _get_fr_aptic_voucher_journal(self):
        return self._aptic_voucher_journals()

    def _aptic_voucher_accounts(self):
        def account(code, name, french, kind="liability_current", reconcile=True):
            return {"code": code, "name": name, "name@fr": french, "account_type": kind, "reconcile": reconcile}

        return {
            "aptic_unactivated": account(
                "467810", "#APTIC vouchers: face value not yet activated", "Chèques #APTIC : valeur faciale non activée"
            ),
            "aptic_funds": account(
                "467820",
                "#APTIC vouchers: sponsor funds (active)",
                "Chèques #APTIC : fonds des commanditaires (actifs)",
            ),
            "aptic_bank": account(
                "512810", "#APTIC segregated bank account", "Compte bancaire cantonné #APTIC", "asset_cash", False
            ),
            "aptic_bank_in": account(
                "511810", "#APTIC receipts in transit", "Encaissements #APTIC en cours", "asset_current"
            ),
            "aptic_bank_out": account(
                "511820", "#APTIC counter-payments in transit", "Contre-paiements #APTIC en cours", "asset_current"
            ),
        }

    def _aptic_voucher_journals(self):
        return {
            "aptic_bank_journal": {
                "name": "#APTIC segregated bank account",
                "name@fr": "Compte cantonné #APTIC",
                "type": "bank",
                "code": "APTB",
                "default_account_id": "aptic_bank",
                "show_on_dashboard": True,
                "sequence": 20,
            },
            "aptic_face_journal": {
                "name": "#APTIC face value",
                "name@fr": "Valeur faciale #APTIC",
                "type": "sale",
                "code": "APTF",
                "default_account_id": "aptic_unactivated",
                "refund_sequence": True,
                "show_on_dashboard": True,
                "sequence": 21,
            },
        }

    def _post_load_data(self, template_code, company, template_data):
        result = super()._post_load_data(template_code, company, template_data)
        if template_code == "fr":
            (company or self.env.company)._aptic_map_voucher_accounts()
        return result
