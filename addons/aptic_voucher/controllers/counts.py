from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, file_response
from odoo.exceptions import UserError
from odoo.http import request, route

from ..tables import MIMETYPES

TYPES = {"pdf": "application/pdf", **MIMETYPES}


class CountsPortal(ApticPortal):
    """The counts of orders as files, for their sponsor and for staff."""

    @route(
        "/my/aptic/orders/<int:order_id>/counts/<string:kind>", type="http", auth="user", website=True, readonly=True
    )
    def aptic_order_counts(self, order_id, kind, **_query):
        """Send the counts of one order."""
        order, _member = self._order(order_id)
        if not order and 0 < order_id <= LARGEST_ID and request.env.user.has_group("aptic_base.group_aptic_user"):
            order = request.env["aptic.order"].search([("id", "=", order_id)]).sudo()
        return self._counts_file(order, kind)

    @route("/my/aptic/orders/counts/<string:kind>", type="http", auth="user", website=True, readonly=True)
    def aptic_orders_counts(self, kind, **_query):
        """Send the counts of all orders of the user's sponsors."""
        sponsors = [entry["record"].id for entry in self._sponsors()]
        orders = request.env["aptic.order"].sudo()
        return self._counts_file(orders.search([("sponsor_id", "in", sponsors)]) if sponsors else orders, kind)

    def _counts_file(self, orders, kind):
        if not orders or kind not in TYPES:
            return self._aptic_denied()
        try:
            content, name = orders._export_counts(kind)
        except UserError:
            return self._aptic_denied()
        return file_response(content, name, TYPES[kind], inline=False)
