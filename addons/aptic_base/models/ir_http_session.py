from urllib.parse import urlencode, urlsplit

from odoo import models
from odoo.http import SessionExpiredException, request
from werkzeug.exceptions import BadRequest, MethodNotAllowed, abort

PORTAL = "/my/aptic"
STALE = "Session expired (invalid CSRF token)"  # Odoo's own words


class IrHttp(models.AbstractModel):
    """A form of the portal that is sent when the session is over: back to its page after logging in, nothing lost.

    The browser keeps what was typed (``form_keeper.js``) and puts it back where the address says ``session=expired``.
    """

    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        try:
            return super()._match(path_info)
        except MethodNotAllowed:
            is_page = path_info.startswith(PORTAL) and request.httprequest.method == "GET"
            if not is_page or not request.session.uid:
                raise
        # The address of a button, opened by itself: the page that holds the button is above it.
        query = request.httprequest.query_string.decode(errors="replace")
        return abort(request.redirect(path_info.rpartition("/")[0] + (query and f"?{query}")))

    @classmethod
    def _handle_error(cls, exception):
        sent = request.httprequest.method == "POST" and request.dispatcher.routing_type == "http"
        if sent and request.httprequest.path.startswith(PORTAL):
            if isinstance(exception, SessionExpiredException):
                response = super()._handle_error(exception)
                response.location = f"/web/login?{urlencode({'redirect': cls._aptic_form_page()})}"
                return response
            if isinstance(exception, BadRequest) and exception.description == STALE:
                return request.redirect(cls._aptic_form_page())
        return super()._handle_error(exception)

    @classmethod
    def _aptic_form_page(cls):
        """The page of ours that the form was on."""
        page = urlsplit(request.httprequest.referrer or "")
        is_ours = page.netloc == request.httprequest.host and page.path.startswith(PORTAL)
        query = [part for part in page.query.split("&") if part and not part.startswith(("session=", "saved="))]
        return f"{page.path}?{'&'.join([*query, 'session=expired'])}" if is_ours else f"{PORTAL}?session=expired"
