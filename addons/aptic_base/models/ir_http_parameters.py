from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """Parameters become arguments of the route's method, whose first one has Python's name."""

    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        request.params.pop("self", None)  # else ?self=1 after any address is an error of the server
        return super()._dispatch(endpoint)
