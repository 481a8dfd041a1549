from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.orm.models import NO_ACCESS
from odoo.tools import SQL, config

from .. import codes, keyring

CHUNK = 500  # booklets whose salts are in memory at once


class ApticBooklet(models.Model):
    """A booklet of 5 or 10 vouchers; owns the salt of its vouchers' codes, never a code."""

    _name = "aptic.booklet"
    _description = "Booklet"
    _log_access = False
    _order = "id"
    _rec_name = "serial"

    order_id = fields.Many2one("aptic.order", required=True, index=True, ondelete="restrict", readonly=True)
    serial = fields.Integer(
        required=True, readonly=True, aggregator=None, help="Public number: the serial of its first voucher."
    )
    size = fields.Integer(string="Vouchers", required=True, readonly=True)
    key_version = fields.Integer(required=True, readonly=True, aggregator=None)
    salt = fields.Char(required=True, readonly=True, groups=NO_ACCESS, help="128 random bits, hexadecimal.")
    replaces_id = fields.Many2one("aptic.booklet", index="btree_not_null", ondelete="restrict", readonly=True)
    replacement_ids = fields.One2many("aptic.booklet", "replaces_id", string="Replaced by")
    blocking_id = fields.Many2one("aptic.blocking", index="btree_not_null", ondelete="restrict", readonly=True)
    voucher_ids = fields.One2many("aptic.voucher", "booklet_id")

    _serial_unique = models.Constraint("UNIQUE(serial)", "This serial exists already.")

    @api.depends("serial")
    def _compute_display_name(self):
        for booklet in self:
            booklet.display_name = codes.serial_digits(booklet.serial)

    @api.model
    def _search_display_name(self, operator, value):
        if operator in ("=", "ilike") and str(value).isdecimal():
            return Domain("serial", "=", int(value))
        return super()._search_display_name(operator, value)

    # -------------------------------------------------------------------- keys
    @api.model
    def _keyring(self):
        """Return the :class:`~..keyring.KeyRing` of the server's configuration file, read again when the file changes.

        :raise UserError: when no key can be used
        """
        try:
            return keyring.cached(config["config"])
        except keyring.KeyRingError as error:
            raise self._keyring_error(error) from None

    @api.model
    def _key(self, version):
        """Return the secret key of a version (bytes).

        :raise UserError: when the configuration file has it no longer
        """
        try:
            return self._keyring().key(version)
        except keyring.KeyRingError as error:
            raise self._keyring_error(error) from None

    def _keyring_error(self, error):
        message = {
            "unreadable": lambda: self.env._(
                "The server's configuration file cannot be read: %(path)s", **error.values
            ),
            "malformed": lambda: self.env._(
                "The server's configuration file is not well formed: %(path)s", **error.values
            ),
            "none": lambda: self.env._(
                "No voucher key is configured. Add voucher_key_1 (64 hexadecimal characters) and"
                " voucher_key_current = 1 to section [%(section)s] of %(path)s.",
                **error.values,
            ),
            "current": lambda: self.env._(
                "voucher_key_current in section [%(section)s] of %(path)s must be one of: %(versions)s", **error.values
            ),
            "name": lambda: self.env._(
                "%(option)s in section [%(section)s]: the version must be a number from 1.", **error.values
            ),
            "length": lambda: self.env._(
                "%(option)s in section [%(section)s] must be 64 hexadecimal characters.", **error.values
            ),
            "version": lambda: self.env._(
                "%(option)s is missing from section [%(section)s] of the server's configuration file: vouchers printed"
                " with it cannot be checked until it is put back.",
                **error.values,
            ),
        }[error.kind]()
        return UserError(message)

    # ------------------------------------------------------------------- codes
    @api.model
    def _codes(self, order):
        """Return ``[(serial, code)]`` of an order, in serial order. Codes are computed, never stored: neither must the
        caller store or log them."""
        return [pair for _serial, pairs in self._iter_codes(order) for pair in pairs]

    @api.model
    def _iter_ranges(self, order, ranges):
        """The same for ranges of serials ``(first, last, vouchers)`` of one order, one after the other."""
        for first, last, _quantity in ranges:
            yield from self._iter_codes(order, first=first, last=last)

    @api.model
    def _iter_codes(self, order, booklets=None, first=1, last=2**31 - 1):
        """Yield ``(serial of the booklet, [(serial, code)])``, booklet by booklet, with flat memory.

        :param order: one order
        :param booklets: only these booklets of it
        :param int first: only booklets from this serial on
        :param int last: only booklets whose serial is not above
        """
        only = booklets.ids if booklets is not None else None
        seen = first - 1
        while True:
            rows = self.env.execute_query(
                SQL(
                    "SELECT serial, size, key_version, salt FROM aptic_booklet"
                    " WHERE order_id = %s AND serial > %s AND serial <= %s AND (%s::int[] IS NULL OR id = ANY(%s))"
                    " ORDER BY serial LIMIT %s",
                    order.id,
                    seen,
                    last,
                    only,
                    only,
                    CHUNK,
                )
            )
            for serial, size, version, salt in rows:
                key, salt = self._key(version), bytes.fromhex(salt)
                yield serial, [(number, codes.make(number, salt, key)) for number in range(serial, serial + size)]
            if len(rows) < CHUNK:
                return
            seen = rows[-1][0]
