from odoo import models
from odoo.http import request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

CHUNK = 1024 * 1024
MOST_DRAINED = 2 * 1024**3  # beyond this the connection is simply cut


class IrHttp(models.AbstractModel):
    """A form that is too large gets a sentence.

    Odoo answers 413 before it has read the form: the browser, still sending, sees a cut connection; and its page of the
    error reads the form again, which fails again.
    """

    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        if isinstance(exception, RequestEntityTooLarge):
            cls._drain()
        return super()._handle_error(exception)

    @classmethod
    def _drain(cls):
        """Read the rest of the request without keeping it; its form counts as empty from then on."""
        httprequest = request.httprequest
        httprequest.max_content_length = None
        stream = httprequest._HTTPRequest__wrapped.stream  # Odoo's wrapper lends everything of werkzeug's but this
        left = MOST_DRAINED
        while left > 0 and (chunk := stream.read(CHUNK)):
            left -= len(chunk)
        httprequest.form = httprequest.files = ImmutableMultiDict()

    @classmethod
    def _get_error_html(cls, env, code, values):
        if code == RequestEntityTooLarge.code:
            return code, env["ir.ui.view"]._render_template("aptic_base.portal_too_large", values)
        return super()._get_error_html(env, code, values)
