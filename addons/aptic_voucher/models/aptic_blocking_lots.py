from odoo import api, models
from odoo.tools import SQL

from .aptic_blocking import BLOCKABLE, CIRCULATING


class ApticBlocking(models.Model):
    """Blocked booklets of which a distributor has, or had, the paper."""

    _inherit = "aptic.blocking"

    @api.model
    def _lock_for_loss(self, order):
        """Take the order's lock of all acts on its vouchers, as long as they are, or will be, worth something."""
        if order.state in CIRCULATING:
            self._lock_order(order)

    @api.model
    def _block_lost(self, lot, first, last, cause, reason):
        """Block what a distributor has lost of a lot, and tell the sponsor; ``_lock_for_loss`` was called.

        There may be nothing to block: all is blocked or spent already, or the order is over.

        :param lot: the lot, whose member the caller has checked
        :param int first: first serial of the first booklet
        :param int last: last serial of the last booklet
        :param str cause: a value of the field
        :param str reason: what happened, in the person's words
        :return: the blockings
        """
        order = lot.order_id.sudo()
        blockings = self.sudo().browse()
        if order.state in CIRCULATING:
            blockings._lock_booklets(order, first, last, True)
            for was in BLOCKABLE:
                blockings |= blockings._block_those(order, first, last, was, cause, reason)
        order._tell_of_loss(lot.sudo(), blockings, first, last)
        return blockings

    def _blocked_ranges(self):
        """The booklets whose vouchers point here, as ranges of serials."""
        self.ensure_one()
        return self.order_id._serial_ranges(
            SQL("booklet.id IN (SELECT booklet_id FROM aptic_voucher WHERE blocking_id = %s)", self.id)
        )

    def _lots(self):
        """The lots in whose stock some of the blocked booklets lie, on the way or acknowledged."""
        lots = self.env["aptic.distribution"].sudo()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT lot.id
                     FROM aptic_blocking AS blocking
                     JOIN aptic_distribution AS lot ON lot.order_id = blocking.order_id
                     JOIN aptic_distribution_part AS part ON part.distribution_id = lot.id AND part.place = 'held'
                    WHERE blocking.id = ANY(%s) AND lot.state IN ('sent', 'received')
                      AND part.serial_from <= blocking.serial_to AND part.serial_to >= blocking.serial_from
                 ORDER BY 1""",
                self.ids,
            )
        )
        return lots.browse(row[0] for row in rows)
