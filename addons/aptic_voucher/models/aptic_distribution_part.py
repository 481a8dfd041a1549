from odoo import api, fields, models

from ..codes import serial_digits


class ApticDistributionPart(models.Model):
    """Where some booklets of a lot are now; what happened to them is in the ledger."""

    _name = "aptic.distribution.part"
    _description = "Part of a lot"
    _log_access = False
    _order = "serial_from"
    _rec_name = "serial_from"

    distribution_id = fields.Many2one(
        "aptic.distribution", required=True, index=True, ondelete="cascade", readonly=True
    )
    serial_from = fields.Integer(string="From serial", required=True, readonly=True, aggregator=None)
    serial_to = fields.Integer(string="To serial", required=True, readonly=True, aggregator=None)
    place = fields.Selection(
        [("held", "In stock"), ("handed", "Handed out"), ("returned", "Returned"), ("lost", "Lost")],
        string="Where", required=True, readonly=True,
    )  # fmt: skip
    booklet_count = fields.Integer(string="Booklets", compute="_compute_booklet_count")

    _serial_range = models.Constraint("CHECK(serial_from <= serial_to)", "A range of serials begins before it ends.")
    # What was returned may be in another lot; everything else is in one.
    _one_lot = models.Constraint(
        "EXCLUDE USING gist (int4range(serial_from, serial_to, '[]') WITH &&) WHERE (place <> 'returned')",
        "Some of these booklets are in another lot.",
    )

    @api.depends("serial_from", "serial_to")
    def _compute_display_name(self):
        for part in self:
            part.display_name = f"{serial_digits(part.serial_from)} – {serial_digits(part.serial_to)}"

    @api.depends("serial_from", "serial_to", "distribution_id.order_id.booklet_size")
    def _compute_booklet_count(self):
        for part in self:
            size = part.distribution_id.order_id.booklet_size or 1
            part.booklet_count = (part.serial_to - part.serial_from + 1) // size
