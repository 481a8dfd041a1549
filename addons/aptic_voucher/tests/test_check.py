"""The public check: until when, where, what for; never whose, nor whether a code would pass."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ..codes import serial_digits
from ..models import aptic_lookup
from .common import VoucherCase

NOBODY = "2147483646"


@tagged("post_install", "-at_install")
class TestCheck(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(
            quantity=10,
            last_day=fields.Date.today() + timedelta(days=60),
            rules=[("territory", cls.bordeaux), ("category", cls.category), ("audience", cls.seniors)],
        )
        cls.codes = cls._codes(cls.order)
        cls.digits = cls.codes[0][:10]

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _post(self, number, **options):
        data = {"csrf_token": http.Request.csrf_token(self), "number": number}
        return self.url_open("/aptic/check", data=data, **options)

    def _page(self, number=None, page=""):
        return self.url_open(f"/aptic/check/{number or self.digits}{page}")

    def _body(self, answer):
        """What a page says, without the session's token."""
        text = answer.text
        return text[text.index('id="wrap"') : text.rindex('href="/aptic/check"')]

    def test_the_empty_form(self):
        answer = self.url_open("/aptic/check")
        self.assertEqual(answer.status_code, 200)
        self.assertIn('name="number"', answer.text)

    def test_a_serial_and_a_whole_code_lead_to_the_same_page(self):
        for number in (
            self.digits,
            self.digits.lstrip("0"),
            self.codes[0],
            f" {self.codes[0][:4]} {self.codes[0][4:]} ",
        ):
            answer = self._post(number, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
            self.assertTrue(answer.headers["Location"].endswith(f"/aptic/check/{self.digits}"), "the number alone")
        answer = self._page()
        self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
        for words in ("Bordeaux", "Démarches (test)", "Lieu A", "Acteur A (test)", self.digits):
            self.assertIn(words, answer.text)
        self.assertNotIn("Lieu B", answer.text)

    def test_never_whose(self):
        text = self._page().text
        for words in (self.sponsor_a.name, self.seniors.name, self.order.name, "Seniors"):
            self.assertNotIn(words, text)

    def test_every_rule_but_those_about_people_is_told(self):
        order = self._order(
            rules=[
                ("audience", self.seniors),
                ("excluded_provider", self.provider_b),
                ("weekdays", {"on_tuesday": True}),
                ("max_price", {"max_price_cents": 1500}),
                ("no_copay", {}),
                ("max_per_day", {"max_count": 2}),
            ],
        )
        found = self.env["aptic.voucher"]._public_check(order.booklet_ids[0].serial)
        told = {rule["kind"]: rule["text"] for rule in found["rules"]}
        self.assertEqual(list(told), ["max_price", "no_copay", "excluded_provider", "weekdays", "max_per_day"])
        self.assertIn(self.provider_b.name, told["excluded_provider"])
        self.assertNotIn("Lieu B", found["places"].mapped("name"))
        page = self._page(f"{order.booklet_ids[0].serial:010d}").text
        self.assertEqual(page.count("<dd"), len(told), "each on the page, in its language")

    def test_nothing_tells_whether_a_code_would_pass(self):
        body = self._body(self._page())
        forged = self.codes[0][:10] + str((int(self.codes[0][10:22]) + 1) % 10**12).zfill(12)
        forged += f"{98 - int(forged) * 100 % 97:02d}"
        self.assertEqual(self._post(forged, allow_redirects=False).headers["Location"].rpartition("/")[2], self.digits)
        for state in ("printed", "redeemed", "blocked", "replaced", "expired"):
            self.env.cr.execute("UPDATE aptic_voucher SET state = %s WHERE order_id = %s", [state, self.order.id])
            self.env.invalidate_all()
            self.assertEqual(self._body(self._page()), body, state)

    def test_the_words_about_time(self):
        last, until = self.order.last_day, self.order._last_accepted_day()
        for day, words in (
            (last, "Valid until"),
            (until, "places still take it"),
            (until + timedelta(days=1), "is over"),
        ):
            with freeze_time(fields.Datetime.to_datetime(day) + timedelta(hours=12), tick=True):
                answer = self.env["aptic.voucher"]._public_check(int(self.digits))
            seen = "is over" if answer["is_over"] else "places still take it" if answer["is_late"] else "Valid until"
            self.assertEqual(seen, words)

    def test_what_is_no_number(self):
        for number in ("", "   ", "bonjour", "0", "1" * 11, self.codes[0][:-1], self.codes[0][:-2] + "00", "é" * 5000,
                       "<script>alert(1)</script>", "1' OR '1'='1", "\x00", "٣٣٣٣", "1e9"):  # fmt: skip
            with self.subTest(number[:40]):
                answer = self._post(number)
                self.assertEqual(answer.status_code, 422)
                self.assertIn('role="alert"', answer.text)
                self.assertNotIn("<script>alert", answer.text)
                self.assertNotIn(self.codes[0][:-2], answer.text, "a code is not shown again")
        for address in ("bonjour", "1" * 30, "%00", "0000000001x", "%3Cscript%3E"):
            with self.subTest(address):
                self.assertEqual(self._page(address).status_code, 422)

    def test_a_number_that_no_voucher_has(self):
        for number in ("9999999999", "2147483648", "2147483646"):
            answer = self._page(number)
            self.assertEqual(answer.status_code, 404)
            self.assertIn('id="check_problem"', answer.text)

    def test_places_are_paged_and_bounded(self):
        for number in range(24):
            self._place(self.provider_a, f"Annexe {number:02}", self.bordeaux, self.library)
        first, last = self._page().text, self._page(page="/page/3").text
        self.assertEqual(first.count("list-group-item"), 10)
        self.assertEqual(last.count("list-group-item"), 5)
        self.assertIn(f"/aptic/check/{self.digits}/page/2", first)
        self.assertEqual(self._body(self._page(page="/page/99999")).count("list-group-item"), 5)
        self.assertEqual(self._page(page="/page/0").status_code, 200)

    def test_a_line_that_looks_too_often_waits(self):
        lookups = self.env["aptic.lookup"].sudo()
        self.patch(aptic_lookup, "MOST", 3)
        for _look in range(3):
            self.assertEqual(self._page(NOBODY if _look else None).status_code, 404 if _look else 200)
        answer = self._page()
        self.assertEqual(answer.status_code, 429)
        self.assertTrue(answer.headers["Retry-After"])
        self.assertNotIn("Bordeaux", answer.text)
        self.assertEqual(lookups.search_count([]), 3, "refused ones leave nothing")
        self.assertTrue(lookups._take("203.0.113.9"), "another line goes on")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=aptic_lookup.MINUTES + 1)):
            self.assertTrue(lookups._take("127.0.0.1"))

    def test_a_line_is_a_network_and_no_address_is_kept(self):
        lookups = self.env["aptic.lookup"].sudo()
        source = lookups._source
        self.assertEqual(source("2001:db8::1"), source("2001:db8::ffff"))
        self.assertNotEqual(source("2001:db8::1"), source("2001:db8:0:1::1"))
        self.assertEqual(source("::ffff:192.0.2.1"), source("192.0.2.1"))
        self.assertNotEqual(source("192.0.2.1"), source("192.0.2.2"))
        self.assertEqual(source(None), source("no address"))
        lookups._take("192.0.2.1")
        self.assertNotIn("192.0.2.1", str(lookups.search([]).read()))
        with freeze_time(fields.Datetime.now() + timedelta(hours=aptic_lookup.KEPT_HOURS + 1)):
            lookups._forget_old()
        self.assertFalse(lookups.search([]))

    def test_nobody_reads_the_looks(self):
        self.env["aptic.lookup"].sudo()._take("192.0.2.1")
        for user in (self.staff, self.sponsor_user_a, self.stranger, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.env["aptic.lookup"].with_user(user).search([])

    def test_the_paper_leads_here(self):
        self.assertEqual(self.order._prepare_sheet().check, f"{self.order.get_base_url()}/aptic/check/")
        self.assertEqual(self._page(serial_digits(int(self.digits))).status_code, 200)
