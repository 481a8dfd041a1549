from odoo.http import request, route

from ..models.aptic_order_allotments import MOST_ALLOTMENTS
from .orders import OrderPortal


class OrderValuesPortal(OrderPortal):
    """What is searched for by name in the form of an order, and who may hand its booklets out."""

    @route("/my/aptic/orders/suggest/<string:kind>", type="jsonrpc", auth="user", readonly=True)
    def aptic_order_suggest(self, kind, term="", **_query):
        """Rows for a picker of services, providers, or distributors and territories; only for members of a sponsor."""
        if not self._sponsors():
            return []
        orders = request.env["aptic.order"]
        if kind == "distribution":
            return orders._suggest_targets(str(term))
        return orders._suggest_values(kind, str(term)) if kind in ("service", "provider", "excluded_provider") else []

    # ------------------------------------------------------------------- form
    def _form(self, order):
        return {**super()._form(order), **order._allotments_form()}

    def _typed(self):
        typed = request.httprequest.form
        if "allotment" not in typed:  # a form that does not ask for them
            return super()._typed()
        return {
            **super()._typed(),
            **{name: typed.getlist(name)[: MOST_ALLOTMENTS + 1] for name in ("allotment_target", "allotment_booklets")},
        }
