from odoo.addons.aptic_base import api
from odoo.http import Controller, request, route

from ..models.aptic_order_api import GROUPS, LEVELS

ORDERS = "/aptic/api/v1/orders"
ORDER = "/aptic/api/v1/orders/<int:order_id>"
READ = {"methods": ["GET"], "readonly": True, "save_session": False}


class ApticOrderEndpoints(Controller):
    """A sponsor's orders and their figures, for its own tools (see ``docs/api.md``)."""

    @route(ORDERS, type="aptic_api", auth="aptic_key", purpose="orders:read", **READ)
    def aptic_api_orders(self):
        """The orders, the newest first."""
        query = api.Query("state", "limit", "cursor")
        states = request.env["aptic.order"]._fields["state"].get_values(request.env)
        state, limit, after = query.choice("state", states), query.limit(), query.cursor()
        query.check()
        return api.page(*request.env["aptic.order"]._api_page(request.api_key.sponsor_id, state, after, limit))

    @route(ORDER, type="aptic_api", auth="aptic_key", purpose="orders:read", **READ)
    def aptic_api_order(self, order_id):
        """One order."""
        return api.answer(self._api_order(order_id)._api_rows()[0])

    @route(f"{ORDER}/counts", type="aptic_api", auth="aptic_key", purpose="orders:read", **READ)
    def aptic_api_order_counts(self, order_id):
        """What became of its vouchers."""
        return api.answer(self._api_order(order_id)._api_counts())

    @route(f"{ORDER}/redemptions", type="aptic_api", auth="aptic_key", purpose="figures:read", **READ)
    def aptic_api_order_redemptions(self, order_id):
        """Where, for what and when its vouchers were used, without small groups."""
        query = api.Query("by", "level", "limit", "cursor")
        by, level = query.choice("by", GROUPS, "month"), query.choice("level", LEVELS, "department")
        start, limit = query.cursor() or 0, query.limit()
        order = self._api_order(order_id, query)
        rows = order._api_redemptions(by, level)
        return api.page(rows[start : start + limit], start + limit if len(rows) > start + limit else None)

    # ---------------------------------------------------------------- helpers
    def _api_order(self, order_id, query=None):
        """The order of the key's sponsor; what is not there and what is another's look the same."""
        (query or api.Query()).check()
        known = 0 < order_id <= api.LARGEST_ID
        order = known and request.env["aptic.order"]._api_find(request.api_key.sponsor_id, order_id)
        if not order:
            raise api.not_found()
        return order
