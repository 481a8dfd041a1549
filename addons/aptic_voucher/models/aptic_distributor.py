from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import codes, lots
from .aptic_distribution_part import booklets_in

FIGURES = ("sent", "transit", "stock", "blocked", "handed", "returned", "lost", "started")


class ApticDistributor(models.Model):
    """A distributor's stock of booklets, as the ledger says it."""

    _inherit = "aptic.distributor"

    territory_id = fields.Many2one(
        "aptic.territory", index="btree_not_null", ondelete="restrict", domain=[("kind", "!=", "country")],
        help="Where it hands booklets out: orders may be for the distributors of some territories.",
    )  # fmt: skip
    lot_ids = fields.One2many("aptic.distribution", "distributor_id", string="Lots")
    stock_count = fields.Integer(string="Booklets in stock", compute="_compute_stock")
    handed_count = fields.Integer(string="Booklets handed out", compute="_compute_stock")

    def _compute_stock(self):
        totals = self._stock()
        for distributor in self:
            distributor.stock_count = totals[distributor.id]["stock"]
            distributor.handed_count = totals[distributor.id]["handed"]

    def _stock(self):
        """Booklets by distributor: dict from id to a dict with the keys of :data:`FIGURES`."""
        result = {distributor_id: dict.fromkeys(FIGURES, 0) for distributor_id in self.ids}
        for row in self._booklet_figures(SQL("lot.distributor_id = ANY(%s)", self.ids)):
            for key in FIGURES:
                result[row["distributor_id"]][key] += row[key]
        return result

    @api.model
    def _booklet_figures(self, condition):
        """Booklets by distributor and order: an aggregate of the ledger, and one of what became of their vouchers.

        :param SQL condition: which lots (``lot``)
        :return: list of dicts ``distributor_id``, ``order_id`` and the keys of :data:`FIGURES`; ``blocked`` are those
            of the stock, or on the way, that are not to be handed out
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT lot.distributor_id, lot.order_id, event.kind, SUM(%s)
                     FROM aptic_distribution AS lot
                     JOIN aptic_event AS event ON event.distribution_id = lot.id
                    WHERE %s AND event.kind = ANY(%s)
                 GROUP BY lot.distributor_id, lot.order_id, event.kind""",
                booklets_in("lot", "event"),
                condition,
                list(lots.KINDS),
            )
        )
        totals = {}
        for distributor_id, order_id, kind, count in rows:
            totals.setdefault((distributor_id, order_id), {})[kind] = int(count)
        fates = {
            (distributor_id, order_id): (started, blocked)
            for distributor_id, order_id, started, blocked in self.env.execute_query(
                SQL(
                    """SELECT distributor_id, order_id, SUM(started)::int, SUM(blocked)::int
                         FROM (SELECT lot.distributor_id, lot.order_id, COUNT(DISTINCT voucher.booklet_id) AS started,
                                      0 AS blocked
                                 FROM aptic_distribution AS lot
                                 JOIN aptic_distribution_part AS part
                                   ON part.distribution_id = lot.id AND part.place = 'handed'
                                 JOIN aptic_voucher AS voucher
                                   ON voucher.serial BETWEEN part.serial_from AND part.serial_to
                                WHERE %(condition)s AND voucher.redemption_id IS NOT NULL
                             GROUP BY lot.distributor_id, lot.order_id
                                UNION ALL
                               SELECT lot.distributor_id, lot.order_id, 0, COUNT(DISTINCT voucher.booklet_id)
                                 FROM aptic_distribution AS lot
                                 JOIN aptic_distribution_part AS part
                                   ON part.distribution_id = lot.id AND part.place = 'held'
                                 JOIN aptic_blocking AS blocking ON blocking.order_id = lot.order_id
                                 JOIN aptic_voucher AS voucher
                                   ON voucher.blocking_id = blocking.id
                                  AND voucher.serial BETWEEN part.serial_from AND part.serial_to
                                WHERE %(condition)s AND lot.state IN ('sent', 'received')
                             GROUP BY lot.distributor_id, lot.order_id) AS fate
                     GROUP BY distributor_id, order_id""",
                    condition=condition,
                )
            )
        }
        result = []
        for key, kinds in sorted(totals.items()):
            started, blocked = fates.get(key, (0, 0))
            result.append(
                {
                    "distributor_id": key[0],
                    "order_id": key[1],
                    **lots.figures(kinds),
                    "started": started,
                    "blocked": blocked,
                }
            )
        return result

    def _lot_of(self, first, last):
        """The distributor's lot in which a range of serials lies.

        :raise UserError: when it is in none, or in two; the sentence is the same whether a booklet exists elsewhere
        """
        self.ensure_one()
        parts = self.env["aptic.distribution.part"].search(
            [
                ("distribution_id.distributor_id", "=", self.id),
                ("distribution_id.state", "in", ("sent", "received")),
                ("serial_from", "<=", last),
                ("serial_to", ">=", first),
            ],
            order="id desc",
        )
        # What was returned once may have come back in another lot.
        parts = parts.filtered(lambda part: part.place != "returned") or parts
        if not parts:
            raise UserError(
                self.env._(
                    "Booklet %(serial)s is not in your stock: check that it comes from one of your lots.",
                    serial=codes.serial_digits(first),
                )
            )
        if len(parts.distribution_id) > 1:
            raise UserError(self.env._("These booklets are in several lots: take them one lot at a time."))
        return parts.distribution_id

    def _hand_out(self, first_text, last_text=None):
        """Hand booklets out to people (« injecter »): no name, only which booklets.

        :param str first_text: a voucher of the (first) booklet, scanned or typed
        :param str last_text: one of the last booklet, when there are several
        :return: the ledger's row
        :rtype: aptic.event
        """
        first, last = self.env["aptic.distribution"]._read_range(first_text, last_text)
        return self.env["aptic.event"].browse(self._lot_of(first, last)._move("inject", first, last))

    def action_open_lots(self):
        """Smart button: the distributor's lots."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lots"),
            "res_model": "aptic.distribution",
            "view_mode": "list,form",
            "domain": [("distributor_id", "=", self.id)],
            "context": {"default_distributor_id": self.id},
        }
