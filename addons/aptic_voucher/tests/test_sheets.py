"""Sheets are streamed to staff, written in the ledger and stored nowhere."""

import base64
import io
import logging

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from PIL import Image

from .common import VoucherCase


@tagged("-at_install", "post_install")
class TestSheets(VoucherCase, HttpCase):
    def _log_in(self, user):
        user.password = user.login
        self.authenticate(user.login, user.login)

    def _sheets(self, order, kind="sheets"):
        return self.url_open(f"/aptic/order/{order.id}/{kind}")

    def test_staff_downloads_the_sheets(self):
        order = self._order(quantity=20, state="printed", message="Bonne découverte !")
        self._log_in(self.staff)
        with self.assertLogs(level=logging.INFO) as logs:
            answer = self._sheets(order)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertTrue(answer.content.startswith(b"%PDF"))
        self.assertEqual(len(answer.content), int(answer.headers["Content-Length"]))
        event = self.env["aptic.event"].search([("order_id", "=", order.id), ("kind", "=", "print")])
        with order._drawn("sheets", [(event.serial_from, event.serial_to, 20)]) as again:
            self.assertEqual(answer.content, again.read(), "the same for ever")
        self.assertEqual((event.quantity, event.amount_cents, event.user_id), (20, 20000, self.staff))
        self.assertEqual(event.serial_to - event.serial_from, 19)
        text = "\n".join(logs.output)
        self.assertIn("sheets of 20 vouchers", text)
        for code in self._codes(order):
            self.assertNotIn(code[10:22], text)

    def test_nothing_is_kept(self):
        order = self._order(state="printed")
        count = self.env["ir.attachment"].search_count([])
        order._print().close()
        self.assertEqual(self.env["ir.attachment"].search_count([]), count)

    def test_others_find_no_sheet(self):
        order = self._order(sponsor=self.sponsor_a, state="printed")
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            self._log_in(user)
            for kind in ("sheets", "proof"):
                with mute_logger("odoo.http"):
                    self.assertEqual(self._sheets(order, kind).status_code, 404, (user.login, kind))
        self.logout()
        self.assertIn("/web/login", self._sheets(order).url)
        self.assertFalse(self.env["aptic.event"].search([("order_id", "=", order.id), ("kind", "=", "print")]))
        for user in (self.sponsor_user_b, self.stranger):
            with self.assertRaises(AccessError):
                order.with_user(user).action_print()

    def test_an_unknown_order(self):
        self._log_in(self.staff)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/aptic/order/999999999/sheets").status_code, 404)

    def test_only_issued_orders_have_sheets(self):
        for state in ("confirmed", "proofed", "cancelled"):
            with self.assertRaisesRegex(UserError, "no sheets to print"):
                self._order(state=state)._print()
        for state in ("printed", "delivered", "active"):
            self._order(state=state)._print().close()

    def test_proof(self):
        order = self._order(state="confirmed")
        self._log_in(self.staff)
        answer = self._sheets(order, "proof")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"%PDF"))
        self.assertFalse(self.env["aptic.event"].search([("order_id", "=", order.id)]))

    def test_buttons(self):
        order = self._order(state="printed").with_user(self.staff)
        self.assertEqual(order.action_print()["url"], f"/aptic/order/{order.id}/sheets")
        self.assertEqual(order.action_proof()["url"], f"/aptic/order/{order.id}/proof")

    def test_the_sheet_shows_the_order(self):
        image = io.BytesIO()
        Image.new("RGB", (80, 40), "green").save(image, "PNG")
        order = self._order(quantity=5, state="confirmed", message="Bonjour", logo=base64.b64encode(image.getvalue()))
        self.company.website = "https://www.aptic.example"
        sheet = order._prepare_sheet()
        self.assertEqual((sheet.title, sheet.sponsor), (order.name, self.sponsor_a.name))
        self.assertEqual((sheet.face_cents, sheet.size, sheet.last_day), (1000, 5, order.last_day))
        self.assertEqual((sheet.message, sheet.site), ("Bonjour", "aptic.example"))
        self.assertTrue(sheet.logo.startswith(b"\x89PNG"))
        without = self._order(state="confirmed")
        self.assertIsNone(without._prepare_sheet().logo)
        self.sponsor_a.image_1920 = base64.b64encode(image.getvalue())
        self.assertTrue(without._prepare_sheet().logo.startswith(b"\x89PNG"), "the sponsor's own")

    def test_few_statements_whatever_the_quantity(self):
        counts = []
        for quantity in (10, 1000):
            order = self._order(quantity=quantity, state="printed").with_user(self.staff)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            order._print().close()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        self.assertLessEqual(counts[0], 20)
