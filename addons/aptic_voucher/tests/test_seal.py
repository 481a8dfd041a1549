"""The hash chain over the ledger: each row in one seal, and every way to tamper is found."""

import contextlib
import itertools
from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, api, fields
from odoo.addons.aptic_base.tests.common import ApticCase
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import seals
from ..models import aptic_seal
from ..models.aptic_event import COLUMNS
from .test_order_concurrency import SessionsCase

CHECK_LOG = "odoo.addons.aptic_voucher.models.aptic_ledger_check"
NASTY = "a\tb\\N\nc\r'\"%s é €"


@tagged("-at_install", "post_install")
class TestSeal(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["aptic.order"].create(
            {"sponsor_id": cls.sponsor_a.id, "quantity": 100, "last_day": fields.Date.today()}
        )
        cls.startClassPatcher(patch.object(aptic_seal, "ROWS", 4))
        cls.startClassPatcher(patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")))
        cls.ledger, cls.seals = cls.env["aptic.event"], cls.env["aptic.seal"]
        cls.seals._cron_seal()  # the demonstration's rows
        cls.old = max(cls.seals.search([], limit=1).number, 0)
        cls.rows = cls._append(10)
        cls.seals._cron_seal()

    @classmethod
    def _append(cls, count, **values):
        row = {"kind": "issue", "order_id": cls.order.id, "serial_from": 1, "serial_to": 5, "quantity": 5}
        return cls.ledger._append([{**row, "amount_cents": 1000 * n, **values} for n in range(count)])

    def _check(self, anchor=None):
        self.env.flush_all()
        return seals.check(self.env.cr, anchor)

    @contextlib.contextmanager
    def _tampering(self, statement="", *more, table="aptic_event"):
        """Do what only the database's owner can, and undo it."""
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
            for one in filter(None, (statement, *more)):
                self.env.cr.execute(one)
            self.env.cr.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
            yield
            savepoint.rollback()

    # -------------------------------------------------------------------- seal
    def test_each_row_is_in_one_seal(self):
        found = self.seals.search([], order="number")
        self.assertEqual(found.mapped("number"), list(range(1, len(found) + 1)))
        self.assertEqual(found[0].id_from, 1)
        for before, after in itertools.pairwise(found):
            self.assertEqual(after.id_from, before.id_to + 1)
            self.assertEqual(after.previous_hash, before.hash)
        self.assertEqual(sum(found.mapped("row_count")), self.ledger.search_count([]))
        self.assertEqual(found[self.old :].mapped("row_count"), [4, 4, 2])
        self.assertFalse(self.seals._seal_next(self.seals._decided_id(0)), "nothing is sealed twice")

    def test_ids_that_were_given_back_do_not_matter(self):
        self.env.cr.execute("SELECT nextval('aptic_event_id_seq') FROM generate_series(1, 3)")
        self._append(2)
        self.seals._cron_seal()
        self.env.cr.execute("SELECT nextval('aptic_event_id_seq') FROM generate_series(1, 3)")
        self._append(1)
        self.seals._cron_seal()
        done = self._check()
        self.assertIsNone(done.fault)
        self.assertEqual((done.rows, done.unsealed), (self.ledger.search_count([]), 0))

    def test_python_writes_a_row_as_the_database_does(self):
        ids = self._append(3, reason=NASTY) + self._append(1, serial_from=None, serial_to=None, user_id=None)
        names = ("id", *COLUMNS)
        lines = []

        class Sink:
            def write(self, row):  # pylint: disable=method-required-super
                lines.append(bytes(row))

        seal = seals.Seal(2, "x", ids[0], ids[-1], len(ids), fields.Datetime.now(), ",".join(names))
        self.env.cr.copy_expert(seal.query(), Sink())
        self.env.cr.execute(f"SELECT {', '.join(names)} FROM aptic_event WHERE id = ANY(%s) ORDER BY id", (ids,))
        self.assertEqual(lines, [seals.line(row) for row in self.env.cr.fetchall()])

    def test_every_column_of_the_ledger_is_sealed(self):
        self.assertEqual(seals.COLUMNS, ("id", *COLUMNS))
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'aptic_event'")
        self.assertEqual({name for (name,) in self.env.cr.fetchall()}, set(seals.COLUMNS))
        self.assertEqual(self.seals.search([], limit=1).columns, ",".join(seals.COLUMNS))

    def test_seals_never_change(self):
        for statement in (
            "UPDATE aptic_seal SET hash = hash", "DELETE FROM aptic_seal", "TRUNCATE aptic_seal",
        ):  # fmt: skip
            with (
                self.subTest(statement),
                self.assertRaisesRegex(psycopg2.IntegrityError, "append-only"),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(statement)
        seal = self.seals.search([], limit=1)
        for act in (lambda: seal.write({"hash": "x"}), seal.unlink, seal.copy, lambda: self.seals.create({})):
            with self.assertRaisesRegex(UserError, "never change"):
                act()
        self.env.cr.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'aptic_seal_append_only'")
        self.assertEqual(self.env.cr.fetchall(), [("A",)])

    def test_a_seal_has_one_successor(self):
        seal = self.seals.search([], limit=1)
        copy = (
            "INSERT INTO aptic_seal (number, previous_hash, id_from, id_to, row_count, made_at, columns, leaves, hash)"
            " SELECT {}, {}, id_from, id_to, row_count, made_at, columns, leaves, hash FROM aptic_seal WHERE id = %s"
        )
        for number, previous in (("number", "'other'"), ("number + 1", "previous_hash")):
            with (
                self.assertRaises(psycopg2.errors.UniqueViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(copy.format(number, previous), (seal.id,))

    # ------------------------------------------------------------------- check
    def test_an_untouched_ledger_is_intact(self):
        done = self._check()
        self.assertTrue(done.is_finished)
        self.assertIsNone(done.fault)
        self.assertEqual((done.number, done.rows), (self.old + 3, self.ledger.search_count([])))
        self.assertEqual(done.hash, self.seals.search([], limit=1).hash)

    def test_the_first_altered_row_is_named_whatever_was_altered(self):
        changes = {
            "kind": "'block'", "at": "at + interval '1 microsecond'", "day": "day - 1", "order_id": "NULL",
            "serial_from": "serial_from - 1", "serial_to": "NULL", "quantity": "quantity + 1",
            "amount_cents": "amount_cents + 1", "redemption_id": "7", "user_id": "NULL", "reason": "''",
            "distribution_id": "7",
        }  # fmt: skip
        self.assertEqual(set(changes), set(COLUMNS))
        for name, value in changes.items():
            with self.subTest(name), self.env.cr.savepoint(flush=False) as savepoint:
                # Keys and NOT NULL go too: a thief with these rights does not care.
                self.env.cr.execute(
                    "ALTER TABLE aptic_event ALTER order_id DROP NOT NULL,"
                    " DROP CONSTRAINT aptic_event_redemption_id_fkey, DROP CONSTRAINT aptic_event_distribution_id_fkey"
                )
                where = f"id IN ({self.rows[8]}, {self.rows[5]})"
                with self._tampering(f"UPDATE aptic_event SET {name} = {value} WHERE {where}"):
                    fault = self._check().fault
                    self.assertEqual(fault, seals.Fault("altered", self.old + 2, self.rows[5]))
                savepoint.rollback()
        self.assertIsNone(self._check().fault)

    def test_rows_of_every_kind_are_sealed_and_an_altered_one_is_found(self):
        kinds = self.ledger._fields["kind"].get_values(self.env)
        ids = [self._append(1, kind=kind)[0] for kind in kinds]
        self.seals._cron_seal()
        self.assertEqual((self._check().fault, self._check().unsealed), (None, 0))
        for kind, number in zip(kinds, ids, strict=True):
            with (
                self.subTest(kind),
                self._tampering(f"UPDATE aptic_event SET quantity = quantity - 1 WHERE id = {number}"),
            ):
                fault = self._check().fault
                self.assertEqual((fault.kind, fault.row), ("altered", number))

    def test_a_missing_row_is_named(self):
        for number, seal in ((0, 1), (5, 2), (9, 3)):  # the last: the tail was cut
            with self._tampering(f"DELETE FROM aptic_event WHERE id >= {self.rows[number]}"):
                self.assertEqual(self._check().fault, seals.Fault("missing", self.old + seal, self.rows[number]))
        with self._tampering(f"DELETE FROM aptic_event WHERE id = {self.rows[5]}"):
            self.assertEqual(self._check().fault, seals.Fault("missing", self.old + 2, self.rows[5]))

    def test_an_inserted_row_is_named(self):
        names = ", ".join(COLUMNS)
        put = f"INSERT INTO aptic_event (id, {names}) SELECT %s, {names} FROM aptic_event WHERE id = {self.rows[2]}"
        with self._tampering(put % -7):
            self.assertEqual(self._check().fault, seals.Fault("inserted", 1, -7))
        self.env.cr.execute("SELECT nextval('aptic_event_id_seq')")
        [(hole,)] = self.env.cr.fetchall()
        self._append(1)
        self.seals._cron_seal()
        with self._tampering(put % hole):
            self.assertEqual(self._check().fault, seals.Fault("inserted", self.old + 4, hole))

    def test_two_swapped_rows_are_found(self):
        one, two = self.rows[1], self.rows[6]
        swap = "UPDATE aptic_event SET id = {} WHERE id = {}"
        with self._tampering(swap.format(-1, one), swap.format(one, two), swap.format(two, -1)):
            self.assertEqual(self._check().fault, seals.Fault("altered", self.old + 1, one))

    def test_a_rewritten_seal_is_found(self):
        number = self.old + 2
        for change in (
            "hash = repeat('a', 64)", "previous_hash = repeat('a', 64)", "id_to = id_to - 1", "id_from = id_from + 1",
            "row_count = row_count - 1", "made_at = made_at - interval '1 day'", "columns = 'id,kind'",
            "columns = 'pg_sleep(9)'", "leaves = ''", "number = number + 100",
        ):  # fmt: skip
            with (
                self.subTest(change),
                self._tampering(f"UPDATE aptic_seal SET {change} WHERE number = {number}", table="aptic_seal"),
            ):
                fault = self._check().fault
                self.assertIn(fault.kind, ("seal", "chain", "missing", "inserted"))
                self.assertEqual(fault.seal, number)
        with self._tampering(f"DELETE FROM aptic_seal WHERE number = {number}", table="aptic_seal"):
            self.assertEqual(self._check().fault, seals.Fault("chain", number))

    def test_a_chain_made_anew_is_found_by_what_was_kept(self):
        kept = (self.old + 3, self._check().hash)
        drop = f"DELETE FROM aptic_seal WHERE number > {self.old + 1}"
        with (
            self._tampering(f"UPDATE aptic_event SET amount_cents = 1 WHERE id = {self.rows[9]}"),
            self._tampering(drop, table="aptic_seal"),
        ):
            self.assertEqual(self._check(kept).fault.kind, "anchor", "the tail of the chain was cut")
            self.seals._cron_seal()
            self.assertIsNone(self._check().fault, "it agrees with itself")
            self.assertEqual(self._check(kept).fault, seals.Fault("anchor", kept[0]))
        self.assertIsNone(self._check(kept).fault)

    # ------------------------------------------------------------ back office
    def _new_check(self, user=None, **values):
        return self.env["aptic.ledger.check"].with_user(user or self.accountant).create(values)

    def test_an_accountant_checks_the_ledger(self):
        check = self._new_check()
        check.action_check()
        self.assertEqual(check.state, "sound")
        self.assertEqual(check.keep, f"{self.old + 3}:{self.seals.search([], limit=1).hash}")
        self.assertIn(str(check.row_count), check.finding)
        with self.assertRaisesRegex(UserError, "make a new one"):
            check.action_check()
        again = self._new_check(self.staff_manager, anchor=check.keep)
        again.action_check()
        self.assertEqual(again.state, "sound")

    def test_what_is_wrong_is_said_in_words(self):
        with (
            self._tampering(f"UPDATE aptic_event SET quantity = 99 WHERE id = {self.rows[5]}"),
            self.assertLogs(CHECK_LOG, "ERROR") as log,
        ):
            check = self._new_check()
            check.action_check()
            self.assertEqual((check.state, check.fault_kind, check.fault_row), ("broken", "altered", self.rows[5]))
            self.assertIn(f"Row {self.rows[5]} is not what it was", check.finding)
            self.assertIn(str(self.rows[5]), log.output[0])
            queues = {queue["key"]: queue for queue in self.env["aptic.queue"].with_user(self.accountant).overview()}
            self.assertEqual(queues["ledger_broken"]["count"], 1)

    def test_a_long_check_goes_on_where_it_stopped(self):
        check, goes = self._new_check().sudo(), 0
        while check._advance(0).state == "running":
            goes += 1
            self.assertEqual(check.seal_number, goes)
        self.assertEqual((check.state, check.row_count), ("sound", self.ledger.search_count([])))
        self.assertEqual(goes, self.old + 3)

    def test_a_check_is_made_every_week_and_unfinished_ones_go_on(self):
        mine, model = self._new_check(), self.env["aptic.ledger.check"]
        model._cron_check()
        self.assertEqual(mine.state, "sound")
        count = model.search_count([])
        model._cron_check()
        self.assertEqual(model.search_count([]), count, "one a week")
        self.env.cr.execute("UPDATE aptic_ledger_check SET create_date = create_date - interval '8 days'")
        model._cron_check()
        self.assertEqual(model.search_count([]), count + 1)

    def test_what_was_kept_is_read_or_refused(self):
        self.assertEqual(self._new_check(anchor=f" 12 {'AB' * 32} ")._parsed_anchor(), (12, "ab" * 32))
        for wrong in ("12", "ab" * 32, f"12:{'ab' * 31}", f"x:{'ab' * 32}"):
            with self.assertRaises(ValidationError):
                self._new_check(anchor=wrong)

    def test_others_do_not_check(self):
        check = self._new_check()
        for user in (self.staff, self.reviewer, self.sponsor_user_a, self.manager_a, self.mediator_a, self.stranger):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self._new_check(user)
                with self.assertRaises(AccessError):
                    check.with_user(user).action_check()
        for user in (self.sponsor_user_a, self.manager_a, self.stranger, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                self.seals.with_user(user).search([])
        for user in (self.accountant, self.staff_manager):
            with self.assertRaisesRegex(UserError, "its own actions"):
                check.with_user(user).write({"state": "sound"})
            with self.assertRaises(AccessError):
                self.seals.with_user(user).search([], limit=1).read(["leaves"])


@tagged("-at_install", "post_install")
class TestSealAmongSessions(SessionsCase):
    """Another session writes."""

    def test_rows_being_written_by_another_hold_the_seal_back(self):
        """An id below others is not yet committed: what lies above waits for it, and nobody waits for the seal."""
        row = {"kind": "print", "order_id": self.order_id, "quantity": 1, "amount_cents": 0}
        with self.registry.cursor() as other:
            [late] = api.Environment(other, SUPERUSER_ID, {})["aptic.event"]._append([row])
            self.assertEqual(self.env["aptic.seal"]._decided_id(0), 0)
            self.assertFalse(self.env["aptic.seal"]._seal_next(0))
            other.rollback()
        self.assertGreaterEqual(self.env["aptic.seal"]._decided_id(0), late)

    def test_who_comes_later_is_not_waited_for(self):
        seal, sights = self.env["aptic.seal"], iter([{"3/1"}, {"3/2", "4/1"}])  # the first one is gone, others came
        with patch.object(type(seal), "_writers", lambda model: next(sights)):
            limit = seal._decided_id(1)
        self.env.cr.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM aptic_event_id_seq")
        self.assertEqual(limit, self.env.cr.fetchone()[0])
        self.assertFalse(list(sights))
