from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation

from .common import CUTOFF, SettlementCase


@tagged("post_install", "-at_install")
class TestCompute(SettlementCase):
    def test_gross_fee_net_and_fund_of_each_provider(self):
        for _time in range(3):
            self._redeem(vouchers=2)
        self._redeem(self.place_b, vouchers=1)
        settlement = self._settlement()
        a, b = (self._statement(settlement, provider) for provider in (self.provider_a, self.provider_b))
        self.assertEqual(
            (a.redemption_count, a.voucher_count, a.gross_cents, a.fee_cents, a.tax_cents, a.net_cents, a.fund_cents),
            (3, 6, 6000, 240, 40, 5760, 60),
        )
        self.assertEqual((b.gross_cents, b.fee_cents, b.net_cents, b.fund_cents), (1000, 40, 960, 10))
        self.assertEqual((settlement.gross, settlement.fee, settlement.net, settlement.fund), (70.0, 2.8, 67.2, 0.7))
        self.assertEqual(settlement.state, "computed")
        self.assertEqual(settlement.computed_by_id, self.accountant)
        self.assertRegex(a.name, r"^APTIC-2026-02-\d{6}$")

    def test_what_was_scanned_before_a_measure_is_still_due(self):
        self._redeem(vouchers=3)
        self._redeem(self.place_b, vouchers=2)
        self.provider_a._suspend("conduct", "Prix différents")
        self.provider_b._strike_off("fraud", "Chèques rachetés")
        settlement = self._settlement()
        self.assertEqual(self._statement(settlement, self.provider_a).net_cents, 2880)
        self.assertEqual(self._statement(settlement, self.provider_b).net_cents, 1920)

    def test_odd_amounts_are_rounded_once_a_statement(self):
        for _time in range(3):
            self._redeem(face_cents=37)
        statement = self._settlement().statement_ids
        self.assertEqual((statement.gross_cents, statement.fee_cents, statement.net_cents), (111, 4, 107))

    def test_an_empty_month(self):
        settlement = self._settlement(approved=True)
        self.assertFalse(settlement.statement_ids)
        self.assertEqual(settlement.state, "done")

    def test_cancelled_redemptions_are_not_taken(self):
        self._redeem(state="cancelled")
        kept = self._redeem(vouchers=2)
        settlement = self._settlement()
        self.assertEqual(settlement.statement_ids.redemption_ids, kept)
        self.assertEqual(settlement.statement_ids.gross_cents, 2000)

    def test_the_cutoff_is_midnight_in_paris(self):
        before = self._redeem(at=datetime(2026, 2, 28, 22, 59, 59))
        after = self._redeem(at=datetime(2026, 2, 28, 23))
        settlement = self._settlement()
        self.assertEqual(settlement.statement_ids.redemption_ids, before)
        self.assertEqual((before.state, after.state), ("settled", "done"))

    def test_a_late_commit_is_taken_by_the_next_run(self):
        self._redeem()
        first = self._settlement()
        late = self._redeem(vouchers=3)
        self.assertEqual(late.state, "done")
        second = self._settlement(date(2026, 4, 1))
        self.assertEqual(first.statement_ids.gross_cents, 1000)
        self.assertEqual(second.statement_ids.redemption_ids, late)

    def test_running_twice_creates_nothing(self):
        self._redeem()
        settlement = self._settlement()
        statement = settlement.statement_ids
        settlement.with_user(self.second_accountant)._take()
        self.assertEqual(settlement.statement_ids, statement)
        self.assertEqual(settlement.computed_by_id, self.accountant)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._settlement()
        self.assertFalse(self._settlement(date(2026, 4, 1)).statement_ids)
        self.assertEqual(statement.gross_cents, 1000)

    def test_two_runs_at_once_are_refused(self):
        self._redeem()
        settlement = self.env["aptic.settlement"].create({"cutoff_day": CUTOFF})
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext('aptic.settlement'))")
            with self.assertRaisesRegex(UserError, "Another settlement"):
                settlement.with_user(self.accountant)._take()
        self.assertEqual(settlement.state, "draft")

    def test_an_open_month_cannot_be_computed(self):
        settlement = self.env["aptic.settlement"].create({"cutoff_day": date(2199, 1, 1)})
        with self.assertRaisesRegex(UserError, "2199"):
            settlement.with_user(self.accountant)._take()

    def test_compute_does_not_count_redemptions(self):
        def queries(settlement):
            self.env.flush_all()
            before = self.cr.sql_log_count
            settlement.with_user(self.accountant)._take()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        few, many = (self.env["aptic.settlement"].create({"cutoff_day": day}) for day in (CUTOFF, date(2026, 4, 1)))
        for place in (self.place_a, self.place_b):
            self._redeem(place)
        first = queries(few)
        for _time in range(40):
            for place in (self.place_a, self.place_b):
                self._redeem(place)
        self.assertLessEqual(queries(many), first)
        self.assertLessEqual(first, 60, "with the patterns of the watch, where they are installed")
        self.assertEqual(self._statement(many, self.provider_a).gross_cents, 40_000)

    def test_a_settled_redemption_stays_settled(self):
        redemption = self._redeem()
        self._settlement()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_redemption SET state = 'cancelled' WHERE id = %s", [redemption.id])


