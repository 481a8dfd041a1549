"""The ledger refuses every change, in the database itself."""

from datetime import date, datetime

import psycopg2
from odoo import SUPERUSER_ID, fields
from odoo.addons.aptic_base.tests.common import ApticCase
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger


@tagged("-at_install", "post_install")
class TestLedger(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["aptic.order"].create(
            {"sponsor_id": cls.sponsor_a.id, "quantity": 10, "last_day": fields.Date.today()}
        )
        cls.ledger = cls.env["aptic.event"]
        cls.row = {"kind": "issue", "order_id": cls.order.id, "quantity": 10, "amount_cents": 10000}
        cls.event = cls.ledger.browse(cls.ledger._append([cls.row]))

    def _refused(self, statement, message="append-only"):
        with (
            self.assertRaisesRegex(psycopg2.IntegrityError, message),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute(statement)

    def test_the_database_refuses_update(self):
        self._refused("UPDATE aptic_event SET quantity = 1")
        self._refused(f"UPDATE aptic_event SET reason = 'x' WHERE id = {self.event.id}")

    def test_the_database_refuses_delete(self):
        self._refused("DELETE FROM aptic_event")

    def test_the_database_refuses_truncate(self):
        self._refused("TRUNCATE aptic_event CASCADE")
        self._refused("TRUNCATE aptic_order CASCADE", "append-only|written once")

    def test_the_trigger_also_fires_in_replica_mode(self):
        self.env.cr.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'aptic_event_append_only'")
        self.assertEqual(self.env.cr.fetchall(), [("A",)])

    def test_the_orm_refuses(self):
        self.assertEqual(self.env.uid, SUPERUSER_ID)
        with self.assertRaisesRegex(UserError, "append-only"):
            self.ledger.create({**self.row, "at": fields.Datetime.now(), "day": fields.Date.today()})
        with self.assertRaisesRegex(UserError, "append-only"):
            self.event.write({"quantity": 1})
        with self.assertRaisesRegex(UserError, "append-only"):
            self.event.unlink()
        with self.assertRaisesRegex(UserError, "append-only"):
            self.event.copy()

    def test_amounts_and_quantities_are_checked(self):
        for wrong in ({"amount_cents": -1}, {"quantity": 0}, {"serial_from": 5, "serial_to": 4}):
            with (
                self.subTest(wrong),
                self.assertRaises(psycopg2.errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.ledger._append([{**self.row, **wrong}])
        with self.assertRaises(ValueError):
            self.ledger._append([{**self.row, "kind": "gift"}])
        with self.assertRaises(ValueError):
            self.ledger._append([{**self.row, "amount": 1}])

    def test_rows_are_appended_by_one_statement(self):
        with self.assertQueryCount(1):
            ids = self.ledger._append([{**self.row, "quantity": quantity} for quantity in (3, 1, 2)])
        self.assertEqual(self.ledger.browse(ids).mapped("quantity"), [3, 1, 2])
        self.assertEqual(self.ledger._append([]), [])

    def test_the_day_is_the_operators(self):
        late = datetime(2026, 6, 30, 22, 30, 0, 123456)
        event = self.ledger.browse(self.ledger.with_user(self.staff)._append([{**self.row, "at": late}]))
        self.assertEqual(event.day, date(2026, 7, 1), "half past midnight in Paris")
        self.assertEqual(event.at, datetime(2026, 6, 30, 22, 30))
        self.assertEqual(event.user_id, self.staff)

    def test_the_rows_have_no_other_author(self):
        self.assertNotIn("write_uid", self.ledger._fields)
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'aptic_event'")
        indexes = " ".join(row[0] for row in self.env.cr.fetchall())
        for columns in ("(order_id, kind)", "(day)", "(redemption_id)"):
            self.assertIn(columns, indexes)
