from odoo import fields, models


class ApticBooklet(models.Model):
    """A booklet of 5 or 10 vouchers; owns the salt of its vouchers' codes, never a code."""

    _name = "aptic.booklet"
    _description = "Booklet"
    _log_access = False
    _order = "id"
    _rec_name = "serial"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    serial = fields.Integer(required=True, readonly=True, help="Public number: the serial of its first voucher.")
    size = fields.Integer(required=True, readonly=True)
    key_version = fields.Integer(required=True, readonly=True)
    salt = fields.Char(required=True, readonly=True, groups="base.group_no_one", help="128 random bits, hexadecimal.")
    voucher_ids = fields.One2many("aptic.voucher", "booklet_id")

    _serial_unique = models.Constraint("UNIQUE(serial)", "This serial exists already.")