@tagged("post_install", "-at_install")
class TestFund(SettlementCase):
    def test_the_region_of_the_place_receives_one_percent(self):
        elsewhere = self._place(self.provider_a, "Antenne", self.lyon, self.library)
        self._redeem(vouchers=2)
        self._redeem(self.place_a, vouchers=1)
        self._redeem(elsewhere, vouchers=5)
        statement = self._settlement().statement_ids
        lines = {line.fund_id.territory_id.code: line.amount_cents for line in statement.fund_line_ids}
        self.assertEqual(lines, {"75": 30, "84": 50})
        self.assertEqual(sum(lines.values()), statement.fund_cents)

    def test_no_cent_is_lost_between_regions(self):
        elsewhere = self._place(self.provider_a, "Antenne", self.lyon, self.library)
        self._redeem(face_cents=75)
        self._redeem(elsewhere, face_cents=76)
        statement = self._settlement().statement_ids
        self.assertEqual(statement.fund_cents, 2)
        self.assertEqual(sorted(statement.fund_line_ids.mapped("amount_cents")), [1, 1])
        self._redeem(face_cents=50, at=datetime(2026, 3, 2))
        self._redeem(elsewhere, face_cents=51, at=datetime(2026, 3, 2))
        statement = self._settlement(date(2026, 4, 1)).statement_ids
        self.assertEqual(sorted(statement.fund_line_ids.mapped("amount_cents")), [0, 1])

    def test_the_balance_of_a_fund_is_the_sum_of_its_lines(self):
        self._redeem(vouchers=3)
        self._settlement(approved=True)
        self._redeem(vouchers=4, at=datetime(2026, 3, 5))
        self._settlement(date(2026, 4, 1), approved=True)
        fund = self.env["aptic.fund"].search([("territory_id.code", "=", "75")])
        self.assertEqual(fund.balance, 0.7)

    def test_a_place_without_region_still_has_a_fund(self):
        country = self._territory("country", "FR", "France")
        collectivity = self._territory("department", "975T", "Collectivité (test)", country)
        commune = self._territory("commune", "975T1", "Commune d'outre-mer (test)", collectivity)
        funds = self.env["aptic.fund"]._of_places([commune.id], "region")
        self.assertEqual(self.env["aptic.fund"].browse(funds[commune.id]).territory_id, collectivity)


@tagged("post_install", "-at_install")
class TestRoles(SettlementCase):
    def test_only_accountants_compute(self):
        settlement = self.env["aptic.settlement"].create({"cutoff_day": CUTOFF})
        for user in (self.staff, self.staff_manager, self.reviewer):
            with self.assertRaisesRegex(UserError, "accountant"):
                settlement.with_user(user).action_compute()
        self.assertEqual(settlement.state, "draft")

    def test_staff_reads_and_does_not_write(self):
        settlement = self.env["aptic.settlement"].create({"cutoff_day": CUTOFF})
        self.assertTrue(settlement.with_user(self.staff).name)
        with self.assertRaises(AccessError):
            settlement.with_user(self.staff).write({"cutoff_day": date(2026, 2, 1)})
        with self.assertRaises(AccessError):
            self.env["aptic.fee.rule"].with_user(self.staff).create({"name": "Mine", "date_from": date(2030, 1, 1)})

    def test_who_computed_cannot_approve(self):
        self._redeem()
        settlement = self._settlement()
        with self.assertRaisesRegex(UserError, "another accountant"):
            settlement.with_user(self.accountant).action_approve()
        with self.assertRaisesRegex(UserError, "accountant role"):
            settlement.with_user(self.staff_manager).action_approve()
        self.assertEqual(settlement.state, "computed")

    def test_the_database_wants_two_persons(self):
        settlement = self._settlement()
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.cr.execute(
                "UPDATE aptic_settlement SET approved_by_id = computed_by_id WHERE id = %s", [settlement.id]
            )

    def test_states_and_amounts_are_not_written_by_hand(self):
        self._redeem()
        settlement = self._settlement()
        with self.assertRaisesRegex(UserError, "own actions"):
            settlement.with_user(self.accountant).write({"state": "approved"})
        with self.assertRaisesRegex(UserError, "own actions"):
            settlement.statement_ids.write({"net_cents": 1})
        with self.assertRaises(AccessError):
            settlement.statement_ids.with_user(self.accountant).unlink()
        with self.assertRaisesRegex(UserError, "kept"):
            settlement.unlink()

    def test_the_provider_s_manager_and_accountant_read_their_own(self):
        self._redeem()
        self._redeem(self.place_b)
        settlement = self._settlement()
        statements = self.env["aptic.statement"]
        for user in (self.manager_a, self.accountant_a):
            self.assertFalse(statements.with_user(user).search([]), "drafts are not shown")
        settlement.statement_ids._set_state(("draft",), "approved")
        own = self._statement(settlement, self.provider_a)
        for user in (self.manager_a, self.accountant_a):
            self.assertEqual(statements.with_user(user).search([]), own)
        for user in (self.mediator_a, self.sponsor_user_a, self.stranger):
            self.assertFalse(statements.with_user(user).search([]))
            with self.assertRaises(AccessError):
                own.with_user(user).read(["net_cents"])
