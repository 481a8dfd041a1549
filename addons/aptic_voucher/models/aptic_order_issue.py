import secrets

from odoo import models
from odoo.tools import SQL

from .. import codes


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    def _issue(self):
        """Make the booklets and vouchers of proofed orders and move them to *printed*; printed orders are left alone.

        One statement an order makes all its booklets and vouchers, whatever their number; one row enters the ledger.

        :return: the orders that were issued
        :raise UserError: when an order's proof is not approved, or no voucher key can be used
        """
        version = self.env["aptic.booklet"]._keyring().current
        todo = self._set_state({"proofed"}, "printed")
        for order in todo:
            order._issue_vouchers(version)
        return todo

    def _issue_vouchers(self, key_version):
        self.ensure_one()
        first = self.env["aptic.voucher"]._reserve(self.quantity)
        salts = [secrets.token_hex(codes.SALT_BYTES) for _booklet in range(self.quantity // self.booklet_size)]
        self.env.cr.execute(
            SQL(
                """
                WITH booklet AS (
                    INSERT INTO aptic_booklet (order_id, serial, size, key_version, salt)
                    SELECT %(order)s, %(first)s + (n - 1) * %(size)s, %(size)s, %(version)s, salt
                      FROM unnest(%(salts)s) WITH ORDINALITY AS given(salt, n)
                 RETURNING id, serial
                )
                INSERT INTO aptic_voucher (serial, booklet_id, order_id, state)
                SELECT booklet.serial + n, booklet.id, %(order)s, 'printed'
                  FROM booklet, generate_series(0, %(size)s - 1) AS n
                """,
                order=self.id,
                first=first,
                size=self.booklet_size,
                version=key_version,
                salts=salts,
            )
        )
        self.env["aptic.event"]._append(
            [
                {
                    "kind": "issue",
                    "order_id": self.id,
                    "serial_from": first,
                    "serial_to": first + self.quantity - 1,
                    "quantity": self.quantity,
                    "amount_cents": self.face_cents,
                }
            ]
        )
        self.env["aptic.booklet"].invalidate_model()
        self.env["aptic.voucher"].invalidate_model()
        self.invalidate_recordset(["booklet_ids"])
