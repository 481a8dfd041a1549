from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.http import Controller, request, route

from .. import codes
from ..models.aptic_lookup import MINUTES
from ..models.aptic_voucher_check import PLACES

LONGEST = 200  # characters of what is typed


class CheckPages(Controller):
    """What anyone may ask of a voucher: until when, where, what for. Never whose, nor whether it would pass."""

    @route("/aptic/check", type="http", auth="public", website=True, methods=["GET", "POST"], sitemap=True)
    def aptic_check(self, number="", **_post):
        """Ask for the number; a whole code is taken too, and leaves as its number alone."""
        if request.httprequest.method != "POST":
            return self._answer("ask")
        try:
            serial = codes.read_serial(number[:LONGEST])
        except codes.BadCode as error:
            return self._answer("ask", 422, number=self._shown(number), problem=error.args[0])
        return request.redirect(f"/aptic/check/{codes.serial_digits(serial)}", code=303)

    @route(
        ["/aptic/check/<string:number>", "/aptic/check/<string:number>/page/<int:page>"],
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def aptic_check_number(self, number, page=1, **_query):
        """Tell what the paper's QR code asks."""
        try:
            serial = codes.read_serial(number[:LONGEST])
        except codes.BadCode as error:
            return self._answer("ask", 422, number=self._shown(number), problem=error.args[0])
        digits = codes.serial_digits(serial)
        if number != digits:
            return request.redirect(f"/aptic/check/{digits}")
        if not request.env["aptic.lookup"].sudo()._take(request.httprequest.remote_addr):
            response = self._answer("throttled", 429, minutes=MINUTES)
            response.headers["Retry-After"] = str(60 * MINUTES)
            return response
        found = request.env["aptic.voucher"]._public_check(serial, page)
        if not found:
            return self._answer("ask", 404, number=digits, problem="missing")
        pager = portal_pager(f"/aptic/check/{digits}", found["count"], page=found["page"], step=PLACES)
        kinds = dict(request.env["aptic.rule"].sudo()._fields["kind"]._description_selection(request.env))
        return self._answer("told", found=found, pager=pager, kinds=kinds)

    def _shown(self, text):
        """What the form shows again of a wrong number; never a whole code, which is money."""
        return text.strip()[:20] if len(text.strip()) <= 20 else ""

    def _answer(self, step, status=200, **values):
        given = {"page_name": "aptic_check", "step": step, "number": "", "problem": None, **values}
        response = request.render("aptic_voucher.public_check", given)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex" if step != "ask" else "all"
        return response
