from odoo import fields, models
from odoo.tools import SQL

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

    def _serial_ranges(self):
        """The order's booklets as ranges ``(first serial, last serial)``, in order."""
        self.ensure_one()
        return self.env.execute_query(
            SQL(
                """SELECT MIN(serial), MAX(serial + size) - 1
                     FROM (SELECT serial, size, serial - SUM(size) OVER (ORDER BY serial) AS island
                             FROM aptic_booklet WHERE order_id = %s) AS booklet
                 GROUP BY island ORDER BY 1""",
                self.id,
            )
        )

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
