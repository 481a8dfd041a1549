from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.aptic_blocking import CIRCULATING, LONGEST_REASON
from ..wizards.aptic_blocking_take import CAUSES
from .orders import ORDERING, OrderPortal

UNITS = ("booklets", "vouchers")


class BlockingPortal(OrderPortal):
    """The sponsor declares lost or stolen booklets of its own orders."""

    @route("/my/aptic/orders/<int:order_id>/block", type="http", auth="user", website=True, methods=["GET", "POST"])
    def aptic_order_block(self, order_id, **post):
        """Ask which booklets and why; block them at once."""
        order, member = self._order(order_id)
        if not order or member.role not in ORDERING:
            return self._aptic_denied()
        values = self._blocking_values(post)
        error = None
        if order.state not in CIRCULATING:
            error = request.env._("The vouchers of this order are not in circulation: there is nothing to block.")
        elif request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    if self._form_once(post):
                        self._block_as_typed(order, values)
                return request.redirect(f"/my/aptic/orders/{order.id}?blocked=1#blocked")
            except UserError as refusal:
                error = str(refusal)
        response = request.render(
            "aptic_voucher.portal_order_block",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_order",
                "order": order,
                "values": values,
                "causes": self._blocking_causes(),
                "longest_reason": LONGEST_REASON,
                "may_block": order.state in CIRCULATING,
                "error": error,
            },
        )
        response.status_code = 422 if error else 200
        return response

    def _blocking_values(self, post):
        values = {name: one_line(post.get(name), 60) for name in ("first", "last", "unit", "cause")}
        values["reason"] = one_line(post.get("reason"), LONGEST_REASON)
        if values["unit"] not in UNITS:
            values["unit"] = UNITS[0]
        return values

    def _blocking_causes(self):
        labels = dict(request.env["aptic.blocking"]._fields["cause"]._description_selection(request.env))
        return [(cause, labels[cause]) for cause, _label in CAUSES]

    def _block_as_typed(self, order, values):
        if values["cause"] not in dict(CAUSES):
            raise UserError(request.env._("Choose what happened: lost, stolen, damaged or something else."))
        first, last = request.env["aptic.voucher"]._read_range(values["first"], values["last"])
        whole = values["unit"] == "booklets"
        request.env["aptic.blocking"]._block(first, last, values["cause"], values["reason"], whole, order)
