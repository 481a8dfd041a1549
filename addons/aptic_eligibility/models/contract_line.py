from odoo import models
from odoo.fields import Command


class ContractLine(models.Model):
    _inherit = "contract.line"

    def _prepare_invoice_line(self):
        """A subscription bears the tax that its page announced, even where the product was made before the taxes, and
        goes to the French chart's account of services unless its product names another one."""
        vals = super()._prepare_invoice_line()
        if vals and self.contract_id.aptic_subscription_ids:
            taxes = self.env["aptic.subscription"]._product_taxes(self.product_id, self.contract_id.company_id)
            vals["tax_ids"] = [Command.set(self.contract_id.fiscal_position_id.map_tax(taxes).ids)]
            company = self.contract_id.company_id
            services = self.env["account.chart.template"].with_company(company).ref("pcg_706", raise_if_not_found=False)
            if services and not self.product_id.with_company(company).property_account_income_id:
                vals["account_id"] = services.id
        return vals
