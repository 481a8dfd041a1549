from odoo import models
from odoo.fields import Command


class ContractLine(models.Model):
    _inherit = "contract.line"

    def _prepare_invoice_line(self):
        """A subscription bears the tax that its page announced, even where the product was made before the taxes."""
        vals = super()._prepare_invoice_line()
        if vals and self.contract_id.aptic_subscription_ids:
            taxes = self.env["aptic.subscription"]._product_taxes(self.product_id, self.contract_id.company_id)
            vals["tax_ids"] = [Command.set(self.contract_id.fiscal_position_id.map_tax(taxes).ids)]
        return vals
