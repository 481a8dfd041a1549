from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import codes, lots
from .aptic_distributor import FIGURES


class ApticOrder(models.Model):
    """The lots of an order and what became of its booklets at the distributors."""

    _inherit = "aptic.order"

    allotment_ids = fields.One2many("aptic.allotment", "order_id", string="Rules of distribution", copy=True)
    lot_ids = fields.One2many("aptic.distribution", "order_id", string="Lots")
    lot_count = fields.Integer(string="Number of lots", compute="_compute_lot_count")

    def _compute_lot_count(self):
        counts = dict(
            self.env["aptic.distribution"]._read_group(
                [("order_id", "in", self.ids), ("state", "!=", "cancelled")], ["order_id"], ["__count"]
            )
        )
        for order in self:
            order.lot_count = counts.get(order, 0)

    def _serial_ranges(self, only=None):
        """The order's booklets as ranges ``(first serial, last serial)``, in order.

        :param SQL only: a condition on the booklets (``booklet``)
        """
        self.ensure_one()
        return self.env.execute_query(
            SQL(
                """SELECT MIN(serial), MAX(serial + size) - 1
                     FROM (SELECT serial, size, serial + size - SUM(size) OVER (ORDER BY serial) AS island
                             FROM aptic_booklet AS booklet WHERE order_id = %s AND %s) AS booklet
                 GROUP BY island ORDER BY 1""",
                self.id,
                only or SQL("TRUE"),
            )
        )

    def _dead_ranges(self):
        """The ranges of the order's booklets of which a voucher is blocked or was replaced."""
        self.env["aptic.voucher"].flush_model()
        return self._serial_ranges(
            SQL(
                """booklet.id IN (SELECT voucher.booklet_id
                                    FROM aptic_blocking AS blocking
                                    JOIN aptic_voucher AS voucher ON voucher.blocking_id = blocking.id
                                   WHERE blocking.order_id = %s)""",
                self.id,
            )
        )

    def _booklets_for_a_lot(self, count, first=0):
        """Booklets in a row that can be given to a distributor.

        :param int count: how many
        :param int first: serial of the first one; 0: the first that are in no lot
        :return: ``(first serial, last serial, vouchers in each booklet)``, the last 0 when they are of several sizes
        :raise UserError: when there are none; the sentence says why
        """
        self.ensure_one()
        owned, taken, dead = self._serial_ranges(), self._taken_ranges(), self._dead_ranges()
        found = self._booklets_in_a_row(count, lots.free(owned, taken + dead), first)
        if found:
            return found
        if not first:
            raise UserError(
                self.env._(
                    "%(order)s has no %(count)s booklets in a row that are in no lot: make smaller lots.",
                    order=self.display_name, count=count,
                )
            )  # fmt: skip
        wanted = self._booklets_in_a_row(count, owned, first)
        last = wanted[1] if wanted else first + count * self.booklet_size - 1
        names = {"first": codes.serial_digits(first), "last": codes.serial_digits(last)}
        if not wanted:
            raise UserError(
                self.env._(
                    "The serials from %(first)s to %(last)s are not whole booklets of %(order)s.",
                    order=self.display_name, **names,
                )
            )  # fmt: skip
        if any(begin <= last and first <= end for begin, end in taken):
            raise UserError(self.env._("Some booklets from %(first)s to %(last)s are in another lot.", **names))
        raise UserError(
            self.env._("Some booklets from %(first)s to %(last)s were blocked or replaced: leave them out.", **names)
        )

    def _booklets_in_a_row(self, count, ranges, first=0):
        """The first ``count`` booklets that lie in one of the ranges, from ``first`` on when it is given, or None."""
        if first:
            ranges = [(first, high) for low, high in ranges if low <= first <= high]
        if not ranges:
            return None
        rows = self.env.execute_query(
            SQL(
                """SELECT run.first, run.last, CASE WHEN run.least = run.most THEN run.least ELSE 0 END
                     FROM (VALUES %s) AS free (low, high)
                    CROSS JOIN LATERAL (
                          SELECT min(serial) AS first, max(serial + size) - 1 AS last, min(size) AS least,
                                 max(size) AS most, count(*) AS booklets
                            FROM (SELECT serial, size FROM aptic_booklet
                                   WHERE order_id = %s AND serial BETWEEN free.low AND free.high
                                ORDER BY serial LIMIT %s) AS booklet
                          ) AS run
                    WHERE run.booklets = %s AND run.first = free.low ORDER BY 1 LIMIT 1""",
                SQL(", ").join(ranges),
                self.id,
                count,
                count,
            )
        )
        return rows[0] if rows else None

    def _one_lot_at_a_time(self):
        """Make a second session that makes a lot of this order be played again: it has not seen the first one's."""
        self.ensure_one()
        self.env.cr.execute(
            SQL("UPDATE aptic_order SET write_date = write_date WHERE id = %s", self.id), log_exceptions=False
        )

    def _taken_ranges(self):
        """The ranges of the order's serials that are in a lot."""
        self.ensure_one()
        return self.env.execute_query(
            SQL(
                """SELECT part.serial_from, part.serial_to
                     FROM aptic_distribution AS lot
                     JOIN aptic_distribution_part AS part ON part.distribution_id = lot.id
                    WHERE lot.order_id = %s AND part.place <> 'returned' ORDER BY 1""",
                self.id,
            )
        )

    def _distribution_figures(self):
        """Booklets of the order at each distributor, for its sponsor: counts only, nobody's name.

        :return: list of dicts ``distributor`` (its name) and the keys of ``FIGURES``, by name
        """
        self.ensure_one()
        distributors = self.env["aptic.distributor"].sudo()
        rows = distributors._booklet_figures(SQL("lot.order_id = %s", self.id))
        return sorted(
            (
                {"distributor": distributors.browse(row["distributor_id"]).name, **{key: row[key] for key in FIGURES}}
                for row in rows
                if row["sent"]
            ),
            key=lambda row: row["distributor"] or "",
        )

    def action_open_lots(self):
        """Smart button: the order's lots."""
        return {
            **self._open_list("aptic.distribution", self.env._("Lots")),
            "view_mode": "list,form",
            "context": {"default_order_id": self.id},
        }
