"""Each booklet is printed once, in three formats; what is printed again gets new serials, but for a jammed printer."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .. import clock, codes
from .common import VoucherCase


class PrintCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=30, state="printed", last_day=fields.Date.today() + timedelta(days=90))
        cls.serials = cls.order.booklet_ids.mapped("serial")

    def _print(self, kind="sheets", first=None, last=None, reason=None, user=None):
        """The bytes of a printing; ``first`` and ``last`` count the order's booklets."""
        first, last = (None if place is None else self.serials[place] for place in (first, last))
        order = self.order.with_user(user or self.staff)
        with order._print(kind, first, first if last is None else last, reason) as file:
            return file.read()

    def _events(self, kind="print"):
        rows = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", kind)], order="id")
        return [(row.serial_from - self.serials[0], row.serial_to - self.serials[0], row.quantity) for row in rows]


@tagged("post_install", "-at_install")
class TestPrint(PrintCase):
    def test_a_range_then_the_rest(self):
        self._print(first=1)
        self.assertEqual(self._events(), [(10, 19, 10)])
        self._print()
        self.assertEqual(self._events()[1:], [(0, 9, 10), (20, 29, 10)], "one row for each range of serials")
        printings = self.env["aptic.printing"].search([("order_id", "=", self.order.id)])
        self.assertEqual(sorted(printings.mapped("quantity")), [10, 10, 10])
        self.assertEqual(printings.user_id, self.staff)

    def test_what_was_printed_is_not_printed_again(self):
        self._print()
        for user in (self.staff, self.staff_manager):
            with self.assertRaisesRegex(UserError, "Say why|printed already"):
                self._print(user=user)
            with self.assertRaisesRegex(UserError, "Say why|printed already"):
                self._print("data", first=1, user=user)
        self.assertEqual(len(self._events()), 1)

    def test_a_jammed_printer_gets_the_same_file_from_the_same_person_on_the_same_day(self):
        before = self._print()
        self.assertEqual(self._print(reason="Bourrage page 3"), before)
        event = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "print")])[-1]
        self.assertIn("Bourrage page 3", event.reason)
        with self.assertRaisesRegex(UserError, "printed already"):
            self._print(reason="Bourrage", user=self.staff_manager)
        with clock.at(fields.Datetime.now() + timedelta(days=1)), self.assertRaisesRegex(UserError, "printed already"):
            self._print(reason="Bourrage")
        self.order._deliver()
        self._print(reason="Encore")
        self._fund(self.order)
        self.order._activate()
        with self.assertRaisesRegex(UserError, "printed already"):
            self._print(reason="Bourrage")

    def test_a_reprint_gives_new_serials_and_kills_the_old_ones(self):
        self._print()
        old = self.order.booklet_ids[1]
        before = self._codes(self.order)
        order = self.order.with_user(self.staff)
        with self.assertRaisesRegex(UserError, "Say why"):
            order._reprint(old.serial, old.serial, " ")
        new = order._reprint(old.serial, old.serial, "Carton mouillé")
        self.assertEqual((new.replaces_id, new.size), (old, 10))
        self.assertEqual(set(old.voucher_ids.mapped("state")), {"replaced"})
        [(_serial, pairs)] = self.env["aptic.booklet"]._iter_codes(self.order, new)
        self.assertFalse(set(before) & {code for _number, code in pairs})
        self.assertEqual([len(self._events(kind)) for kind in ("block", "replace", "issue")], [1, 1, 2])
        self.assertEqual(new.blocking_id.cause, "reprint")
        self.assertEqual(self._print()[:4], b"%PDF")
        self.assertEqual(self._events()[-1][2], 10, "the new booklet alone")
        self.order._deliver()
        self._fund(self.order)
        self.order._activate()
        self.assertEqual(self.order._figures()[self.order.id]["active"], 30)

    def test_what_was_never_printed_is_no_reprint(self):
        with self.assertRaisesRegex(UserError, "never printed"):
            self.order.with_user(self.staff)._reprint(self.serials[0], self.serials[0], "Abîmé")
        self.assertFalse(self._events("block"))

    def test_blocked_booklets_are_left_out(self):
        self.env["aptic.blocking"].with_user(self.staff)._block(self.serials[1], self.serials[1], "lost", "Perdu")
        self._print()
        self.assertEqual(self._events(), [(0, 9, 10), (20, 29, 10)])
        with self.assertRaisesRegex(UserError, "no booklet"):
            self._print(first=1)

    def test_the_database_refuses_a_second_first_printing(self):
        self._print(first=0)
        with (
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(
                """INSERT INTO aptic_printing (order_id, kind, serial_from, serial_to, quantity, user_id, at, day)
                   SELECT order_id, kind, serial_to, serial_to + 5, quantity, user_id, at, day FROM aptic_printing"""
            )
        with self.assertRaisesRegex(UserError, "just printed"):
            self.order._note_printing("sheets", [(self.serials[0], self.serials[0] + 9, 10)])

    def test_the_printers_file_and_its_checksum(self):
        data = self._print("data", first=0, last=1)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name, checksum = archive.namelist()
            content, line = archive.read(name), archive.read(checksum).decode()
        self.assertEqual(line, f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8")), delimiter=";"))
        wanted = self._codes(self.order)[:20]
        self.assertEqual([row["code_barres"] for row in rows], wanted)
        self.assertEqual([row["code_imprime"] for row in rows], [codes.grouped(code) for code in wanted])
        self.assertEqual(rows[11]["carnet"], codes.serial_digits(self.serials[1]))
        self.assertEqual(
            (rows[11]["rang"], rows[11]["cheques_du_carnet"], rows[11]["valeur_euros"]), ("2", "10", "10,00")
        )
        self.assertEqual(rows[0]["adresse_qr"], f"{self.order.get_base_url()}/aptic/check/{wanted[0][:10]}")
        self.assertEqual(self._print("data", 0, 1, reason="Fichier perdu"), data, "byte for byte")

    def test_formats(self):
        self.assertEqual(self._print("singles", first=0)[:4], b"%PDF")
        with self.assertRaisesRegex(UserError, "format"):
            self._print("docx")

    def test_a_partly_spent_booklet_is_left_out(self):
        order = self._order(quantity=20)
        self.assertEqual(self._scan(self._codes(order)[:1])["status"], "done")
        self.assertEqual([quantity for _first, _last, quantity in order._ranges("free")], [10])


@tagged("post_install", "-at_install")
class TestPrintDoors(PrintCase, HttpCase):
    def _wizard(self, user=None, **values):
        return self.env["aptic.print"].with_user(user or self.staff).create({"order_id": self.order.id, **values})

    def _get(self, url, user):
        user.password = user.login
        self.authenticate(user.login, user.login)
        return self.url_open(url)

    def test_staff_downloads_what_the_wizard_says(self):
        wizard = self._wizard(kind="data", first=f"{self.serials[1]:010d}")
        self.assertEqual(wizard.waiting, 10)
        answer = self._get(wizard.action_download()["url"], self.staff)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/zip"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(self._events(), [(10, 19, 10)])
        again = self._get(f"/aptic/print/{wizard.id}", self.staff)
        self.assertEqual(again.status_code, 409)
        self.assertNotIn("<", again.text)
        self.assertEqual(len(self._events()), 1)
        with self.assertRaises(UserError):
            wizard.action_download()

    def test_the_wizard_prints_again_with_new_numbers(self):
        self._print()
        wizard = self._wizard(first=str(self.serials[0]), reason="Massicot")
        action = wizard.action_reprint()
        self.assertEqual((action["res_id"], wizard.waiting), (wizard.id, 10))
        self.assertEqual(self._get(wizard.action_download()["url"], self.staff).status_code, 200)
        with self.assertRaisesRegex(UserError, "which booklets"):
            self._wizard(reason="Massicot").action_reprint()
        with self.assertRaisesRegex(UserError, "is no serial"):
            self._wizard(first="demain").action_download()

    def test_others_find_nothing(self):
        wizard = self._wizard()
        url = f"/aptic/print/{wizard.id}"
        for user in (self.sponsor_user_a, self.manager_a, self.stranger, self.staff_manager):
            with mute_logger("odoo.http"):
                self.assertEqual(self._get(url, user).status_code, 404, user.login)
        self.logout()
        self.assertIn("/web/login", self.url_open(url).url)
        self.assertFalse(self._events())
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            with self.assertRaises(AccessError):
                self._wizard(user)
            with self.assertRaises(AccessError):
                self.order.with_user(user)._reprint(self.serials[0], self.serials[0], "x")
            with self.assertRaises(AccessError):
                self.env["aptic.printing"].with_user(user).search([])
        self._print()
        printing = self.order.sudo().printing_ids
        for user in (self.staff, self.staff_manager, self.reviewer, self.accountant):
            self.assertTrue(printing.with_user(user).read(["kind"]))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(printing.with_user(user).has_access(operation))
