from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import clock
from ..days import last_accepted_day
from .aptic_event import HELD

NOTHING = (0, 0)


class ApticOrder(models.Model):
    """The end of an order: one inclusive last day, a tolerance after it, then its unused vouchers die together."""

    _inherit = "aptic.order"

    accepted_until = fields.Date(
        compute="_compute_accepted_until",
        help="Last day on which the vouchers are taken, tolerance included; inclusive.",
    )

    @api.depends("last_day", "tolerance_months")
    def _compute_accepted_until(self):
        for order in self:
            order.accepted_until = order.last_day and order._last_accepted_day()

    def _last_accepted_day(self):
        self.ensure_one()
        return last_accepted_day(self.last_day, self.tolerance_months)

    # ------------------------------------------------------------------- verb
    def _expire(self):
        """End the vouchers that were not used, once the tolerance after the last valid day is over.

        Vouchers that are blocked stay so, but their value ends with the others (``aptic.blocking._expire_of``): it
        goes back to the sponsor too.

        :raise UserError: as long as vouchers are accepted
        """
        today = clock.today()
        for order in self:
            if order.state == "active" and today <= order._last_accepted_day():
                raise UserError(
                    self.env._(
                        "The vouchers of %(name)s are accepted until %(day)s.",
                        name=order.display_name, day=format_date(self.env, order._last_accepted_day()),
                    )
                )  # fmt: skip
        for order in self._set_state(("active",), "expired").sudo():
            self.env["aptic.blocking"]._expire_of(order)
            order._move_vouchers(("active",), "expired")
            held, cents = order._held().get(order.id, NOTHING)
            if held:
                order._append_event("expire", held, amount_cents=cents)

    def _held(self):
        """What circulates of the orders, as the ledger says it: dict from id to ``(vouchers, cents)``."""
        if not self.ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT order_id, SUM(sign * quantity)::bigint, SUM(sign * amount_cents)::bigint
                     FROM aptic_event
                     JOIN (VALUES %s) AS signed (name, sign) ON name = kind
                    WHERE order_id = ANY(%s)
                 GROUP BY order_id""",
                SQL(", ").join(HELD.items()),
                self.ids,
            )
        )
        return {order_id: (count, cents) for order_id, count, cents in rows}

    def action_expire(self):
        """Button of the back office."""
        self._check_staff()
        self._expire()

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_expire(self, limit=50):
        """Expire the orders whose tolerance is over, a few at a time.

        It waits as long as a scan made in time may still arrive from a desk that was offline.
        """
        hours = self.env["aptic.redemption"]._client_time_hours()
        last = clock.today() - timedelta(days=-(-hours // 24))
        domain = [("state", "=", "active"), ("last_day", "<", last)]
        due = self.search(domain, order="last_day").filtered(lambda order: order._last_accepted_day() < last)
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for order in due[:limit]:
            if order.try_lock_for_update():  # else the next run takes it
                order._expire()
            if not self.env["ir.cron"]._commit_progress(1):
                break
