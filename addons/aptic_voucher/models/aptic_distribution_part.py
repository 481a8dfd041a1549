from odoo import api, fields, models
from odoo.tools import SQL

from ..codes import serial_digits


def booklets_in(lot, piece):
    """How many booklets a range of serials of a lot has, as SQL.

    :param str lot: alias of the lot: booklets of one size are divided, others (such as replace lost ones) counted
    :param str piece: alias of what has the range: a part of the lot, or a row of the ledger
    """
    return SQL(
        """CASE WHEN %(size)s > 0 THEN (%(last)s - %(first)s + 1) / %(size)s
                ELSE (SELECT count(*) FROM aptic_booklet AS counted
                       WHERE counted.serial BETWEEN %(first)s AND %(last)s) END""",
        size=SQL.identifier(lot, "booklet_size"),
        first=SQL.identifier(piece, "serial_from"),
        last=SQL.identifier(piece, "serial_to"),
    )


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
    booklet_count = fields.Integer(string="Booklets", compute="_compute_counts")
    blocked_count = fields.Integer(
        string="of which blocked", compute="_compute_counts",
        help="Booklets with vouchers that were blocked or replaced: wherever they are, they are not handed out.",
    )  # fmt: skip

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

    @api.depends("serial_from", "serial_to", "distribution_id.booklet_size")
    def _compute_counts(self):
        self.env.flush_all()
        counts = {
            part_id: counted
            for part_id, *counted in self.env.execute_query(
                SQL(
                    """SELECT part.id, %s,
                              (SELECT count(DISTINCT voucher.booklet_id)
                                 FROM aptic_blocking AS blocking
                                 JOIN aptic_voucher AS voucher ON voucher.blocking_id = blocking.id
                                WHERE blocking.order_id = lot.order_id
                                  AND voucher.serial BETWEEN part.serial_from AND part.serial_to)
                         FROM aptic_distribution_part AS part
                         JOIN aptic_distribution AS lot ON lot.id = part.distribution_id
                        WHERE part.id = ANY(%s)""",
                    booklets_in("lot", "part"),
                    self.ids,
                )
            )
        }
        for part in self:
            part.booklet_count, part.blocked_count = counts.get(part._origin.id, (0, 0))
