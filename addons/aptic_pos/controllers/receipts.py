from datetime import timedelta

from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, as_id, file_response
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError
from odoo.http import request, route

from .. import receipts

HOME = "/my/aptic/redemptions/<int:redemption_id>/receipt"
SHOWN_MINUTES = 10  # a paper jam; later, another print is another copy
LONGEST_TYPED = 300


class ApticReceipts(ApticPortal):
    """The beneficiary's receipt of one scan. Looking writes nothing; handing out is a POST that leaves a trace."""

    @route(HOME, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_receipt(self, redemption_id, copy=None, notice=None, **_query):
        """Show the receipt; with ``copy``, the one that was just handed out by the user, ready to print."""
        redemption = self._readable_redemption(redemption_id)
        if not redemption:
            return self._aptic_denied()
        return self._receipt_page(redemption, self._own_copy(redemption, copy), notice)

    @route(f"{HOME}/print", type="http", auth="user", website=True, methods=["POST"])
    def aptic_receipt_print(self, redemption_id, **post):
        """Hand a paper copy out."""
        redemption = self._readable_redemption(redemption_id)
        if not redemption:
            return self._aptic_denied()
        copy = self._copy_of_form(redemption, "print", post)
        return request.redirect(f"/my/aptic/redemptions/{redemption.id}/receipt?copy={copy.id}", code=303)

    @route(f"{HOME}/pdf", type="http", auth="user", website=True, methods=["POST"])
    def aptic_receipt_pdf(self, redemption_id, **post):
        """Hand a copy out as a PDF."""
        redemption = self._readable_redemption(redemption_id)
        if not redemption:
            return self._aptic_denied()
        receipt = redemption._receipt(self._copy_of_form(redemption, "pdf", post))
        return file_response(receipts.draw(receipt), receipt.file_name, inline=False)

    @route(f"{HOME}/mail", type="http", auth="user", website=True, methods=["POST"])
    def aptic_receipt_mail(self, redemption_id, address="", **post):
        """Send a copy to the address that the beneficiary gives."""
        redemption = self._readable_redemption(redemption_id)
        if not redemption:
            return self._aptic_denied()
        address = address if isinstance(address, str) else ""
        try:
            with request.env.cr.savepoint():
                sent = not self._form_once(post) or redemption._mail_receipt(address).number
        except UserError as error:
            return self._receipt_page(redemption, address=address[:LONGEST_TYPED], error=str(error), status=422)
        if not sent:
            return self._receipt_page(redemption, address=address[:LONGEST_TYPED], notice="failed", status=503)
        return request.redirect(f"/my/aptic/redemptions/{redemption.id}/receipt?notice=sent", code=303)

    # ------------------------------------------------------------------- parts
    def _readable_redemption(self, redemption_id):
        """The scan when the user may see it, under the rules of his roles; else empty."""
        model = request.env["aptic.redemption"]
        if not 0 < redemption_id <= LARGEST_ID or not model.has_access("read"):
            return model
        return model.search([("id", "=", redemption_id)])

    def _copy_of_form(self, redemption, way, post):
        """The copy that a form asks for; the same one when the same form comes twice."""
        if self._form_once(post):
            return redemption._hand_out_receipt(way)
        mine = [("redemption_id", "=", redemption.id), ("user_id", "=", request.env.uid), ("number", "!=", False)]
        return request.env["aptic.receipt"].sudo().search(mine, limit=1) or redemption._hand_out_receipt(way)

    def _own_copy(self, redemption, copy):
        domain = [
            ("id", "=", as_id(copy)),
            ("redemption_id", "=", redemption.id),
            ("user_id", "=", request.env.uid),
            ("way", "=", "print"),
            ("at", ">", clock.now() - timedelta(minutes=SHOWN_MINUTES)),
        ]
        return request.env["aptic.receipt"].sudo().search(domain)

    def _receipt_page(self, redemption, copy=None, notice=None, address="", error=None, status=200):
        given = redemption.sudo().receipt_ids.filtered("number")
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(),
            "form_tokens": {way: self._form_values()["form_token"] for way in ("print", "pdf", "mail")},
            "page_name": "aptic_receipt",
            "redemption": redemption.sudo(),
            "receipt": redemption._receipt(copy),
            "copy": copy,
            "given": given,
            "notice": notice if notice in ("sent", "failed") else None,
            "address": address,
            "error": error,
        }
        response = request.render("aptic_pos.portal_receipt", values)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store, private"
        return response
