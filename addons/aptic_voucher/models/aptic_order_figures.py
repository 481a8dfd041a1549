from odoo import api, fields, models
from odoo.tools import SQL

FIGURES = ("printed", "activated", "redeemed", "expired", "blocked", "replaced", "active", "remaining_cents",
           "redeemed_cents")  # fmt: skip


class ApticOrder(models.Model):
    """What became of an order's vouchers, as the ledger says it."""

    _inherit = "aptic.order"

    booklet_count = fields.Integer(compute="_compute_booklet_count")
    redeemed_count = fields.Integer(string="Redeemed", compute="_compute_figures")
    remaining_count = fields.Integer(string="Still to be used", compute="_compute_figures")
    face_amount = fields.Monetary(string="Face value", compute="_compute_amounts")
    received_amount = fields.Monetary(string="Received", compute="_compute_amounts")
    missing_amount = fields.Monetary(string="Still to be received", compute="_compute_amounts")
    shortfall_amount = fields.Monetary(string="No longer covered", compute="_compute_amounts")
    funding_progress = fields.Float(
        string="Funding", compute="_compute_amounts", help="Received, in % of the face value."
    )

    def _figures(self):
        """Counts and cents of the orders' vouchers, by one aggregate of the ledger.

        :return: dict from order id to a dict with the keys of ``FIGURES`` (vouchers, and cents for the two last)
        """
        figures = {order_id: dict.fromkeys(FIGURES, 0) for order_id in self.ids}
        if not figures:
            return figures
        rows = self.env.execute_query(
            SQL(
                "SELECT order_id, kind, SUM(quantity), SUM(amount_cents), SUM(quantity) FILTER (WHERE amount_cents > 0)"
                " FROM aptic_event WHERE order_id = ANY(%s) GROUP BY order_id, kind",
                list(figures),
            )
        )
        totals = {
            (order_id, kind): (int(count), int(cents), int(worth or 0)) for order_id, kind, count, cents, worth in rows
        }
        for (order_id, kind), back in list(totals.items()):
            if kind == "revive":  # an extension brought back what had expired
                totals[order_id, "expire"] = tuple(x - y for x, y in zip(totals[order_id, "expire"], back, strict=True))
        for order_id, values in figures.items():

            def total(kind, order_id=order_id):
                return totals.get((order_id, kind), (0, 0, 0))

            def less(one, *others):
                return tuple(x - sum(total(kind)[i] for kind in others) for i, x in enumerate(one))

            redeemed = less(total("redeem"), "cancel", "reverse")
            blocked = less(total("block"), "unblock", "replace")  # what is replaced was blocked before
            used = tuple(map(sum, zip(redeemed, blocked, strict=True)))
            remaining = tuple(x - y for x, y in zip(less(total("activate"), "expire"), used, strict=True))
            values.update(
                printed=total("issue")[0],
                activated=total("activate")[0],
                expired=total("expire")[0],
                redeemed=redeemed[0],
                redeemed_cents=redeemed[1],
                blocked=blocked[0],
                replaced=total("replace")[0],
                active=remaining[2],  # blocked before their activation: counted, but worth nothing that is missing here
                remaining_cents=remaining[1],
            )
        return figures

    def _event_days(self):
        """The first day of each kind of act on this order, as the ledger has it: dict from kind to date."""
        self.ensure_one()
        return dict(
            self.env.execute_query(
                SQL("SELECT kind, MIN(day) FROM aptic_event WHERE order_id = %s GROUP BY kind", self.id)
            )
        )

    def _compute_figures(self):
        figures = self._figures()
        for order in self:
            values = figures.get(order.id) or dict.fromkeys(FIGURES, 0)
            order.redeemed_count = values["redeemed"]
            order.remaining_count = values["active"]

    def _compute_booklet_count(self):
        issued = ("printed", "delivered", "active", "expired", "closed")
        for order in self:
            order.booklet_count = order.quantity // order.booklet_size if order.state in issued else 0

    @api.depends("face_cents", "received_cents", "shortfall_cents")
    def _compute_amounts(self):
        for order in self:
            order.face_amount = order.face_cents / 100
            order.received_amount = order.received_cents / 100
            order.missing_amount = max(0, order.face_cents - order.received_cents) / 100
            order.shortfall_amount = order.shortfall_cents / 100
            order.funding_progress = 100 * order.received_cents / order.face_cents if order.face_cents else 0

    # ---------------------------------------------------------------- buttons
    def action_open_booklets(self):
        """Smart button: the booklets of the order."""
        return self._open_list("aptic.booklet", self.env._("Booklets"))

    def action_open_events(self):
        """Smart button: the order's rows of the ledger."""
        return self._open_list("aptic.event", self.env._("Ledger"))

    def _open_list(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list",
            "domain": [("order_id", "=", self.id)],
        }

    def action_open_face_move(self):
        """Smart button: the face value document."""
        return self._open_move(self.face_move_id)

    def action_open_fee_move(self):
        """Smart button: the fee invoice."""
        return self._open_move(self.fee_move_id)

    def _open_move(self, move):
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": move.id,
        }
