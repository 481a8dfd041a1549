from odoo.exceptions import UserError
from odoo.http import request, route

from .orders import ORDERING, OrderPortal


class OrderDraftPortal(OrderPortal):
    """What a sponsor does with an order before it is one: begin again from another, throw a draft away."""

    @route("/my/aptic/orders/<int:order_id>/copy", type="http", auth="user", website=True, methods=["POST"])
    def aptic_order_copy(self, order_id, **post):
        """Make a draft like this order and open its form."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        if self._form_once(post):
            draft = order._copy_request()
        else:
            mine = [("sponsor_id", "=", order.sponsor_id.id), ("create_uid", "=", request.env.uid)]
            draft = order.search(mine, limit=1)
        if draft.state != "draft":  # the copy was thrown away, or signed, meanwhile
            return request.redirect("/my/aptic/orders")
        return request.redirect(f"/my/aptic/orders/{draft.id}/edit")

    @route("/my/aptic/orders/<int:order_id>/delete", type="http", auth="user", website=True, methods=["POST"])
    def aptic_order_delete(self, order_id, **_post):
        """Throw a draft away."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                order._delete_draft()
        except UserError as error:
            response = self._order_page(order, member, error=str(error))
            response.status_code = 409
            return response
        return request.redirect("/my/aptic/orders")
