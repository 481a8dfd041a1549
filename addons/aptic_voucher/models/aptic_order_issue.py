import base64
import io
import secrets
from urllib.parse import urlsplit

from odoo import api, models
from odoo.tools import SQL

from .. import codes, sheet

LARGE = 250_000  # vouchers; more are made in the background


class ApticOrder(models.Model):
    _inherit = "aptic.order"

    def _issue(self):
        """Make the booklets and vouchers of proofed orders and move them to *printed*; printed orders are left alone.

        One statement an order makes all its booklets and vouchers; one row enters the ledger. More than :data:`LARGE`
        are made in the background (``aptic.issue``), and the order stays *proofed* until the last one is there.

        :return: the orders that were issued
        :raise UserError: when an order's proof is not approved, or no voucher key can be used
        """
        version = self.env["aptic.booklet"]._keyring().current
        large = self.filtered(lambda order: order.quantity > LARGE and order.state == "proofed")
        todo = (self - large)._set_state({"proofed"}, "printed")
        for order in todo:
            first = self.env["aptic.voucher"]._reserve(order.quantity)
            order._insert_vouchers(first, order.quantity, version)
            order._append_issue(first)
        for order in large:
            order._lock_or_retry()
            self.env["aptic.issue"]._start(order, version)
        return todo

    @api.model
    def _salts(self, count):
        """A secret salt for each of ``count`` booklets, hexadecimal."""
        return [secrets.token_hex(codes.SALT_BYTES) for _booklet in range(count)]

    def _insert_vouchers(self, first, count, key_version):
        """Make ``count`` vouchers and their booklets from the serial ``first`` on, by one statement."""
        self.ensure_one()
        # A session keeps its plan of the foreign keys' checks: one made while the table was small reads the whole table
        # for each new voucher (measured: 39 s instead of 4 s for 100,000).
        self.env.cr.execute("DISCARD PLANS")
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
                salts=self._salts(count // self.booklet_size),
            )
        )
        self.env["aptic.booklet"].invalidate_model()
        self.env["aptic.voucher"].invalidate_model()
        self.invalidate_recordset(["booklet_ids"])

    def _append_issue(self, first):
        """The ledger's row of an issue whose serials begin at ``first``."""
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

    # ------------------------------------------------------------------- print
    def _proof_pdf(self):
        """Return the proof (« BAT ») as PDF bytes: one booklet as it will be, with codes that no server accepts."""
        self.ensure_one()
        stream = io.BytesIO()
        sheet.write_specimen(stream, self._prepare_sheet())
        return stream.getvalue()

    def _prepare_sheet(self):
        """Return what the sheets of this order show, as plain data."""
        self.ensure_one()
        sponsor = self.sponsor_id.sudo()
        logo = self.logo or sponsor.image_512
        return sheet.Sheet(
            title=self.name,
            sponsor=sponsor.name,
            face_cents=self.face_value_cents,
            size=self.booklet_size,
            last_day=self.last_day,
            message=self.message or "",
            logo=base64.b64decode(logo) if logo else None,
            site=urlsplit(self.company_id.sudo().website or "").netloc.removeprefix("www."),
            check=f"{self.get_base_url().rstrip('/')}/aptic/check/",
        )

    def action_proof(self):
        """Button of the back office: download the proof."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/aptic/order/{self.id}/proof", "target": "download"}
