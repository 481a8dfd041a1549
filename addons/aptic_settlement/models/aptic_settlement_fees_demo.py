from odoo import models


class ApticSettlement(models.Model):
    _inherit = "aptic.settlement"

    def _demo_fee_rules(self, day):
        """From ``day`` on, one sponsor pays the fee itself, before tax: its providers receive the whole face value."""
        rule = self.env["aptic.fee.rule"].create(
            {
                "name": "4 % HT payés par la fondation",
                "date_from": day,
                "sponsor_id": self.env.ref("aptic_base.demo_sponsor_fondation").id,
                "payer": "sponsor",
                "tax_included": False,
            }
        )
        self._demo_name("demo_fee_rule_fondation", rule)
