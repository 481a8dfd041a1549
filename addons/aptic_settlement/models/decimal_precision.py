from odoo import api, models

from .. import analysis


class DecimalPrecision(models.Model):
    _inherit = "decimal.precision"

    @api.model
    def _setup_aptic_percentages(self):
        """Give the percentages of the analysis the decimals that make amounts exact; never fewer than there were."""
        precision = self.env.ref("analytic.decimal_percentage_analytic")
        if precision.digits < analysis.DECIMALS:
            precision.digits = analysis.DECIMALS
