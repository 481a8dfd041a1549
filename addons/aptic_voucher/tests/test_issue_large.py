"""A large order's vouchers are made in the background: batches that can be stopped, killed and resumed."""

from unittest.mock import patch

from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import aptic_issue, aptic_order_issue
from .test_issue import IssueCase


@tagged("post_install", "-at_install")
class TestLargeIssue(IssueCase):
    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(aptic_order_issue, "LARGE", 20))
        self.enterContext(patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")))
        self.order = self._proofed(50, 5)
        self.issues = self.env["aptic.issue"]

    def _made(self):
        return self.vouchers.search([("order_id", "=", self.order.id)]).mapped("serial")

    def _start(self):
        self.order.with_user(self.staff).action_issue()
        return self.order.issue_ids

    def test_batch_by_batch(self):
        issue = self._start()
        self.assertEqual((self.order.state, issue.state, issue.user_id), ("proofed", "running", self.staff))
        self.assertFalse(self._made())
        self.assertEqual([issue._make_batch(17) for _batch in range(5)], [15, 15, 15, 5, 0])
        self.assertEqual(self._made(), list(range(issue.serial_from, issue.serial_from + 50)))
        self.assertEqual((self.order.state, issue.state, issue.progress), ("printed", "done", 100))
        self.assertEqual(len(self.order.booklet_ids), 10)
        self.assertEqual(len(set(self.order.booklet_ids.sudo().mapped("salt"))), 10)
        event = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "issue")])
        self.assertEqual(
            (event.kind, event.serial_from, event.serial_to, event.quantity, event.amount_cents, event.user_id),
            ("issue", issue.serial_from, issue.serial_from + 49, 50, 50000, self.staff),
        )
        self.assertEqual(len(self.booklets._codes(self.order)), 50)

    def test_the_cron_goes_to_the_end_and_runs_again_for_nothing(self):
        self._start()
        for _run in range(2):
            with patch.object(aptic_issue, "BATCH", 20):
                self.issues._cron_issue()
            self.assertEqual((self.order.state, len(self._made())), ("printed", 50))
        issued = [("order_id", "=", self.order.id), ("kind", "=", "issue")]
        self.assertEqual(self.env["aptic.event"].search_count(issued), 1)

    def test_stop_and_resume(self):
        issue = self._start()
        issue._make_batch(20)
        self.order.with_user(self.staff).action_issue_stop()
        self.assertEqual((issue.state, issue._make_batch(20), len(self._made())), ("stopped", 0, 20))
        self.issues._cron_issue()
        self.assertEqual(len(self._made()), 20)
        self.order.with_user(self.staff).action_issue_resume()
        self.issues._cron_issue()
        self.assertEqual((self.order.state, len(self._made())), ("printed", 50))
        with self.assertRaises(UserError):
            issue.with_user(self.staff)._resume()

    def test_asked_twice_it_is_one_issue(self):
        issue = self._start()
        issue._make_batch(20)
        self.assertEqual(self._start(), issue)
        self.issues._cron_issue()
        self.assertEqual(len(self._made()), 50)
        self._start()
        self.assertEqual((len(self._made()), self.order.state), (50, "printed"))

    def test_what_fails_leaves_whole_batches(self):
        issue = self._start()
        issue._make_batch(20)
        with (
            patch.object(type(self.order), "_append_issue", side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
            self.env.cr.savepoint(),
        ):
            issue._make_batch(30)
        self.env.invalidate_all()
        self.assertEqual((issue.done, issue.state, len(self._made()), self.order.state), (20, "running", 20, "proofed"))
        self.issues._cron_issue()
        self.assertEqual((self.order.state, len(self._made())), ("printed", 50))

    def test_a_cancelled_order_gets_no_more(self):
        issue = self._start()
        issue._make_batch(20)
        self.order._cancel()
        self.assertEqual((issue._make_batch(20), issue.state, len(self._made())), (0, "stopped", 20))

    def test_a_small_order_is_one_statement_as_before(self):
        order = self._proofed(20, 5)
        self.assertEqual(order._issue(), order)
        self.assertEqual(order.state, "printed")
        self.assertFalse(order.issue_ids)

    def test_rights(self):
        issue = self._start()
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            for verb in ("_stop", "_resume"):
                with self.assertRaises(AccessError):
                    getattr(issue.with_user(user), verb)()
            with self.assertRaises(AccessError):
                issue.with_user(user).read(["done"])
        self.assertTrue(issue.with_user(self.staff).read(["done"]))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(issue.with_user(self.staff).has_access(operation))
        with self.assertRaises(UserError):
            issue.write({"done": 50})
