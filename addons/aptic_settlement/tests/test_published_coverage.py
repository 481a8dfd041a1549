"""What of the proofs of coverage anyone may read, and how near the payments are to the limited network's threshold."""

import io
import json
from datetime import datetime, time, timedelta
from hashlib import sha256

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL
from pdfminer.high_level import extract_text

from .common import SettlementCase
from .money import Entry
from .test_coverage import CoverageCase

PAGE = "/aptic/couverture"


class PublishedCase(CoverageCase):
    """``_proof`` writes the proof of a day, ``_seal`` a seal of the ledger, as the crons leave them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What the demonstration has signed: those rows are written once.
        cls.env.cr.execute("ALTER TABLE aptic_coverage_paper DISABLE TRIGGER USER")
        cls.env.cr.execute("DELETE FROM aptic_coverage_paper")
        cls.env.cr.execute("ALTER TABLE aptic_coverage_paper ENABLE TRIGGER USER")
        cls.env.cr.execute("DELETE FROM aptic_coverage_line")
        cls.env.cr.execute("DELETE FROM aptic_coverage")
        cls.env.invalidate_all()
        cls.first = cls.today.replace(day=1)
        cls.month = cls.first - relativedelta(months=1)

    @classmethod
    def _proof(cls, day, state="ok", bank=50_000, lacking=0, **kinds):
        kinds = kinds or {"active": 44_000, "payable": 5_000, "unmatched": 1_000}
        return cls.env["aptic.coverage"]._guarded_create(
            [
                {
                    "company_id": cls.company.id,
                    "day": day,
                    "state": state,
                    "bank_day": day,
                    "checked_at": datetime.combine(day + timedelta(days=1), time(4)),
                    "bank_cents": bank,
                    "owed_cents": sum(kinds.values()),
                    "lacking_cents": lacking,
                    "line_ids": [
                        fields.Command.create(
                            {
                                "sequence": 1,
                                "kind": kind,
                                "ledger_cents": cents,
                                "accounting_cents": cents,
                                "bank_cents": 0,
                                "difference_cents": 0,
                            }
                        )
                        for kind, cents in kinds.items()
                    ],
                }
            ]
        )

    @classmethod
    def _seal(cls, at, digit):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                """INSERT INTO aptic_seal
                          (number, previous_hash, id_from, id_to, row_count, made_at, columns, leaves, hash)
                   SELECT COALESCE(MAX(number), 0) + 1, %s, 1, 1, 1, %s, 'id', '', %s FROM aptic_seal""",
                f"before-{digit}",
                at,
                digit * 64,
            )
        )

    def _months(self):
        return self.env["aptic.coverage"]._published_months()


@tagged("post_install", "-at_install")
class TestPublishedFigures(PublishedCase):
    def test_the_last_proof_of_each_of_twelve_months(self):
        for day in (self.month, self.month + timedelta(days=20), self.month + timedelta(days=9)):
            self._proof(day)
        oldest = self.first - relativedelta(months=11)
        for day in (oldest, oldest - timedelta(days=1), self.today, self.today + timedelta(days=1)):
            self._proof(day)
        days = [entry["day"] for entry in self._months()]
        self.assertEqual(days, [self.month + timedelta(days=20), oldest])
        self.assertFalse(self.env["aptic.coverage"]._published(f"{oldest - timedelta(days=1):%Y-%m}"))

    def test_totals_by_kind_and_what_is_missing(self):
        self._proof(self.month, bank=50_000, active=44_000, payable=5_000, fees_out=700, recover=-100)
        [entry] = self._months()
        self.assertEqual(
            {kind: cents for kind, cents in entry["kinds"].items() if cents}, {"active": 44_000, "payable": 5_000}
        )
        self.assertEqual((entry["owed_cents"], entry["bank_cents"], entry["missing_cents"]), (49_000, 50_000, 0))
        self.assertEqual(entry["verdict"], "covered")

    def test_the_hash_is_that_of_the_ledger_when_the_proof_was_made(self):
        checked = self._proof(self.month).checked_at
        self.assertEqual([entry["seal"] for entry in self._months()], [None], "no seal before it")
        self._seal(checked - timedelta(hours=2), "a")
        self._seal(checked - timedelta(hours=1), "b")
        self._seal(checked + timedelta(hours=1), "c")
        self.assertEqual([entry["seal_hash"] for entry in self._months()], ["b" * 64])

    def test_one_statement_for_a_year(self):
        for count in range(12):
            self._proof(self.first - relativedelta(months=count + 1))
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(len(self._months()), 11)

    def test_the_real_proof_is_what_is_published(self):
        yesterday = self.today - timedelta(days=1)
        proof = self.env["aptic.coverage"]._prove(yesterday)
        [entry] = self._months()
        self.assertEqual((entry["day"], entry["bank_cents"]), (yesterday, proof.bank_cents))
        self.assertEqual(
            {line.kind: line.ledger_cents for line in proof.line_ids if line.kind in entry["kinds"]}, entry["kinds"]
        )


@tagged("post_install", "-at_install")
class TestPublishedPage(PublishedCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.name = f"{self.month:%Y-%m}"
        self.proof = self._proof(self.month)
        self._seal(self.proof.checked_at, "d")

    def _paths(self, base=PAGE):
        return [f"{base}/{self.name}.json", f"{base}/{self.name}.pdf"]

    def test_nothing_is_public_unless_the_operator_chose_so(self):
        self.assertFalse(self.env["res.company"].create({"name": "Autre"}).aptic_coverage_public, "off at first")
        self.company.aptic_coverage_public = False
        for path in (PAGE, *self._paths()):
            page = self.url_open(path)
            self.assertEqual(page.status_code, 404, path)
            self.assertNotIn("500", page.text)
            self.assertNotIn("d" * 64, page.text)
        self.company.aptic_coverage_public = True
        for path in (PAGE, *self._paths()):
            self.assertEqual(self.url_open(path).status_code, 200, path)

    def test_anyone_reads_totals_and_no_name(self):
        self.company.aptic_coverage_public = True
        self._proof(self.first - relativedelta(months=2), "short", bank=39_900, lacking=100, active=40_000)
        self._proof(self.first - relativedelta(months=3), "gap", bank=40_000, active=40_000)
        page = self.url_open(PAGE).text
        for word in (">Couvert<", "text-bg-danger", ">À vérifier<", "440.00", "500.00", "d" * 64):
            self.assertIn(word, page.replace(",", "."))
        self.assertIn(f'data-month="{self.name}"', page)
        papers = [self.url_open(path) for path in self._paths()]
        texts = [page, papers[0].text, extract_text(io.BytesIO(papers[1].content))]
        providers = self.env["aptic.provider"].search([])
        names = [*providers.mapped("name"), *self.env["aptic.sponsor"].search([]).mapped("name"), self.order.name]
        self.assertGreater(len(names), 3)
        for text in texts:
            self.assertFalse([name for name in names if name in text])

    def test_the_files_say_the_same_and_can_be_checked(self):
        self.company.aptic_coverage_public = True
        figures, paper = (self.url_open(path) for path in self._paths())
        document = figures.json()
        [entry] = self._months()
        self.assertEqual(document["figures"]["kinds"], entry["kinds"])
        self.assertEqual(document["figures"]["day"], entry["day"].isoformat())
        text = json.dumps(document["figures"], sort_keys=True, separators=(",", ":")).encode()
        self.assertEqual(document["sha256"], sha256(text).hexdigest())
        self.assertEqual(paper.headers["Content-Type"], "application/pdf")
        words = extract_text(io.BytesIO(paper.content)).replace(",", ".")
        for word in (
            document["sha256"],
            "d" * 64,
            "440.00",
            "500.00",
            f"/couverture/{self.name}.json",
            "pas une signature",
        ):
            self.assertIn(word, words)

    def test_a_month_without_proof_and_bad_addresses_are_not_found(self):
        self.company.aptic_coverage_public = True
        for name in ("2001-01.json", "2026-13.pdf", "x.json", f"{self.name}.exe", "٢٠٢٦-١٠.json", "-1.pdf"):
            self.assertEqual(self.url_open(f"{PAGE}/{name}").status_code, 404, name)

    def test_members_have_the_months_although_they_are_not_public(self):
        for user, status in ((self.manager_a, 200), (self.sponsor_user_a, 200), (self.stranger, 403)):
            user.password = "page-de-preuve"
            self.authenticate(user.login, "page-de-preuve")
            page = self.url_open("/my/aptic/coverage")
            self.assertEqual(page.status_code, status)
            self.assertEqual("d" * 64 in page.text, status == 200)
            for path in self._paths("/my/aptic/coverage"):
                self.assertEqual(self.url_open(path).status_code, status, path)
        self.authenticate(None, None)
        self.assertNotIn("d" * 64, self.url_open(self._paths("/my/aptic/coverage")[0]).text)

    def test_the_page_reads_little_however_many_months(self):
        self.company.aptic_coverage_public = True
        for count in range(1, 11):
            self._proof(self.month - relativedelta(months=count))
        self.url_open(PAGE)
        with self.assertQueryCount(25):
            self.url_open(PAGE)


@tagged("post_install", "-at_install")
class TestNetworkThreshold(SettlementCase):
    """The threshold of limited networks: what sponsors paid in and what vouchers paid in twelve months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proofs = cls.env["aptic.coverage"]
        cls.day = paris_day(fields.Datetime.now()) - timedelta(days=1)

    def _paid(self, cents, day=None, **options):
        at = datetime.combine(day or self.day, time(10))
        return self._redeem(vouchers=1, face_cents=cents, at=at, **options)

    def _cents(self):
        return sum(self.proofs._network_flows(self.day, self.company).values())

    def _out(self):
        return self.proofs._network_flows(self.day, self.company)["out"]

    def _warnings(self):
        activity_type = self.env.ref("aptic_settlement.mail_activity_network")
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", activity_type.id), ("user_id", "=", self.accountant.id)]
        )

    def test_what_was_paid_in_twelve_months_counts_and_nothing_else(self):
        before = self._out()
        for cents, day, state in (
            (1_000, self.day, "done"),
            (20_000, self.day, "settled"),
            (300_000, self.day - relativedelta(months=12) + timedelta(days=1), "done"),
        ):
            self._paid(cents, day, state=state)
        for cents, day, state in (
            (7, self.day, "cancelled"),
            (70, self.day, "reversed"),
            (700, self.day - relativedelta(months=12), "done"),
            (7_000, self.day + timedelta(days=1), "done"),
        ):
            self._paid(cents, day, state=state)
        self.assertEqual(self._out() - before, 321_000)
        with self.assertQueryCount(2):
            self._cents()

    def test_accountants_are_told_once_at_80_and_once_at_100_percent(self):
        before = self._cents()
        limit = 1_000 + before // 10  # euros: what is there is less than a tenth of it
        self.env["ir.config_parameter"].set_param("aptic_settlement.limited_network_threshold", str(limit))
        paid = self._paid(80 * limit - before - 1)
        self.proofs._cron_prove()
        self.assertFalse(self._warnings())
        self._paid(1)
        for _night in range(2):
            self.proofs._cron_prove()
            self.assertEqual(len(self._warnings()), 1)
        self.assertIn("80 %", self._warnings().summary)
        self._paid(20 * limit)
        for _night in range(2):
            self.proofs._cron_prove()
            self.assertEqual(len(self._warnings()), 2)
        self.assertIn("100 %", self._warnings().sorted("id")[-1].summary)
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'cancelled' WHERE id = %s", [paid.id])
        self.proofs._cron_prove()
        self.assertEqual((len(self._warnings()), self.company.aptic_network_told), (2, 0))

    def test_staff_sees_the_counter_and_others_do_not(self):
        proof = self.proofs._prove(self.day)
        self._paid(5_000_000)
        proof.invalidate_recordset()
        seen = proof.with_user(self.accountant)
        self.assertEqual(round(seen.network * 100), self._cents())
        self.assertEqual(round(seen.network_in * 100) + round(seen.network_out * 100), self._cents())
        self.assertEqual(round(seen.network_out * 100), self._out())
        self.assertEqual(seen.network_limit, 1_000_000)
        self.assertAlmostEqual(seen.network_share, self._cents() / 1_000_000, delta=0.06)
        for user in (self.manager_a, self.sponsor_user_a):
            with self.assertRaises(AccessError):
                proof.with_user(user).read(["network"])


