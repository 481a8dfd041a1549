from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .aptic_order_qualifying import HAS_OFFER, HAS_PLACE


class ApticAcceptingMixin(models.AbstractModel):
    """Places and offers, searched by an order whose rules accept them."""

    _name = "aptic.accepting.mixin"
    _description = "Accepted by an order"

    accepting_order_id = fields.Many2one(
        "aptic.order",
        string="Accepted by the rules of",
        compute="_compute_accepting_order_id",
        search="_search_accepting_order_id",
        groups="aptic_base.group_aptic_user",
    )

    def _compute_accepting_order_id(self):
        """Nothing to show: an order is searched by, many may accept the same place."""
        self.accepting_order_id = False

    @api.model
    def _search_accepting_order_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        orders = self.env["aptic.order"].browse(value).exists()
        return Domain.OR(self._accepted_by(order) for order in orders)

    def _accepted_by(self, order):
        order.check_access("read")
        table, condition = {"aptic.place": ("place", HAS_OFFER), "aptic.offer": ("offer", HAS_PLACE)}[self._name]
        sets = order._qualifying(order._rule_rows(), order._last_accepted_day())
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s IN (WITH %s SELECT id FROM %s WHERE %s)",
                SQL.identifier(alias, "id"),
                sets,
                SQL.identifier(table),
                condition,
            )
        )
