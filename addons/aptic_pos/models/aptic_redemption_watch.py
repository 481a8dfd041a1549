from odoo import api, models


class ApticRedemption(models.Model):
    _inherit = "aptic.redemption"

    @api.model
    def _check_watched(self, cutoff):  # pylint: disable=missing-return
        super()._check_watched(cutoff)
        self.env["aptic.alert.rule"].sudo().search([])._watch_until(cutoff)  # pylint: disable=no-search-all
