from odoo import api, fields, models

from .. import clock

TOLD_STATES = {"active": "order.activated", "expired": "order.expired", "closed": "order.closed"}


class ApticOrder(models.Model):
    """What happens to orders is told to their sponsors' webhooks."""

    _inherit = "aptic.order"

    def _set_state(self, allowed, target):
        """Tell of the states that sponsors' tools wait for."""
        moved = super()._set_state(allowed, target)
        if moved and target in TOLD_STATES:
            # An extension may bring an order to the same state again: another last day is another occasion.
            occasions = {order: str(order.last_day) for order in moved} if target == "expired" else {}
            self.env["aptic.webhook"]._tell(TOLD_STATES[target], moved, occasions)
        return moved

    def _update_funding(self):
        """Tell when an order is fully funded."""
        missing = self.sudo().filtered(lambda order: order.received_cents < order.face_cents)
        result = super()._update_funding()
        funded = missing.filtered(lambda order: order.received_cents >= order.face_cents)
        if funded:
            self.env["aptic.webhook"]._tell("order.funded", funded)
        return result

    @api.model
    def _cron_tell_expiring(self):
        """Tell, once for each delay, of the orders whose last valid day is 30, 15 or 7 days away or less."""
        today, sponsors = clock.today(), self.env["aptic.webhook"].search([("stopped_at", "=", False)]).sponsor_id
        for days, next_days in zip(self._end_stages, (*self._end_stages[1:], -1), strict=True):
            domain = [
                ("state", "=", "active"),
                ("last_day", "<=", fields.Date.add(today, days=days)),
                ("last_day", ">", fields.Date.add(today, days=next_days)),
                ("sponsor_id", "in", sponsors.ids),
            ]
            orders = self.search(domain)
            if orders:
                occasions = {order: f"{days} {order.last_day}" for order in orders}
                self.env["aptic.webhook"]._tell("order.expiring", orders, occasions)

    def _webhook_data(self):
        """What a message says of an order: nothing that the sponsor's own orders do not say."""
        self.ensure_one()
        return {
            "order": {
                "id": self.id,
                "name": self.name,
                "state": self.state,
                "quantity": self.quantity,
                "face_cents": self.face_cents,
                "received_cents": self.received_cents,
                "activated_cents": self.activated_cents,
                "last_day": fields.Date.to_string(self.last_day),
            }
        }
