"""Which rule a scan follows, what the rules make of a month, and each scan's share of it: to the cent."""

import random
from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from psycopg2 import IntegrityError
from psycopg2.errors import CheckViolation, ExclusionViolation

from .. import fees
from .common import SettlementCase
from .test_reversal import ReversalCase


class FeeCase(SettlementCase):
    """``_rule`` makes a rule in force since 2026; the default one (4 %) stays for the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default = cls.env.ref("aptic_settlement.fee_rule_default")

    @classmethod
    def _rule(cls, rate, **vals):
        rule = cls.env["aptic.fee.rule"].create(
            {"name": f"{rate} %", "date_from": date(2026, 1, 1), "rate": rate, **vals}
        )
        cls.env.flush_all()
        return rule

    def _made(self, statement):
        """``{rate in %: (gross, fee)}`` of a statement, in cents."""
        return {row.rule_id.rate: (row.gross_cents, row.fee_cents) for row in statement.fee_ids}


@tagged("post_install", "-at_install")
class TestFeeRule(FeeCase):
    def test_the_rule_of_the_period_is_frozen_on_the_statement(self):
        self.default.date_to = date(2026, 2, 28)
        self.env.flush_all()
        self._rule(5, date_from=date(2026, 3, 1), tax_included=False)
        self._redeem()
        old = self._settlement().statement_ids
        self._redeem(at=datetime(2026, 3, 3))
        new = self._settlement(date(2026, 4, 1)).statement_ids
        self.assertEqual((old.fee_ids.rate_bp, old.fee_cents, old.tax_cents, old.net_cents), (400, 40, 7, 960))
        self.assertEqual((new.fee_ids.rate_bp, new.fee_cents, new.tax_cents, new.net_cents), (500, 60, 10, 940))
        with self.assertRaisesRegex(UserError, "make a new one"):
            self.default.rate = 3
        with self.assertRaisesRegex(UserError, "make a new one"):
            self.default.tier_ids = [Command.create({"from_cents": 100, "rate_bp": 1})]
        with self.assertRaisesRegex(UserError, "last day"):
            self.default.unlink()
        for table in ("aptic_statement_fee", "aptic_fee_share"):
            for change in (f"UPDATE {table} SET fee_cents = 0", f"DELETE FROM {table}"):
                with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                    self.cr.execute(change)

    def test_what_was_received_in_another_month_follows_the_rule_of_that_month(self):
        self.default.date_to = date(2026, 1, 31)
        self.env.flush_all()
        self._rule(3, date_from=date(2026, 2, 1))
        self._redeem(at=datetime(2026, 1, 31, 22, 59))
        self._redeem(at=datetime(2026, 1, 31, 23), vouchers=2)
        self.assertEqual(self._made(self._settlement().statement_ids), {4: (1000, 40), 3: (2000, 60)})

    def test_two_rules_for_the_same_on_one_day_are_refused_by_the_database(self):
        department = self.bordeaux.parent_id
        self._rule(2, sponsor_id=self.sponsor_a.id)
        self._rule(2, sponsor_id=self.sponsor_b.id)
        self._rule(2, territory_id=department.id)
        self._rule(2, sponsor_id=self.sponsor_a.id, territory_id=department.id)
        for same in ({}, {"sponsor_id": self.sponsor_a.id}, {"territory_id": department.id}):
            with mute_logger("odoo.sql_db"), self.assertRaises(ExclusionViolation), self.cr.savepoint():
                self._rule(1, date_from=date(2026, 6, 1), **same)

    def test_a_rule_starts_with_a_month(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            self._rule(1, sponsor_id=self.sponsor_a.id, date_from=date(2026, 1, 15))

    def test_a_month_without_a_rule_is_said_and_nothing_is_settled(self):
        self.default.date_to = date(2025, 12, 31)
        redemption = self._redeem()
        with self.assertRaisesRegex(UserError, "Bordeaux"), self.cr.savepoint():
            self._settlement()
        self.assertEqual(redemption.state, "done")

    def test_the_nearest_rule_holds(self):
        department, region = self.bordeaux.parent_id, self.bordeaux.parent_id.parent_id
        epci = self._territory("epci", "243300316", "Bordeaux Métropole (test)", region.parent_id)
        nearest_last = (
            (10, {"territory_id": region.parent_id.id}),
            (11, {"territory_id": region.id}),
            (12, {"territory_id": department.id}),
            (13, {"territory_id": epci.id}),
            (14, {"territory_id": self.bordeaux.id}),
            (15, {"sponsor_id": self.sponsor_a.id}),
            (16, {"sponsor_id": self.sponsor_a.id, "territory_id": region.id}),
            (17, {"sponsor_id": self.sponsor_a.id, "territory_id": self.bordeaux.id}),
        )
        self.bordeaux.epci_id = epci
        self._rule(90, territory_id=self.lyon.id)
        self._rule(91, sponsor_id=self.sponsor_b.id, territory_id=self.lyon.id)
        self._rule(92, sponsor_id=self.sponsor_a.id, territory_id=self.lyon.parent_id.id)
        redemption = self._redeem()
        self.env["aptic.settlement"].create({"cutoff_day": date(2026, 3, 1)}).with_user(self.accountant)._take()
        statement = redemption.statement_id
        chosen = [statement.fee_ids.rule_id]
        for rate, what in nearest_last:
            rule = self._rule(rate, **what)
            self.env["aptic.settlement"]._choose_rules(statement.ids)
            [[rule_id]] = self.env.execute_query(SQL("SELECT rule_id FROM aptic_fee_choice"))
            self.assertEqual(rule_id, rule.id, rule.name)
            chosen.append(rule)
        self.assertEqual(chosen[0], self.default)

    def test_tiers_and_minimum(self):
        self._rule(4, sponsor_id=self.sponsor_a.id, tier_ids=[Command.create({"from_cents": 10_000, "rate_bp": 200})])
        self._rule(4, sponsor_id=self.sponsor_b.id, minimum=5)
        self._redeem(vouchers=15)
        self._redeem(self.place_b, vouchers=3, order=self.other_order)
        settlement = self._settlement()
        a, b = (self._statement(settlement, provider) for provider in (self.provider_a, self.provider_b))
        self.assertEqual((a.fee_cents, a.net_cents, a.fee_ids.kind), (500, 14_500, "tiers"))
        self.assertEqual((b.fee_cents, b.net_cents, b.fee_ids.kind), (500, 2500, "minimum"))
        self.assertEqual([text for text, _cents in a._fee_lines()], ["Fee by tiers, of which VAT 0,83\xa0€"])
        self.assertIn("Minimum fee", b._fee_lines()[0][0])


@tagged("post_install", "-at_install")
class TestSeveralRules(FeeCase):
    def _both(self, vouchers_a, vouchers_b, face_cents=1000):
        """One scan paid with vouchers of both sponsors."""
        redemption = self._redeem(vouchers=vouchers_a, face_cents=face_cents)
        cents = vouchers_b * face_cents
        self.cr.execute(
            "UPDATE aptic_redemption SET voucher_count = voucher_count + %s, face_cents = face_cents + %s"
            " WHERE id = %s",
            (vouchers_b, cents, redemption.id),
        )
        self.env["aptic.event"]._append(
            [
                {
                    "kind": "redeem",
                    "order_id": self.other_order.id,
                    "quantity": vouchers_b,
                    "amount_cents": cents,
                    "redemption_id": redemption.id,
                    "at": datetime(2026, 2, 10, 9),
                }
            ]
        )
        redemption.invalidate_recordset()
        return redemption

    def test_one_statement_follows_several_rules(self):
        self._rule(3, sponsor_id=self.sponsor_b.id, tax_rate=5.5)
        self._redeem(vouchers=2)
        self._both(1, 3)
        settlement = self._settlement()
        statement = settlement.statement_ids
        self.assertEqual(self._made(statement), {4: (3000, 120), 3: (3000, 90)})
        self.assertEqual((statement.gross_cents, statement.fee_cents, statement.net_cents), (6000, 210, 5790))
        self.assertEqual((statement.tax_cents, statement.fund_cents), (20 + 5, 60))
        self.assertEqual(set(settlement.fee_rule_ids.mapped("rate")), {3, 4})
        settlement.with_user(self.second_accountant)._approve()
        invoice = statement.fee_move_id
        self.assertEqual((invoice.amount_total, invoice.amount_tax, invoice.amount_residual), (2.1, 0.25, 0))
        self.assertEqual(len(invoice.invoice_line_ids), 2)
        self.assertEqual(statement._payable_item().amount_residual, -57.9)
        self.assertEqual([cents for _text, cents in statement._fee_lines()], [120, 90])
        self.assertIn("fee 3 % on", invoice.invoice_line_ids[1].name + statement._fee_lines()[1][0].lower())
        self.assertIn(b"57,90", statement._spreadsheet("csv"))

    def test_one_invoice_line_for_each_rate_of_vat_to_the_cent(self):
        self._rule(3.33, sponsor_id=self.sponsor_b.id)
        for cents in (1117, 1331):
            self._redeem(face_cents=cents)
            self._redeem(face_cents=cents, order=self.other_order)
        settlement = self._settlement(approved=True)
        statement, invoice = settlement.statement_ids, settlement.statement_ids.fee_move_id
        self.assertEqual(len(invoice.invoice_line_ids), 1)
        self.assertEqual(statement.fee_cents, 98 + 82)
        self.assertEqual(round(invoice.amount_total * 100), statement.fee_cents)
        self.assertEqual(round(invoice.amount_tax * 100), statement.tax_cents)

    def test_shares_are_those_of_the_largest_remainder(self):
        chance = random.Random(4)
        self._rule(3.33, sponsor_id=self.sponsor_b.id, fund_rate=0.77)
        elsewhere = self._place(self.provider_a, "Antenne", self.lyon, self.library)
        for _scan in range(30):
            order = chance.choice((self.order, self.other_order))
            self._redeem(chance.choice((self.place_a, elsewhere)), face_cents=chance.randrange(1, 3000), order=order)
        self._both(1, 1, face_cents=777)
        statement = self._settlement().statement_ids
        self.assertEqual(len(statement.fee_ids), 2)
        for row in statement.fee_ids:
            shares = row.share_ids.sorted("redemption_id")
            self.assertEqual(shares.mapped("fee_cents"), fees.shares(row.fee_cents, shares.mapped("face_cents")))
            self.assertEqual(sum(shares.mapped("face_cents")), row.gross_cents)
            self.assertEqual(sum(shares.mapped("fund_cents")), row.fund_cents)
            for own in shares.grouped("fund_id").values():
                brought = sum(own.mapped("fund_cents"))
                self.assertEqual(own.mapped("fund_cents"), fees.shares(brought, own.mapped("face_cents")))
        self.assertEqual(sum(statement.fee_ids.mapped("fee_cents")), statement.fee_cents)
        for line in statement.fund_line_ids:
            shares = statement.fee_ids.share_ids.filtered(lambda share, fund=line.fund_id: share.fund_id == fund)
            self.assertEqual(sum(shares.mapped("fund_cents")), line.amount_cents)
            self.assertEqual(sum(shares.mapped("face_cents")), line.base_cents)

    def test_the_number_of_queries_does_not_depend_on_scans(self):
        def queries(cutoff):
            settlement = self.env["aptic.settlement"].create({"cutoff_day": cutoff})
            self.env.flush_all()
            before = self.cr.sql_log_count
            settlement.with_user(self.accountant)._take()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        self._rule(3, sponsor_id=self.sponsor_b.id)
        self._redeem()
        self._redeem(order=self.other_order)
        few = queries(date(2026, 3, 1))
        for _scan in range(30):
            self._redeem()
            self._redeem(order=self.other_order)
        self.assertLessEqual(queries(date(2026, 4, 1)), few)

    def test_roles(self):
        self._redeem()
        statement = self._settlement().statement_ids
        tier = self.env["aptic.fee.tier"]
        rule = self._rule(2, sponsor_id=self.sponsor_a.id)
        tier.with_user(self.accountant).create({"rule_id": rule.id, "from_cents": 100, "rate_bp": 100})
        with self.assertRaises(AccessError):
            tier.with_user(self.staff).create({"rule_id": rule.id, "from_cents": 200, "rate_bp": 100})
        self.assertTrue(statement.with_user(self.staff).fee_ids.fee)
        for user in (
            self.manager_a,
            self.accountant_a,
            self.sponsor_user_a,
            self.stranger,
            self.env.ref("base.public_user"),
        ):
            for records in (statement.fee_ids, statement.fee_ids.share_ids, rule):
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["id", "rate_bp"] if records == rule else ["fee_cents"])


@tagged("post_install", "-at_install")
class TestReversedFees(ReversalCase):
    def test_with_several_rules_all_reversed_leaves_nothing_behind(self):
        rules = self.env["aptic.fee.rule"]
        self.env.ref("aptic_settlement.fee_rule_default").write({"rate_bp": 333, "fund_bp": 77})
        sponsored = self._order(sponsor=self.sponsor_b, quantity=50)
        rules.create(
            {
                "name": "Other",
                "date_from": date(2026, 1, 1),
                "sponsor_id": self.sponsor_b.id,
                "rate": 7.77,
                "tax_rate": 5.5,
                "fund_rate": 0.55,
            }
        )
        self.env.flush_all()
        acts = [self._spend(count) for count in (1, 2, 4)]
        self.codes = list(self._codes(sponsored))
        acts += [self._spend(count) for count in (1, 3)]
        mixed = [*self.codes[:1], *self.all_codes[-1:]]
        self.codes = mixed
        acts.append(self._spend(2))
        settlement = self._first()
        first = self._statement(settlement, self.provider_a)
        self.assertEqual(self.env["aptic.statement.fee"].search_count([("statement_id", "=", first.id)]), 2)
        for act in acts:
            self._reverse(act)
        statement = self._statement(self._second(), self.provider_a)
        self.assertEqual(
            (statement.correction_cents, statement.correction_fee_cents, statement.correction_tax_cents),
            (first.gross_cents, first.fee_cents, first.tax_cents),
        )
        self.assertEqual(statement.correction_fund_cents, first.fund_cents)
        self.assertEqual(statement.carried_out_cents, first.net_cents)
        refund = statement.reversal_ids.refund_move_id
        self.assertEqual(
            (round(refund.amount_total * 100), round(refund.amount_tax * 100)), (first.fee_cents, first.tax_cents)
        )
        self.assertEqual(refund.amount_residual, 0)
        funds = {}
        for line in (first | statement).fund_line_ids:
            funds[line.fund_id] = funds.get(line.fund_id, 0) + line.amount_cents
        self.assertEqual(set(funds.values()), {0})
        self._owed(active=100_000)
