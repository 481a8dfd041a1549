from odoo import models


class ApticProvider(models.Model):
    """What a striking off ends in this addon."""

    _inherit = "aptic.provider"

    def _leave(self):
        """The subscription ends with the membership."""
        super()._leave()
        self.sudo()._live_subscription()._end()
