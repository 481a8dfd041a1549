from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.base.models.ir_cron import IrCron
from odoo.tests import tagged

from .common import DeskCase


@tagged("post_install", "-at_install")
class TestFirstScan(DeskCase):
    """A first scan wakes the subscription; cancelled, it puts it back to sleep as long as nothing is invoiced."""

    def setUp(self):
        super().setUp()
        no_commit = patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf"))
        no_commit.start()
        self.addCleanup(no_commit.stop)
        self.now = fields.Datetime.now()
        self.Subscription = self.env["aptic.subscription"]
        self.subscription = self.Subscription._choose(self.provider_a, "monthly")

    def _scan(self, number, days=0, key=None):
        """Redeem one voucher, ``days`` from now."""
        moment = self.now + timedelta(days=days)
        answer = self.env["aptic.redemption"]._redeem_locked(
            self.mediator_a_member,
            self.place_a,
            self.offer_a,
            self.everyone,
            self.codes[number : number + 1],
            1200,
            key or f"first-{number}",
            moment,
            now=moment,
            strict=True,
        )
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def test_the_only_scan_cancelled_it_sleeps_again(self):
        scan = self._scan(0)
        self.assertEqual(self.subscription.state, "waking")
        self.Subscription._cron_start()
        self.assertEqual(self.subscription.state, "running")
        scan._cancel("Mauvais service")
        self.assertRecordValues(self.subscription, [{"state": "sleeping", "first_scan_day": False}])
        self.Subscription._cron_start()
        self.assertEqual(self.subscription.state, "sleeping")
        again = self._scan(0, 2, key="first-0-again")
        self.assertEqual(self.subscription.first_scan_day, again.day)

    def test_a_cancelled_scan_sent_again_wakes_nothing(self):
        scan = self._scan(0)
        scan._cancel("Mauvais service")
        self.assertEqual(self._scan(0), scan, "the first answer again")
        self.assertEqual(self.subscription.state, "sleeping")
        act = {
            "member": self.mediator_a_member,
            "place": self.place_a,
            "offer": self.offer_a,
            "audience": self.everyone,
            "codes": self.codes[:1],
            "price_cents": 1200,
            "client_key": "first-0",
            "client_time": self.now,
        }
        with self.enter_registry_test_mode():
            again, alone = self.env["aptic.redemption"].sudo()._redeem_batch([act, act])
        self.assertEqual(again, alone)
        self.assertEqual((again["status"], again["message_args"]), ("done", {"reason": "cancelled"}))
        self.Subscription._cron_start()
        self.assertRecordValues(self.subscription, [{"state": "sleeping", "first_scan_day": False}])

    def test_a_later_scan_that_is_left_moves_the_start(self):
        first, second = self._scan(0), self._scan(1, 3)
        first._cancel("Mauvais service")
        self.assertRecordValues(self.subscription, [{"state": "waking", "first_scan_day": second.day}])

    def test_another_scan_of_the_day_keeps_it(self):
        first, second = self._scan(0), self._scan(1)
        first._cancel("Mauvais service")
        self.assertRecordValues(self.subscription, [{"state": "waking", "first_scan_day": second.day}])
        second._cancel("Mauvais service")
        self.assertEqual(self.subscription.state, "sleeping")

    def test_the_last_scan_cancelled_keeps_the_start(self):
        first, second = self._scan(0), self._scan(1, 3)
        second._cancel("Mauvais service")
        self.assertRecordValues(self.subscription, [{"state": "waking", "first_scan_day": first.day}])

    def test_of_another_provider_it_is_not_its_business(self):
        other = self.Subscription._choose(self.provider_b, "monthly")
        self.Subscription._wake(self.provider_b.id, self.now.date())
        self._scan(0)._cancel("Mauvais service")
        self.assertEqual(other.state, "waking")

    def test_scans_of_a_subscription_that_ended_are_not_counted(self):
        old = self._scan(0, -10)
        self.Subscription._cron_start()
        self.subscription._stop()
        self.assertEqual(self.provider_a.state, "suspended")
        again = self.Subscription._choose(self.provider_a, "monthly")
        self.Subscription._cron_start()
        self.assertEqual(again.state, "sleeping")
        scan = self._scan(1, 1)
        self.assertEqual(again.state, "waking")
        scan._cancel("Mauvais service")
        self.assertEqual(again.state, "sleeping")
        self.assertEqual(old.state, "done")

    def test_a_scan_that_did_not_wake_it_is_found_by_the_cron(self):
        scan = self._scan(0, -2)
        self.subscription._guarded_write({"state": "sleeping", "first_scan_day": False})
        self.Subscription._cron_start()
        self.assertRecordValues(self.subscription, [{"state": "running", "first_scan_day": scan.day}])
