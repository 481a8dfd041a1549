from odoo import models
from odoo.tools import SQL


class ApticCoverage(models.Model):
    """A grant decided leaves the fund and is due to its provider until the bank has paid it."""

    _inherit = "aptic.coverage"

    def _ledger(self, day, company, *sources):
        owed = super()._ledger(day, company, *sources)
        [[granted]] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(granted_cents), 0)::bigint FROM aptic_fund_grant"
                " WHERE company_id = %s AND day <= %s",
                company.id,
                day,
            )
        )
        return {**owed, "fund": owed["fund"] - granted, "payable": owed["payable"] + granted}
