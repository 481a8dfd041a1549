from odoo import api, models

from ..limits import LARGEST_ID

DIGITS = 10  # those of the largest


class IrConfigParameter(models.Model):
    _inherit = "ir.config_parameter"

    @api.model
    def _get_number(self, key, usual, least=0, most=LARGEST_ID):
        """Return a whole number that staff can tune: what is none, or is out of its bounds, counts as the usual one.

        :param str key: of the parameter
        :param int usual: where it is not set
        :param int least: the smallest that makes sense
        :param int most: the largest
        """
        text = (self.sudo().get_param(key) or "").strip()
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else -1
        return number if least <= number <= most else usual
