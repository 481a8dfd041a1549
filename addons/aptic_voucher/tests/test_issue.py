"""Booklets, vouchers and their codes are made in bulk."""

import itertools
import os
import tempfile
import threading
import time
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_base.tests.common import ApticCase
from odoo.addons.aptic_voucher import codes, keyring
from odoo.addons.aptic_voucher.models import aptic_booklet
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import config


class IssueCase(ApticCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.booklets = cls.env["aptic.booklet"]
        cls.vouchers = cls.env["aptic.voucher"]

    def _proofed(self, quantity=20, size=10):
        return self.env["aptic.order"]._guarded_create(
            [
                {
                    "sponsor_id": self.sponsor_a.id,
                    "quantity": quantity,
                    "booklet_size": size,
                    "last_day": fields.Date.today(),
                    "state": "proofed",
                }
            ]
        )


@tagged("-at_install", "post_install")
class TestIssue(IssueCase):
    def test_issue(self):
        order = self._proofed(20, 5)
        self.assertEqual(order._issue(), order)
        self.assertEqual(order.state, "printed")
        self.assertEqual(order.booklet_ids.mapped("size"), [5] * 4)
        vouchers = self.vouchers.search([("order_id", "=", order.id)])
        first = vouchers[0].serial
        self.assertEqual(vouchers.mapped("serial"), list(range(first, first + 20)))
        self.assertEqual(set(vouchers.mapped("state")), {"printed"})
        self.assertEqual(order.booklet_ids.mapped("serial"), [first, first + 5, first + 10, first + 15])
        for booklet in order.booklet_ids:
            serials = booklet.voucher_ids.mapped("serial")
            self.assertEqual(serials, list(range(booklet.serial, booklet.serial + 5)))
        salts = order.booklet_ids.sudo().mapped("salt")
        self.assertEqual(len(set(salts)), 4)
        self.assertEqual({len(bytes.fromhex(salt)) for salt in salts}, {codes.SALT_BYTES})
        event = self.env["aptic.event"].search([("order_id", "=", order.id), ("kind", "!=", "proof")])
        self.assertEqual(
            event.read(["kind", "serial_from", "serial_to", "quantity", "amount_cents"], load=None),
            [
                {
                    "id": event.id,
                    "kind": "issue",
                    "serial_from": first,
                    "serial_to": first + 19,
                    "quantity": 20,
                    "amount_cents": 20000,
                }
            ],
        )

    def test_serials_are_shown_and_found_as_printed(self):
        order = self._proofed()
        order._issue()
        for record in (order.booklet_ids[0], order.booklet_ids.voucher_ids[0]):
            self.assertEqual(record.display_name, f"{record.serial:010d}")
            self.assertEqual(record.name_search(record.display_name), [(record.id, record.display_name)])

    def test_issue_twice_makes_one_set(self):
        order = self._proofed()
        order._issue()
        self.assertFalse(order._issue())
        self.assertEqual(self.vouchers.search_count([("order_id", "=", order.id)]), 20)
        self.assertEqual(self.env["aptic.event"].search_count([("order_id", "=", order.id), ("kind", "=", "issue")]), 1)

    def test_issue_needs_the_proof(self):
        order = self._proofed()
        order._guarded_write({"state": "confirmed"})
        with self.assertRaises(UserError):
            order._issue()
        self.assertFalse(order.booklet_ids)

    def test_orders_have_serials_of_their_own(self):
        one, two = self._proofed(), self._proofed()
        (one | two)._issue()
        self.assertFalse(
            {serial for serial, _code in self.booklets._codes(one)} & set(two.booklet_ids.mapped("serial"))
        )
        self.assertEqual(one.booklet_ids.mapped("size"), [10, 10])

    def test_few_statements_whatever_the_quantity(self):
        orders = [self._proofed(quantity) for quantity in (10, 5000)]
        self.env.flush_all()
        counts = []
        for order in orders:
            before = self.env.cr.sql_log_count
            order._issue()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 20)

    def test_a_large_order_after_a_small_one_checks_keys_by_index(self):
        self._proofed()._issue()
        self.env.cr.execute("ANALYZE aptic_booklet")  # as in a database that has lived
        self._proofed()._issue()
        order = self._proofed(20_000)
        order._issue()
        self.env.cr.execute("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'aptic_booklet'")
        [(read,)] = self.env.cr.fetchall()
        self.assertLess(read, 100_000, "each of 20,000 vouchers would read 2,000 booklets")

    def test_codes(self):
        order = self._proofed()
        order._issue()
        pairs = self.booklets._codes(order)
        self.assertEqual([serial for serial, _code in pairs], sorted(order.booklet_ids.voucher_ids.mapped("serial")))
        ring = self.booklets._keyring()
        by_serial = {serial: codes.parse(code) for serial, code in pairs}
        for booklet in order.booklet_ids.sudo():
            for serial in booklet.voucher_ids.mapped("serial"):
                self.assertEqual(by_serial[serial].serial, serial)
                self.assertTrue(codes.matches(by_serial[serial], bytes.fromhex(booklet.salt), ring.keys[2]))
        self.assertEqual(self.booklets._codes(order), pairs, "the same for ever")

    def test_codes_of_some_booklets(self):
        order = self._proofed(30)
        order._issue()
        with patch.object(aptic_booklet, "CHUNK", 1):
            some = list(self.booklets._iter_codes(order, order.booklet_ids[1:]))
        self.assertEqual([serial for serial, _pairs in some], order.booklet_ids[1:].mapped("serial"))
        self.assertFalse(list(self.booklets._iter_codes(order, self.booklets)))

    def test_no_role_reads_a_salt(self):
        order = self._proofed()
        order._issue()
        booklet = order.booklet_ids[0]
        for user in (self.staff, self.staff_manager, self.reviewer, self.accountant, self.env.ref("base.user_admin")):
            self.assertTrue(booklet.with_user(user).read(["serial"]))
            with self.assertRaises(AccessError):
                booklet.with_user(user).read(["salt"])
            with self.assertRaises(AccessError):
                self.booklets.with_user(user).search([("salt", "=like", "a%")])

    def test_roles(self):
        order = self._proofed()
        order._issue()
        for model in ("aptic.booklet", "aptic.voucher", "aptic.event"):
            record = self.env[model].search([("order_id", "=", order.id)], limit=1)
            for user in (self.staff, self.staff_manager, self.accountant):
                self.assertTrue(record.with_user(user).read(["order_id"]))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(record.with_user(user).has_access(operation), (model, operation))
            for user in (self.stranger, self.manager_a, self.sponsor_user_a):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["order_id"])


