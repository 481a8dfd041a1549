from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _create_analytic_lines(self):
        """Look the analytic accounts of all lines up at once: else each share of each line asks for its own."""
        accounts = self.env["account.analytic.account"]
        ids = self._get_analytic_account_ids_from_distributions(
            [line.analytic_distribution for line in self if line.analytic_distribution]
        )
        known = frozenset(accounts.browse(ids).exists().ids)
        return super(AccountMoveLine, self.with_context(aptic_known_accounts=known))._create_analytic_lines()
