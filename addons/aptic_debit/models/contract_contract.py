from odoo import models


class ContractContract(models.Model):
    _inherit = "contract.contract"

    def _prepare_invoice(self, date_invoice, journal=None):
        """An invoice of a provider that has signed a mandate is to be debited."""
        vals = super()._prepare_invoice(date_invoice, journal)
        if provider := self.aptic_subscription_ids[:1].provider_id:
            vals.update(provider._prepare_debit_vals(self.company_id))
        return vals
