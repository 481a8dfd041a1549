import csv
import html
import io

import openpyxl
from odoo.addons.aptic_voucher import codes
from odoo.tests import HttpCase, tagged
from pdfminer.high_level import extract_text

from .common import SettlementCase


@tagged("post_install", "-at_install")
class TestPortal(HttpCase, SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._redeem(vouchers=3)
        cls._redeem(cls.place_b, vouchers=1)
        cls.settlement = cls._settlement(approved=True)
        cls.own = cls._statement(cls.settlement, cls.provider_a)
        cls.other = cls._statement(cls.settlement, cls.provider_b)
        account = cls.env["res.partner.bank"].create(
            {"acc_number": "FR7630001007941234567890185", "partner_id": cls.provider_a.partner_id.id}
        )
        cls.provider_a._guarded_write({"bank_account_id": account.id})

    def _open(self, user, path=""):
        self.authenticate(user.login, user.login)
        return self.url_open(f"/my/aptic/statements{path}")

    def test_manager_and_accountant_see_their_statement(self):
        for user in (self.manager_a, self.accountant_a):
            page = self._open(user)
            self.assertEqual(page.status_code, 200)
            self.assertIn(self.own.name, page.text)
            self.assertNotIn(self.other.name, page.text)
            page = self._open(user, f"/{self.own.id}")
            self.assertEqual(page.status_code, 200)
            for word in ("28[,.]80", "1[,.]20", "30[,.]00", "Lieu A", "FR76", "0185"):
                self.assertRegex(page.text, word)
            self.assertNotIn("30001007941234567890185", page.text)

    def test_others_are_denied(self):
        cases = [
            (self.mediator_a, ""),
            (self.mediator_a, f"/{self.own.id}"),
            (self.mediator_a, f"/{self.own.id}/pdf"),
            (self.mediator_a, f"/{self.own.id}/xlsx"),
            (self.mediator_a, f"/{self.own.id}/invoice"),
            (self.manager_b, f"/{self.own.id}"),
            (self.manager_b, f"/{self.own.id}/pdf"),
            (self.manager_b, f"/{self.own.id}/csv"),
            (self.manager_b, f"/{self.own.id}/xlsx"),
            (self.manager_a, f"/{self.own.id}/exe"),
            (self.manager_b, f"/{self.own.id}/invoice"),
            (self.sponsor_user_a, ""),
            (self.stranger, f"/{self.own.id}"),
            (self.manager_a, "/999999999"),
        ]
        for user, path in cases:
            page = self._open(user, path)
            self.assertEqual(page.status_code, 403, f"{user.login} {path}")
            self.assertNotIn(self.own.name, page.text)

    def test_pages_cost_a_bounded_number_of_queries(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        few = self._count(""), self._count(f"/{self.own.id}")
        for month in (4, 5, 6):
            self._redeem(vouchers=1)
            self._settlement(self.settlement.cutoff_day.replace(month=month), approved=True)
        for _act in range(15):
            self._redeem(vouchers=2)
        many = self._statement(
            self._settlement(self.settlement.cutoff_day.replace(month=7), approved=True), self.provider_a
        )
        self.assertEqual(many.voucher_count, 30)
        for count, path in zip(few, ("", f"/{many.id}"), strict=True):
            self.assertLessEqual(count, 60, path)
            self.assertLessEqual(self._count(path), count + 3, path)

    def _count(self, path):
        """How many queries a page costs; asked once before, so that what is kept is there."""
        address = f"/my/aptic/statements{path}"
        self.url_open(address)
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open(address).status_code, 200)
        return self.env.cr.sql_log_count - before

    def test_a_draft_is_not_shown(self):
        self._redeem(vouchers=2)
        draft = self._settlement(self.settlement.cutoff_day.replace(month=4)).statement_ids
        self.assertEqual(self._open(self.manager_a, f"/{draft.id}").status_code, 403)
        self.assertNotIn(draft.name, self._open(self.manager_a).text)

    def test_the_paper(self):
        paper = self._open(self.accountant_a, f"/{self.own.id}/pdf")
        self.assertEqual(paper.headers["Content-Type"], "application/pdf")
        text = extract_text(io.BytesIO(paper.content))
        for word in (
            self.own.name,
            "février 2026",
            "Lieu A",
            "Impôts",
            self.provider_a.siret,
            self.own.fee_move_id.name,
        ):
            self.assertIn(word, text)
        self.assertRegex(text, "vingt-huit euros et quatre-vingts centimes|Twenty-Eight")
        self.assertRegex(text, "28[,.]80")
        self.assertIn("FR76 **** **** 0185", text)
        self.assertRegex(text, r"-\D?1[,.]20")
        again = self._open(self.staff, f"/{self.own.id}/pdf")
        self.assertEqual(again.content, paper.content)

    def test_each_voucher_stands_once_on_every_form_of_it(self):
        act = self.env["aptic.redemption"].search([("statement_id", "=", self.own.id)])
        serials = [codes.serial_digits(int(serial)) for serial in act.serials.split()]
        self.assertEqual(len(serials), 3)
        page = self._open(self.manager_a, f"/{self.own.id}").text
        table = self._open(self.accountant_a, f"/{self.own.id}/xlsx")
        self.assertIn("spreadsheetml", table.headers["Content-Type"])
        header, *rows = openpyxl.load_workbook(io.BytesIO(table.content)).active.iter_rows(values_only=True)
        received = [row for row in rows if row[5]]
        self.assertEqual(sorted(row[5] for row in received), serials)
        facts = {(row[1].date(), *row[2:5], row[6]) for row in received}
        self.assertEqual(facts, {(act.day, "Lieu A", act.service_id.name, self.order.sponsor_id.name, 10)})
        self.assertEqual([row[6] for row in rows if not row[5]], [-1.2, 28.8])
        text = self._open(self.accountant_a, f"/{self.own.id}/csv").content.decode("utf-8-sig")
        self.assertEqual([len(line) for line in csv.reader(io.StringIO(text), delimiter=";")], [len(header)] * 6)
        paper = extract_text(io.BytesIO(self._open(self.manager_a, f"/{self.own.id}/pdf").content))
        for form in (text, paper):
            self.assertEqual([form.count(serial) for serial in serials], [1, 1, 1])
        rows = page.split('id="aptic_statement_vouchers"')[1].split("</table>")[0].split("<tr>")[2:]
        self.assertEqual([[serial for serial in serials if serial in row] for row in rows], [[one] for one in serials])

    def test_the_fee_invoice(self):
        page = self._open(self.manager_a, f"/{self.own.id}/invoice")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.own.fee_move_id.name, page.text)

    def test_the_hub_leads_there(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        self.assertIn("/my/aptic/statements", self.url_open("/my/aptic").text)
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        self.assertNotIn("/my/aptic/statements", self.url_open("/my/aptic").text)

    def test_what_blocks_the_payment_is_said(self):
        page = self._open(self.manager_b, f"/{self.other.id}")
        said = self.other.with_context(lang=self.manager_b.lang).payout_blocker
        self.assertTrue(said)
        self.assertIn(said, html.unescape(page.text))
