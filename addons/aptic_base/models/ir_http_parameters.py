from odoo import models
from odoo.http import request

PAGES = ("/my/aptic", "/aptic/")
LONGEST_PAGE = 9  # digits


class IrHttp(models.AbstractModel):
    """What an address may say that no browser of ours sends, and that would be an error of the server."""

    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        params = request.params
        params.pop("self", None)  # parameters become arguments of a method, whose first one has this name
        if request.httprequest.method != "POST" and request.httprequest.path.startswith(PAGES):
            page = params.pop("page", None)
            if isinstance(page, int):  # a part of the path
                params["page"] = page
            elif page and page.isascii() and page.isdecimal() and len(page) <= LONGEST_PAGE:
                params["page"] = int(page)
        return super()._dispatch(endpoint)

    @classmethod
    def _serve_fallback(cls):
        # Odoo looks the path up in the database, which holds no such sign.
        return None if "\0" in request.httprequest.path else super()._serve_fallback()
