"""Half a thousand million euros: what sums up many organisations' cents does not end at 21 million euros."""

import html
from datetime import timedelta

from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import sql

from .common import SettlementCase
from .money import Entry
from .test_coverage import CoverageCase

LARGE = 50_000_000_000


@tagged("post_install", "-at_install")
class TestLargeSums(CoverageCase):
    def test_a_proof_of_500_million_euros(self):
        self._bank(Entry(LARGE, text="sans référence"))
        self.assertEqual(self._prove()["total"], (LARGE, LARGE, LARGE, 0))
        proof = self.env["aptic.coverage"]._last(self.company)
        self.assertEqual((proof.bank_cents, proof.owed_cents, proof.gap_cents), (LARGE, LARGE, 0))
        self.assertEqual(proof.bank, 500_000_000)

    def test_a_difference_of_500_million_euros_is_told_and_noted(self):
        self._bank(Entry(LARGE, text="sans référence"))
        self._prove()
        proof = self.env["aptic.coverage"]._last(self.company)
        self._bank(Entry(-LARGE, text="parti"))
        self._prove("gap")
        self.assertGreaterEqual(proof.gap_cents, LARGE)
        self.assertIn(proof._money(proof.gap_cents), html.unescape("".join(proof.message_ids.mapped("body"))))
        self.assertTrue(proof.activity_ids)
        self.env["aptic.coverage"]._cron_prove()

    def test_every_sum_has_eight_bytes(self):
        names = set()
        for model in self.env.registry.values():
            for field in model._fields.values():
                if isinstance(field, Cents) and field.store and field.base_field is field:
                    column = sql.table_columns(self.env.cr, model._table)[field.name]
                    self.assertEqual(column["udt_name"], "int8", field)
                    names.add(str(field))
        self.assertIn("aptic.coverage.bank_cents", names)
        self.assertIn("aptic.statement.due_cents", names)
        self.assertIn("aptic.fund.line.base_cents", names)

    def test_an_update_widens_the_columns_there_are(self):
        self._bank(Entry(1234, text="sans référence"))
        self._prove()
        proofs = self.env["aptic.coverage"]
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE aptic_coverage ALTER COLUMN bank_cents TYPE int4")
        proofs._fields["bank_cents"].update_db(proofs, sql.table_columns(self.env.cr, "aptic_coverage"))
        self.assertEqual(sql.table_columns(self.env.cr, "aptic_coverage")["bank_cents"]["udt_name"], "int8")
        self.env.invalidate_all()
        self.assertEqual(proofs._last(self.company).bank_cents, 1234)


@tagged("post_install", "-at_install")
class TestLargeStatement(SettlementCase):
    def test_a_statement_and_a_fund_of_500_million_euros(self):
        self._redeem()
        run = self._settlement(approved=True)
        statement = run.statement_ids
        columns = ("gross_cents", "fee_cents", "net_cents", "due_cents")
        run._fill_statements_columns(columns, [(statement.id, LARGE, 0, LARGE, LARGE)])
        fund = statement.fund_line_ids.fund_id
        before = fund._received_cents()[fund.id]
        run._insert_fund_lines([(fund.id, statement.id, LARGE, LARGE, True)])
        self.env.invalidate_all()
        self.assertEqual((statement.due_cents, statement.due), (LARGE, 500_000_000))
        received = fund._received_cents()[fund.id]
        self.assertEqual(received, before + LARGE)
        self.assertIsInstance(received, int)
        self.assertEqual(fund.received, received / 100)


@tagged("post_install", "-at_install")
class TestOldProof(CoverageCase):
    def test_an_old_proof_activates_nothing_until_there_is_a_new_one(self):
        self._bank(self._pays(self.order))
        self._prove()
        with clock.at(clock.now() + timedelta(days=8)):
            with self.assertRaisesRegex(UserError, "last proof of coverage is of"), self.env.cr.savepoint():
                self.order._activate()
            self.env["ir.config_parameter"].set_param("aptic_settlement.proof_days", "8")
            self.assertEqual(self.order._activate(), 50)

    def test_a_proof_of_last_week_is_good_enough_and_none_too(self):
        self._bank(self._pays(self.order))
        self.assertFalse(self.env["aptic.coverage"]._last(self.company))
        self._prove()
        with clock.at(clock.now() + timedelta(days=7)):
            self.assertEqual(self.order._activate(), 50)
