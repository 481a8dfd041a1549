from odoo import api, fields, models
from odoo.addons.aptic_base.texts import one_line
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import codes


class ApticVoucher(models.Model):
    """One voucher: a serial and a state. Its code is computed from the key, the booklet's salt and the serial."""

    _name = "aptic.voucher"
    _description = "Voucher"
    _log_access = False
    _order = "serial"
    _rec_name = "serial"

    serial = fields.Integer(required=True, readonly=True, aggregator=None)
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
    )  # fmt: skip
    blocking_id = fields.Many2one("aptic.blocking", index="btree_not_null", ondelete="restrict", readonly=True)
    redemption_id = fields.Many2one("aptic.redemption", index="btree_not_null", ondelete="restrict", readonly=True)

    _serial_unique = models.Constraint("UNIQUE(serial)", "This serial exists already.")
    _blocked_is_dead = models.Constraint(
        "CHECK(blocking_id IS NULL OR state IN ('blocked', 'replaced'))",
        "Blocked vouchers come back by their unblocking only.",
    )

    _started = models.Index("(order_id, booklet_id) WHERE redemption_id IS NOT NULL")

    @api.depends("serial")
    def _compute_display_name(self):
        for voucher in self:
            voucher.display_name = codes.serial_digits(voucher.serial)

    @api.model
    def _search_display_name(self, operator, value):
        if operator in ("=", "ilike") and str(value).isdecimal():
            return Domain("serial", "=", int(value))
        return super()._search_display_name(operator, value)

    # ----------------------------------------------------------------- reading
    @api.model
    def _read_serial(self, text):
        """The serial that a person scanned (a whole code is one) or typed.

        :raise UserError: when it is none
        """
        try:
            return codes.read_serial(str(text or ""))
        except codes.BadCode:
            raise UserError(
                self.env._(
                    "“%(text)s” is no serial: scan a voucher of the booklet, or type the 10 digits of its serial.",
                    text=one_line(str(text or ""), 40),
                )
            ) from None

    @api.model
    def _read_range(self, first, last):
        """The two serials that a person scanned or typed: ``(first, last)``; the first twice when there is no last.

        :raise UserError: as :meth:`_read_serial`
        """
        return self._read_serial(first), self._read_serial(last if (last or "").strip() else first)

    # ------------------------------------------------------------------ issue
    def init(self):  # pylint: disable=missing-return
        """Make the sequence of serials and the function that takes a block of it.

        ``nextval`` alone gives no unbroken block when two orders are issued at once. The session lock is held for the
        instant of two sequence calls (which no rollback undoes), not until the end of a long transaction.
        """
        super().init()
        self.env.cr.execute(
            """
            CREATE SEQUENCE IF NOT EXISTS aptic_voucher_serial AS integer;
            CREATE OR REPLACE FUNCTION aptic_voucher_reserve(quantity integer) RETURNS integer LANGUAGE plpgsql AS $$
            DECLARE
                first integer;
            BEGIN
                PERFORM pg_advisory_lock('aptic_voucher_serial'::regclass::oid::bigint);
                BEGIN
                    first := nextval('aptic_voucher_serial');
                    PERFORM setval('aptic_voucher_serial', first + quantity - 1);
                EXCEPTION WHEN query_canceled OR others THEN
                    PERFORM pg_advisory_unlock('aptic_voucher_serial'::regclass::oid::bigint);
                    RAISE;
                END;
                PERFORM pg_advisory_unlock('aptic_voucher_serial'::regclass::oid::bigint);
                RETURN first;
            END $$;
            """
        )

    def _reserve(self, quantity):
        """Take ``quantity`` serials in a row, for good, and return the first."""
        self.env.cr.execute("SELECT aptic_voucher_reserve(%s)", (quantity,))
        return self.env.cr.fetchone()[0]
