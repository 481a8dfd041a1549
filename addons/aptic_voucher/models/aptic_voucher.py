from odoo import fields, models


class ApticVoucher(models.Model):
    """One voucher: a serial and a state. Its code is computed from the key, the booklet's salt and the serial."""

    _name = "aptic.voucher"
    _description = "Voucher"
    _log_access = False
    _order = "serial"
    _rec_name = "serial"

    serial = fields.Integer(required=True, readonly=True)
    booklet_id = fields.Many2one("aptic.booklet", required=True, index=True, ondelete="restrict", readonly=True)
    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    state = fields.Selection(
        [
            ("printed", "Printed"),
            ("active", "Active"),
            ("redeemed", "Redeemed"),
            ("blocked", "Blocked"),
            ("expired", "Expired"),
            ("replaced", "Replaced"),
        ],
        required=True, default="printed", readonly=True,
    )
    redemption_id = fields.Many2one("aptic.redemption", index="btree_not_null", ondelete="restrict", readonly=True)

    _serial_unique = models.Constraint("UNIQUE(serial)", "This serial exists already.")
