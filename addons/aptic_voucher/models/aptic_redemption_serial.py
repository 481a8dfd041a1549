from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import codes


class ApticRedemption(models.Model):
    """Which acts a voucher paid for: by its serial, cancelled ones too, through an index."""

    _inherit = "aptic.redemption"

    # For searches only.
    voucher_serial = fields.Char(compute="_compute_voucher_serial", search="_search_voucher_serial")

    def _compute_voucher_serial(self):
        self.voucher_serial = False

    @api.model
    def _search_voucher_serial(self, operator, value):
        if operator not in ("in", "=", "ilike", "=ilike"):
            return NotImplemented
        found = []
        for text in [value] if isinstance(value, str) else value:
            try:
                found.append(self._has_serial(codes.read_serial(text)))
            except codes.BadCode:
                continue
        return Domain.OR(found)

    @api.model
    def _has_serial(self, serial):
        """The domain of the acts that the voucher of this serial paid for: the one that stands, those given back.

        Of the first the voucher itself knows, so that no act at a desk waits for an index of serials.
        """
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                """%s IN (SELECT redemption_id FROM aptic_voucher WHERE serial = %s
                           UNION ALL
                          SELECT id FROM aptic_redemption
                           WHERE state IN ('cancelled', 'reversed') AND string_to_array(serials, ' ') @> ARRAY[%s])""",
                SQL.identifier(alias, "id"),
                serial,
                str(serial),
            )
        )
