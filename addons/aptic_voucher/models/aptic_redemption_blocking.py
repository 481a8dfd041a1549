from odoo import models


class ApticRedemption(models.Model):
    """What a cancelled or reversed scan gives back of a lost booklet does not circulate again."""

    _inherit = "aptic.redemption"

    def _after_return(self):
        result = super()._after_return()
        self.env["aptic.blocking"]._block_returned([int(serial) for serial in self.serials.split()])
        return result