@tagged("post_install", "-at_install")
class TestNetworkInflows(CoverageCase):
    """Inflows count as outflows do: on the day of the bank's line, and only what pays vouchers."""

    def _flows(self, day=None):
        return self.env["aptic.coverage"]._network_flows(day or self.today, self.company)

    def test_what_sponsors_paid_in_counts_on_the_day_of_the_bank(self):
        before = self._flows()
        self._bank(self._pays(self.order))
        self.assertEqual(self.order.received_cents, 50_000)
        after = self._flows()
        self.assertEqual((after["in"] - before["in"], after["out"]), (50_000, before["out"]))
        for day, cents in (
            (self.today - timedelta(days=1), 0),
            (self.today + relativedelta(months=12) - timedelta(days=1), 50_000),
        ):
            self.assertEqual(self._flows(day)["in"] >= before["in"] + 50_000, bool(cents), day)
        later = self._flows(self.today + relativedelta(months=12))
        self.assertEqual(later["in"], 0)

    def test_what_pays_no_voucher_or_is_only_typed_does_not_count(self):
        before = self._flows()
        self._bank(Entry(70_000, text="sans référence"))
        line = self._line(700)
        other = self._order(self.sponsor_b, quantity=10, state="delivered")
        self._reconcile(line, other.face_move_id)
        self.assertEqual(self._flows(), before)

    def test_money_that_came_in_warns_although_nothing_is_scanned(self):
        flows = self._flows()
        limit = (sum(flows.values()) + 50_000) // 80  # euros, so that with the order's money 80 % are passed
        self.env["ir.config_parameter"].set_param("aptic_settlement.limited_network_threshold", str(limit))
        self.company.aptic_network_told = 0
        self._bank(self._pays(self.order))
        with freeze_time(datetime.combine(self.today + timedelta(days=1), time(9))):
            self.env["aptic.coverage"]._prove(self.today)
            [told, *_others] = self.env["aptic.coverage"]._watch_network(self.company)
        self.assertIn("80 %", told.summary)
        self.assertEqual(self.company.aptic_network_told, 80)
