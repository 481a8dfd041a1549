from odoo import models


class ApticRedemption(models.Model):
    """What a cancelled scan gives back of a lost booklet does not circulate again."""

    _inherit = "aptic.redemption"

    def _after_cancel(self):
        result = super()._after_cancel()
        self.env["aptic.blocking"]._block_returned([int(serial) for serial in self.serials.split()])
        return result
