from odoo.addons.aptic_base.controllers.portal import as_id, file_response
from odoo.exceptions import UserError
from odoo.http import request, route

from .orders import ORDERING, OrderPortal

URL = "/my/aptic/orders/<int:order_id>/quote"


class OrderQuotePortal(OrderPortal):
    """The quote of an order on the portal: asked for, read, signed."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_quote(self, order_id, **_query):
        """Show the latest quote with its amounts, to sign or signed."""
        order, member = self._order(order_id)
        if not order or not order.quote_id:
            return self._aptic_denied()
        return self._quote_page(order, member)

    @route(f"{URL}/ask", type="http", auth="user", website=True, methods=["POST"])
    def aptic_quote_ask(self, order_id, **_post):
        """Make the quote of a draft; asked for twice it is made once."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                order._make_quote(request.env.user)
        except UserError as error:
            return self._order_page(order, member, error=str(error))
        return request.redirect(f"/my/aptic/orders/{order.id}/quote")

    @route(f"{URL}/sign", type="http", auth="user", website=True, methods=["POST"])
    def aptic_quote_sign(self, order_id, quote_id=None, name=None, capacity=None, agreed=None, **_post):
        """Sign the quote that was shown; the order is confirmed by it."""
        order, member = self._order(order_id)
        if not order or not order.quote_id or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            if not agreed:
                raise UserError(request.env._("Tick the box that says that you accept the quote."))
            with request.env.cr.savepoint():
                order._sign_quote(
                    as_id(quote_id),
                    request.env.user,
                    name,
                    capacity,
                    request.httprequest.remote_addr,
                )
        except UserError as error:
            response = self._quote_page(order, member, error=str(error), typed={"name": name, "capacity": capacity})
            response.status_code = 422
            return response
        return request.redirect(f"/my/aptic/orders/{order.id}?signed=1")

    @route(f"{URL}/pdf", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_quote_pdf(self, order_id, **_query):
        """Send the latest quote as it was made."""
        order, _member = self._order(order_id)
        return self._quote_file(order.quote_id.attachment_id) if order else self._aptic_denied()

    @route(f"{URL}/signed", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_quote_signed(self, order_id, **_query):
        """Send the signed quote."""
        order, _member = self._order(order_id)
        return self._quote_file(order.quote_signature_ids.attachment_id) if order else self._aptic_denied()

    # ---------------------------------------------------------------- helpers
    def _quote_file(self, attachment):
        if not attachment:
            return self._aptic_denied()
        return file_response(attachment.raw, attachment.name)

    def _quote_page(self, order, member, error=None, typed=None):
        quote, signature = order.quote_id, order.quote_signature_ids
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(),
            "page_name": "aptic_order_quote",
            "order": order,
            "quote": quote,
            "signature": signature,
            "problem": None if signature or order.state != "draft" else order._quote_problem(quote),
            "may_order": member.role in ORDERING,
            "typed": typed or {"name": request.env.user.name, "capacity": ""},
            "error": error,
        }
        return request.render("aptic_voucher.portal_quote", values)
