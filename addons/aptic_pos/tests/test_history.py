import csv
import io
import tracemalloc
from datetime import datetime
from unittest.mock import patch

import openpyxl
from lxml import html
from odoo import http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..models import aptic_redemption_history
from .common import DeskCase

HOME = "/my/aptic/redemptions"


class HistoryCase(DeskCase, HttpCase):
    """Scans of one provider, in the past and in numbers."""

    def _act(self, user, n, **change):
        answer = self._scan(self.codes[n : n + 1], user, **{"price_cents": 1200, **change})
        self.assertEqual(answer["status"], "done")
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def _copies(self, act, number):
        """Add ``number`` more acts like ``act``, one a minute into the past; their vouchers do not matter here."""
        columns = [
            name
            for name, field in act._fields.items()
            if field.store and field.column_type and name not in ("id", "client_key", "received_at", "day", "serials")
        ]
        names = ", ".join(columns)
        self.env.cr.execute(
            f"""INSERT INTO aptic_redemption ({names}, client_key, received_at, day, serials)
                SELECT {names}, 'copy-' || n, received_at - n * interval '1 minute',
                       (received_at - n * interval '1 minute')::date, (1000000 + n)::text
                  FROM aptic_redemption, generate_series(1, %s) AS n WHERE id = %s""",
            (number, act.id),
        )
        self.env.cr.execute("ANALYZE aptic_redemption")
        self.env.invalidate_all()

    def _page(self, user, query=""):
        self.authenticate(user.login, user.login)
        return self.url_open(HOME + query)

    def _rows(self, page):
        self.assertEqual(page.status_code, 200)
        return {int(row.get("data-redemption")) for row in html.fromstring(page.text).xpath("//*[@data-redemption]")}

    def _figure(self, page, name):
        (node,) = html.fromstring(page.text).xpath(f"//*[@data-figure='{name}']")
        return "".join("".join(node.itertext()).split())


