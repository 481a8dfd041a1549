from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.http import request, route

ACKNOWLEDGING = ("manager", "accountant")


class ExpiryPortal(ApticPortal):
    """What a sponsor reads and acknowledges before its vouchers end."""

    @route("/my/aptic/orders/<int:order_id>/acknowledge", type="http", auth="user", website=True, methods=["POST"])
    def aptic_order_acknowledge(self, order_id, **_post):
        """The sponsor has read that its vouchers end."""
        order, member = self._order(order_id)
        if not order or member.role not in ACKNOWLEDGING:
            return self._aptic_denied()
        order._open_notices()._acknowledge()
        return request.redirect(f"/my/aptic/orders/{order.id}")
