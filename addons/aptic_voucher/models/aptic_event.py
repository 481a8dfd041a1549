from odoo import fields, models


class ApticEvent(models.Model):
    """The ledger: append-only, one row for each act (a bulk act is one row for a range of serials)."""

    _name = "aptic.event"
    _description = "Ledger event"
    _log_access = False
    _order = "id"

    kind = fields.Selection(
        [
            ("issue", "Issued"),
            ("print", "Printed"),
            ("deliver", "Delivered"),
            ("activate", "Activated"),
            ("inject", "Handed out"),
            ("redeem", "Redeemed"),
            ("cancel", "Redemption cancelled"),
            ("settle", "Settled"),
            ("expire", "Expired"),
            ("block", "Blocked"),
            ("unblock", "Unblocked"),
            ("replace", "Replaced"),
        ],
        required=True, readonly=True,
    )
    at = fields.Datetime(required=True, readonly=True, help="When the server recorded it (receipt time).")
    day = fields.Date(required=True, readonly=True, help="Receipt day in the operator's time zone: the accounting day.")
    order_id = fields.Many2one("aptic.order", required=True, ondelete="restrict", readonly=True)
    serial_from = fields.Integer(readonly=True)
    serial_to = fields.Integer(readonly=True)
    quantity = fields.Integer(required=True, readonly=True)
    amount_cents = fields.Integer(required=True, readonly=True, help="Face value concerned, in cents, never negative.")
    redemption_id = fields.Many2one("aptic.redemption", ondelete="restrict", readonly=True)
    user_id = fields.Many2one("res.users", ondelete="restrict", readonly=True)
    reason = fields.Char(readonly=True)