@tagged("-at_install", "post_install")
class TestSerials(IssueCase):
    def test_blocks_never_overlap(self):
        """Eight sessions take blocks at once; the reserving function gives each an unbroken one of its own."""
        blocks, ready = [], threading.Barrier(8)

        def take():
            with self.registry.cursor() as cr:
                ready.wait()
                for quantity in (7, 1, 30) * 5:
                    cr.execute("SELECT aptic_voucher_reserve(%s)", (quantity,))
                    blocks.append((cr.fetchone()[0], quantity))

        threads = [threading.Thread(target=take) for _number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        blocks.sort()
        self.assertEqual(len(blocks), 120)
        for (first, quantity), (following, _quantity) in itertools.pairwise(blocks):
            self.assertLessEqual(first + quantity, following)


@tagged("-at_install", "post_install")
class TestKeys(IssueCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "odoo.conf")
        self.enterContext(patch.dict(config._runtime_options, {"config": self.path}))

    def _configure(self, current, **keys):
        lines = [f"voucher_key_{name.removeprefix('v')} = {value}" for name, value in keys.items()]
        with open(self.path, "w", encoding="utf-8") as stream:
            stream.write("\n".join(["[aptic]", f"voucher_key_current = {current}", *lines]))
        os.utime(self.path, ns=(time.time_ns(), time.time_ns()))

    def test_rotation(self):
        self._configure(1, v1="11" * 32)
        old = self._proofed()
        old._issue()
        before = self.booklets._codes(old)
        self._configure(2, v1="11" * 32, v2="22" * 32)
        new = self._proofed()
        new._issue()
        self.assertEqual(set(old.booklet_ids.mapped("key_version")), {1})
        self.assertEqual(set(new.booklet_ids.mapped("key_version")), {2})
        self.assertEqual(
            self.booklets._codes(old), before, "printed with the first key, valid while the second is current"
        )
        salt = bytes.fromhex(new.booklet_ids[0].sudo().salt)
        code = codes.parse(self.booklets._codes(new)[0][1])
        self.assertTrue(codes.matches(code, salt, bytes.fromhex("22" * 32)))
        self.assertFalse(codes.matches(code, salt, bytes.fromhex("11" * 32)))
        self._configure(2, v2="22" * 32)
        self.assertTrue(self.booklets._codes(new))
        with self.assertRaisesRegex(UserError, "voucher_key_1 is missing"):
            self.booklets._codes(old)

    def test_nothing_is_issued_without_a_key(self):
        order = self._proofed()
        with self.assertRaisesRegex(UserError, "cannot be read"):
            order._issue()
        self._configure(1)
        with self.assertRaisesRegex(UserError, "No voucher key"):
            order._issue()
        self._configure(2, v1="11" * 32)
        with self.assertRaisesRegex(UserError, "must be one of: 1"):
            order._issue()
        self._configure(1, v1="secret")
        with self.assertRaisesRegex(UserError, "64 hexadecimal") as caught:
            order._issue()
        self.assertNotIn("secret", str(caught.exception))
        self.assertEqual(order.state, "proofed")
        self.assertFalse(order.booklet_ids)

    def test_the_ring_hides_its_keys(self):
        self._configure(1, v1="11" * 32)
        self.assertNotIn("11" * 8, repr(self.booklets._keyring()))
        self.assertIsInstance(self.booklets._keyring(), keyring.KeyRing)
