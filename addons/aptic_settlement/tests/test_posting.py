from datetime import datetime, timedelta

from odoo import fields
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .money import MoneyCase


@tagged("post_install", "-at_install")
class TestPosting(MoneyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.posting = cls.env["aptic.posting"]
        cls.today = paris_day(fields.Datetime.now())
        cls.yesterday = cls.today - timedelta(days=1)
        cls.order = cls._order(quantity=50, state="delivered")
        cls.other = cls._order(cls.sponsor_b, quantity=10, state="delivered")

    def _event(self, kind, cents, order=None, days=1):
        order = order or self.order
        at = datetime.combine(self.today - timedelta(days=days), datetime.min.time()) + timedelta(hours=10)
        row = {"kind": kind, "order_id": order.id, "quantity": cents // 1000, "amount_cents": cents, "at": at}
        self.env["aptic.event"]._append([row])

    def _balance(self, name):
        account = self.company[f"aptic_{name}_account_id"]
        groups = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")], [], ["balance:sum"]
        )
        return -round(groups[0][0] * 100)

    def test_one_entry_a_day_and_one_pair_of_lines_an_order(self):
        before = {name: self._balance(name) for name in ("unactivated", "funds", "scans_due", "to_return")}
        self._event("activate", 50000, days=3)
        self._event("activate", 10000, self.other, days=3)
        for _scan in range(3):
            self._event("redeem", 2000, days=2)
        self._event("cancel", 2000, days=2)
        self._event("redeem", 1000, self.other, days=2)
        self._event("expire", 3000)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.mapped("state"), ["posted"] * 3)
        self.assertEqual(moves.mapped("date"), [self.today - timedelta(days=days) for days in (3, 2, 1)])
        self.assertEqual([len(move.line_ids) for move in moves], [4, 4, 2])
        self.assertEqual(moves[0].journal_id, self.company.aptic_ledger_journal_id)
        self.assertEqual(moves[1].line_ids.partner_id, (self.sponsor_a + self.sponsor_b).partner_id)
        moved = {name: self._balance(name) - cents for name, cents in before.items()}
        self.assertEqual(moved, {"unactivated": -60000, "funds": 52000, "scans_due": 5000, "to_return": 3000})

    def test_entries_speak_the_companys_language_whoever_books_them(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.company.partner_id.lang = "fr_FR"
        self._event("activate", 50000, days=2)
        move = self.posting.with_context(lang="en_US")._post_until(self.yesterday)
        self.assertIn("Chèques du", move.ref)
        self.assertIn("Activation", move.line_ids[0].name)

    def test_running_again_books_nothing(self):
        self._event("activate", 50000, days=2)
        self.assertTrue(self.posting._post_until(self.yesterday))
        self.assertFalse(self.posting._post_until(self.yesterday))
        self.posting._cron_post()
        self.assertEqual(self._balance("funds"), 50000)

    def test_what_comes_late_is_caught_up(self):
        self._event("activate", 50000, days=5)
        self.posting._post_until(self.yesterday)
        self._event("redeem", 1000, days=4)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.date, self.today - timedelta(days=4))
        self._event("cancel", 1000, days=4)
        self.posting._post_until(self.yesterday)
        self.assertEqual((self._balance("funds"), self._balance("scans_due")), (50000, 0))

    def test_what_comes_late_for_a_locked_day_is_booked_in_the_open_period(self):
        self._event("activate", 50000, days=5)
        self.posting._post_until(self.yesterday)
        self._event("redeem", 1000, days=4)
        self.company.fiscalyear_lock_date = self.today - timedelta(days=3)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.date, self.today - timedelta(days=2))
        self.assertFalse(self.posting._post_until(self.yesterday))

    def _seal(self):
        """Seal the ledger as the scheduled action does, within this test's transaction."""
        seals = self.env["aptic.seal"]
        limit = seals._decided_id()
        while seals._seal_next(limit):
            pass

    def test_a_day_however_old_is_found_and_booked_once(self):
        """Rows of days long before the last one booked, before and after the ledger's rows were sealed."""
        self._event("activate", 50000, days=300)
        self._event("redeem", 1000, days=2)
        self.posting._post_until(self.yesterday)
        self._event("redeem", 2000, days=200)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.date, self.today - timedelta(days=200))
        self.assertFalse(self.posting._post_until(self.yesterday))
        self._seal()
        self.posting._post_until(self.yesterday)
        [[last]] = self.env.execute_query(SQL("SELECT MAX(id_to) FROM aptic_seal"))
        self.assertEqual(self.company.aptic_posted_row, last)
        self.assertTrue(last)
        self._event("cancel", 2000, days=200)
        self._event("redeem", 3000, days=99)
        self.company.fiscalyear_lock_date = self.today - timedelta(days=100)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.mapped("date"), [self.today - timedelta(days=99)] * 2, "the first open day")
        self.assertFalse(self.posting._post_until(self.yesterday))
        self.assertEqual((self._balance("funds"), self._balance("scans_due")), (46000, 4000))

    def test_a_run_that_stops_early_leaves_what_it_has_not_booked_to_the_next(self):
        self._event("activate", 50000, days=300)
        self._event("redeem", 1000, days=2)
        self.posting._post_until(self.yesterday)
        before = self.company.aptic_posted_row
        self._event("redeem", 2000, days=90)
        self._seal()
        self.assertFalse(self.posting._post_until(self.today - timedelta(days=100)))
        self.assertEqual(self.company.aptic_posted_row, before)
        moves = self.posting._post_until(self.yesterday)
        self.assertEqual(moves.date, self.today - timedelta(days=90))

    def test_a_day_to_come_is_refused(self):
        with self.assertRaises(UserError):
            self.posting._post_until(self.today + timedelta(days=1))

    def test_missing_accounts_are_named(self):
        self.company.aptic_scans_due_account_id = False
        with self.assertRaisesRegex(UserError, "Settings"):
            self.posting._post_until(self.yesterday)

    def test_the_number_of_statements_does_not_depend_on_events(self):
        self._event("activate", 50000, days=3)
        self._event("redeem", 1000, days=2)
        self.posting._post_until(self.yesterday)

        def queries(events):
            for _event in range(events):
                self._event("redeem", 1000)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self.posting._post_until(self.yesterday))
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(queries(20), queries(1) + 2)

    def test_access(self):
        self._event("activate", 50000)
        self.posting._post_until(self.yesterday)
        rows = self.posting.search([("order_id", "=", self.order.id)])
        self.assertEqual(rows.with_user(self.staff).mapped("amount_cents"), [50000])
        for method, arguments in (("write", [{"amount_cents": 1}]), ("unlink", [])):
            with self.assertRaises(UserError):
                getattr(rows.with_user(self.accountant), method)(*arguments)
        with self.assertRaises(UserError):
            rows.with_user(self.manager_a).read(["amount_cents"])
