from datetime import timedelta

from odoo import api, fields, models

CREDITOR = "FR72ZZZ123456"  # valid by its check digits, of nobody
SIGNED = 10


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_debit(self):
        """The operator has a creditor identifier, and one provider has signed a mandate.

        It may run again: a company that debits already is left alone.
        """
        company = self.env.company
        if company.aptic_debit_journal_id:
            return
        company.sepa_creditor_identifier = company.sepa_creditor_identifier or CREDITOR
        company.aptic_debit_journal_id = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank"), ("id", "!=", company.aptic_bank_journal_id.id)],
            limit=1,
        )
        provider = self.env.ref("aptic_base.demo_provider_01")
        mandate = provider._make_debit_mandate(company)
        mandate.signature_date = fields.Date.context_today(self) - timedelta(days=SIGNED)
        mandate.validate()
