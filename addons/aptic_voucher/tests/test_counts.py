"""The counts of an order: numbers, what they are made of, and files that no spreadsheet runs."""

import csv
import io

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfReader

from .test_expiry import LAST, ExpiryCase

EXPECTED = {
    "ordered": 30, "printed": 30, "delivered": 30, "activated": 20, "injected": 10, "started": 2, "redeemed": 3,
    "expired": 0, "blocked": 1, "replaced": 0, "redeemed_cents": 3000,
}  # fmt: skip


class CountsCase(ExpiryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=30, last_day=LAST, state="delivered", message="=1+1")
        cls._fund(cls.order, 20000)
        cls.order._activate()
        codes = cls._codes(cls.order)
        for code in (codes[0], codes[1], codes[10]):
            cls._redeem(cls, code)
        cancelled = cls._redeem(cls, codes[12])
        cancelled._cancel("Erreur")
        serial = int(codes[19][:10])
        cls._block_one(serial)
        cls.env["aptic.event"]._append(
            [{"kind": "inject", "order_id": cls.order.id, "quantity": 10, "amount_cents": 10000}]
        )
        cls.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestCounts(CountsCase):
    def test_the_counts(self):
        self.assertEqual(self.order._counts()[self.order.id], EXPECTED)
        self.assertEqual((self.order.started_count, self.order.redeemed_amount), (2, 30))

    def test_the_queries_do_not_depend_on_the_orders(self):
        orders = self.order | self._order(last_day=LAST) | self._order(self.sponsor_b, last_day=LAST)
        self.env.flush_all()
        orders.mapped("quantity")
        with self.assertQueryCount(4):
            orders._counts()

    def test_each_count_opens_what_it_is_made_of(self):
        found = {}
        for key in EXPECTED:
            if key == "redeemed_cents":
                continue
            action = self.order.with_user(self.staff).with_context(aptic_count=key).action_open_count()
            records = self.env[action["res_model"]].with_user(self.staff).search(action["domain"])
            found[key] = (
                sum(-row.quantity if row.kind == "restore" else row.quantity for row in records)
                if action["res_model"] == "aptic.event"
                else sum(records.mapped("size")) if key == "ordered"
                else len(records)
            )  # fmt: skip
        self.assertEqual({**found, "redeemed_cents": 3000}, EXPECTED)
        with self.assertRaises(UserError):
            self.order.with_context(aptic_count="salary").action_open_count()
        with self.assertRaises(AccessError):
            self.order.with_user(self.stranger).with_context(aptic_count="printed").action_open_count()

    def test_no_text_becomes_a_formula(self):
        self.sponsor_a.name = '=HYPERLINK("http://example.org";"x")'
        content, name = self.order._export_counts("csv")
        self.assertTrue(name.endswith(".csv"))
        heads, row = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
        self.assertEqual(len(heads), len(row))
        self.assertEqual(row[1][:2], "'=")
        self.assertEqual(row[-2:], ["30,00", "200,00"])
        content, _name = self.order._export_counts("xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        cells = [cell for line in sheet.iter_rows() for cell in line]
        self.assertFalse([cell for cell in cells if cell.data_type == "f"])
        self.assertEqual([cell.value for cell in sheet[2]][5:8], [30, 30, 30])
        self.assertEqual(sheet.cell(2, 2).value[:2], "'=")
        amount, day = sheet.cell(2, len(heads)), sheet.cell(2, 4)
        self.assertEqual((amount.value, amount.number_format), (200, "#,##0.00"))
        self.assertTrue(day.is_date)

    def test_the_page_on_paper(self):
        self.sponsor_a.lang = False
        content, _name = self.order._export_counts("pdf")
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())
        for words in (self.order.name, self.sponsor_a.name, "Booklets started", "Handed out"):
            self.assertIn(words, text)
        with self.assertRaises(UserError):
            (self.order | self._order(last_day=LAST))._export_counts("pdf")
        with self.assertRaises(UserError):
            self.order._export_counts("exe")


@tagged("post_install", "-at_install")
class TestCountsFiles(CountsCase, HttpCase):
    def _log_in(self, user):
        user.password = user.login
        self.authenticate(user.login, user.login)

    def test_a_sponsor_takes_its_counts_and_no_others(self):
        other = self._order(self.sponsor_b, last_day=LAST)
        self._log_in(self.sponsor_user_a)
        self.assertIn("o_aptic_counts", self.url_open(f"/my/aptic/orders/{self.order.id}").text)
        for kind, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
            answer = self.url_open(f"/my/aptic/orders/{self.order.id}/counts/{kind}")
            self.assertEqual(answer.status_code, 200)
            self.assertTrue(answer.content.startswith(start), kind)
            self.assertIn("attachment", answer.headers["Content-Disposition"])
            self.assertEqual(self.url_open(f"/my/aptic/orders/{other.id}/counts/{kind}").status_code, 403)
        every = self.url_open("/my/aptic/orders/counts/csv").content.decode("utf-8-sig")
        self.assertIn(self.order.name, every)
        self.assertNotIn(other.name, every)
        for address in ("counts/exe", "counts/pdf", f"{self.order.id}/counts/exe"):
            self.assertEqual(self.url_open(f"/my/aptic/orders/{address}").status_code, 403, address)

    def test_strangers_take_nothing_and_staff_takes_one_orders(self):
        url = f"/my/aptic/orders/{self.order.id}/counts/csv"
        for user in (self.stranger, self.manager_a, self.caf_user):
            self._log_in(user)
            self.assertEqual(self.url_open(url).status_code, 403)
            self.assertEqual(self.url_open("/my/aptic/orders/counts/csv").status_code, 403)
        self._log_in(self.staff)
        self.assertEqual(self.url_open(url).status_code, 200)