@tagged("post_install", "-at_install")
class TestHistory(HistoryCase):
    def setUp(self):
        super().setUp()
        self.other_place = self._place(self.provider_a, "Annexe", self.pau, self.library)
        self.by_mediator = self._act(self.mediator_a, 0)
        self.elsewhere = self._act(self.manager_a, 1, place=self.other_place, price_cents=1200)
        self.past = self._act(self.manager_a, 2)
        self.env.cr.execute(
            "UPDATE aptic_redemption SET day = '2026-03-31', received_at = '2026-03-30 22:30' WHERE id = %s",
            self.past.ids,
        )
        self.env.invalidate_all()

    def _found(self, query, user=None):
        page = self._page(user or self.manager_a, f"?{query}")
        return self._rows(page)

    def test_any_period_in_french_days(self):
        for query, expected in (
            ("period=all", {self.by_mediator, self.elsewhere, self.past}),
            ("from=2026-03-31&to=2026-03-31", {self.past}),
            ("from=2026-03-30&to=2026-03-30", set()),
            ("to=2026-04-01", {self.past}),
            ("from=2026-04-01", {self.by_mediator, self.elsewhere}),
            ("from=2026-04-01&to=2026-03-01", {self.past}),
            ("from=&to=", {self.by_mediator, self.elsewhere, self.past}),
            ("from=yesterday&to=2026-99-99", {self.by_mediator, self.elsewhere, self.past}),
        ):
            self.assertEqual(self._found(query), {act.id for act in expected}, query)

    def test_search(self):
        serial = int(self.past.serials)
        cases = (
            (f"{serial:010d}", {self.past}),
            (str(serial), {self.past}),
            (f"{serial:010d}"[:5] + " " + f"{serial:010d}"[5:], {self.past}),
            ("impots", {self.by_mediator, self.elsewhere, self.past}),
            ("ANNEXE", {self.elsewhere}),
            ("tout public", {self.by_mediator, self.elsewhere, self.past}),
            ("12,00 €", {self.by_mediator, self.elsewhere, self.past}),
            ("2,0", {self.by_mediator, self.elsewhere, self.past}),
            ("13.00", set()),
            ("aptic_mediator", {self.by_mediator}),
            ("%", set()),
            ("' OR 1=1 --", set()),
        )
        for text, expected in cases:
            if expected is not None:
                page = self.url_open
                self.assertEqual(
                    self._found("period=all&q=" + text.replace("%", "%25").replace(" ", "+")),
                    {act.id for act in expected},
                    text,
                )
        self.assertEqual(self._found("q=aptic_mediator", self.mediator_a), set())
        self.assertEqual(self._found(f"q={int(self.elsewhere.serials):010d}", self.mediator_a), set())
        page = self._page(self.manager_a, "?q=0000099999")
        self.assertTrue("Aucun scan ne répond" in page.text)

    def test_the_form_never_passes_a_whole_code_on(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        code = self.codes[2]
        form = {"csrf_token": http.Request.csrf_token(self), "from": "", "to": "", "q": code}
        page = self.url_open(f"{HOME}/search", data=form)
        self.assertIn(f"q={code[:10]}", page.url)
        self.assertFalse(code[10:22] in page.url or code[10:22] in page.text)
        self.assertEqual(self._rows(page), {self.past.id})
        self.assertFalse(code[10:22] in self.url_open(f"{HOME}?q={code}").text)
        form.update(q="impôts", place_id=self.other_place.id, provider_id=self.provider_a.id)
        page = self.url_open(f"{HOME}/search", data=form)
        self.assertEqual(self._rows(page), {self.elsewhere.id})

    def test_a_place(self):
        self.assertEqual(self._found(f"place_id={self.other_place.id}"), {self.elsewhere.id})
        for hostile in ("x", "-1", "9" * 30, self.place_b.id):
            self.assertEqual(self._found(f"place_id={hostile}"), {self.by_mediator.id, self.elsewhere.id})

    def test_figures_are_those_of_the_search_and_of_the_ledger(self):
        page = self._page(self.manager_a, "?period=all")
        self.assertEqual([self._figure(page, name) for name in ("scans", "vouchers")], ["3", "3"])
        self.assertTrue(self._figure(page, "face").startswith("30"), self._figure(page, "face"))
        self.assertTrue(self._figure(page, "copay").startswith("6"))
        self.past._cancel("Wrong service")
        page = self._page(self.manager_a, "?period=all")
        self.assertEqual(self._figure(page, "scans"), "2")
        self.assertEqual(len(self._rows(page)), 3)
        model = self.env["aptic.redemption"]
        figures = model._figures([("provider_id", "=", self.provider_a.id)])
        events = self.env["aptic.event"].search([("redemption_id.provider_id", "=", self.provider_a.id)])
        signs = {"redeem": 1, "cancel": -1}
        self.assertEqual(
            (figures["vouchers"], figures["face_cents"]),
            (
                sum(signs[event.kind] * event.quantity for event in events),
                sum(signs[event.kind] * event.amount_cents for event in events),
            ),
        )

    def test_a_cancelled_scan_tells_who_when_and_why(self):
        self.by_mediator.with_user(self.manager_a)._cancel("Mauvais service")
        self.elsewhere.with_user(self.staff)._cancel("Demandé par téléphone")
        text = " ".join(html.fromstring(self._page(self.manager_a).text).text_content().split())
        self.assertTrue(f"par {self.manager_a.name}" in text and "Mauvais service" in text)
        self.assertTrue("équipe #APTIC" in text and "Demandé par téléphone" in text)
        self.assertFalse(self.staff.name in text)

    def test_pages(self):
        self._copies(self.by_mediator, 40)
        first = self._rows(self._page(self.manager_a, "?period=all"))
        second = self._rows(self._page(self.manager_a, "/page/2?period=all"))
        self.assertEqual((len(first), len(second), first & second), (30, 13, set()))
        for number in ("0", "99", "99999999999999999999"):
            self.assertTrue(self._rows(self._page(self.manager_a, f"/page/{number}?period=all")))

    def test_the_page_asks_the_database_few_questions(self):
        self._copies(self.by_mediator, 60)
        domain = self.env["aptic.redemption"]._history_domain(self.manager_a_member)
        model = self.env["aptic.redemption"].with_user(self.manager_a)
        model._figures(domain)
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            model._figures(domain)
            acts = model.search(domain, limit=30)
        acts.sudo().mapped("offer_id.name")
        with self.assertQueryCount(1):
            acts._cancellations()

    # ------------------------------------------------------------------ export
    def _export(self, kind, user=None, query="period=all"):
        user = user or self.manager_a
        self.authenticate(user.login, user.login)
        return self.url_open(f"{HOME}/export/{kind}?{query}")

    def _csv(self, response):
        return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))

    def test_export_csv(self):
        self.past._cancel("=1+1")
        response = self._export("csv")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertIn("no-store", response.headers["Cache-Control"])
        rows = self._csv(response)
        self.assertEqual([row["Lieu"] for row in rows], ["Lieu A", "Annexe", "Lieu A"])
        row = rows[0]
        self.assertEqual((row["Jour"], row["Heure"], row["Prix"]), ("31/03/2026", "00:30", "12,00"))
        self.assertEqual((row["Payé par le bénéficiaire"], row["Motif"]), ("2,00", "'=1+1"))
        self.assertEqual(row["Numéros de série"], f"{int(self.past.serials):010d}")

    def test_export_xlsx(self):
        self.offer_a.service_id.name = '=HYPERLINK("http://x")'
        self.past._cancel("+33")
        response = self._export("xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        rows = list(sheet.iter_rows())
        self.assertEqual(len(rows), 4)
        self.assertFalse([cell for row in rows for cell in row if cell.data_type == "f"])
        self.assertEqual((rows[1][1].value, rows[1][9].value), (datetime(2026, 3, 31), 12))
        self.assertEqual(rows[1][15].value, "'+33")

    def test_export_is_the_search_of_its_role(self):
        self.assertEqual(len(self._csv(self._export("csv", self.mediator_a))), 1)
        self.assertEqual(len(self._csv(self._export("csv", self.accountant_a))), 3)
        self.assertEqual(len(self._csv(self._export("csv", query="q=annexe"))), 1)
        self.assertEqual(len(self._csv(self._export("csv", query="period=all&q=nothing"))), 0)
        for user in (self.stranger, self.sponsor_user_a):
            self.assertEqual(self._export("csv", user).status_code, 403)
        self.assertEqual(self._export("csv", self.manager_b, f"provider_id={self.provider_a.id}").status_code, 403)
        self.assertEqual(self._export("pdf").status_code, 403)

    def test_a_file_is_bounded(self):
        with patch.dict(aptic_redemption_history.MOST_ROWS, csv=2):
            response = self._export("csv")
            self.assertEqual(response.status_code, 409)
            self.assertTrue("période plus courte" in response.text)
        with self.assertRaises(UserError):
            self.env["aptic.redemption"]._export_history([], "exe")

    def test_many_rows_take_little_memory(self):
        self._copies(self.by_mediator, 6000)
        domain = self.env["aptic.redemption"]._history_domain(self.manager_a_member)
        model = self.env["aptic.redemption"].with_user(self.manager_a)
        with patch.object(aptic_redemption_history, "CHUNK", 500):
            model._export_history([("id", "=", self.past.id)], "xlsx").close()
            tracemalloc.start()
            try:
                for kind in ("csv", "xlsx"):
                    file = model._export_history(domain, kind)
                    self.assertGreater(file.tell(), 100_000)
                    file.close()
                self.assertLess(tracemalloc.get_traced_memory()[1], 5_000_000)
            finally:
                tracemalloc.stop()

    def test_chunks_neither_lose_nor_repeat(self):
        self._copies(self.by_mediator, 25)
        with patch.object(aptic_redemption_history, "CHUNK", 7):
            numbers = [row["Numéro"] for row in self._csv(self._export("csv"))]
        self.assertEqual(len(numbers), 28)
        self.assertEqual(numbers, sorted(set(numbers), key=int, reverse=True))

    def test_cancel_comes_back_to_the_search(self):
        self.authenticate(self.manager_a.login, self.manager_a.login)
        form = {"csrf_token": http.Request.csrf_token(self), "reason": "Erreur", "q": "annexe", "period": "all"}
        page = self.url_open(f"{HOME}/{self.elsewhere.id}/cancel", data=form)
        self.assertIn("q=annexe", page.url)
        self.assertEqual(self._rows(page), {self.elsewhere.id})
        for number in (0, 10**25, 2**31 - 1):
            self.assertEqual(self.url_open(f"{HOME}/{number}/cancel", data=form).status_code, 403)
