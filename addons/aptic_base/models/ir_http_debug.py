from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """Developer mode, whose error pages show tracebacks, is for Odoo's internal users."""

    _inherit = "ir.http"

    @classmethod
    def _handle_debug(cls):
        if request.env.uid and request.env.user._is_internal():
            return super()._handle_debug()
        if request.session.debug:
            request.session.debug = ""
        return None
