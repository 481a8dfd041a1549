"""What was scanned is looked at: by the scheduled action, batch by batch, and at the latest by who settles."""

import contextlib
from datetime import datetime, time, timedelta, timezone
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_voucher.days import PARIS, paris_day
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_alert import MONDAY, AlertCase

LOG = "odoo.addons.aptic_pos.models.aptic_alert_rule"


def fail(rule, _low, _high):
    """A pattern whose statement PostgreSQL refuses."""
    rule.env.cr.execute("SELECT 1 / 0")


class WatchCase(AlertCase):
    @contextlib.contextmanager
    def _failing(self, times):
        """Patterns fail so many times inside."""
        with mute_logger("odoo.sql_db"), self.assertLogs(LOG, "ERROR") as logs:
            yield
        self.assertEqual(len(logs.records), times)


@tagged("post_install", "-at_install")
class TestWatch(WatchCase):
    def test_batches_and_where_it_goes_on(self):
        rule = self._rule("booklet", least=3, minutes=1)
        acts = [self._act(self.codes[n], 0, n) for n in range(5)]
        with patch("odoo.addons.aptic_pos.models.aptic_alert_rule.BATCH", 2):
            self.assertEqual(rule._watch(limit=acts[-1].id), 2)
            self.assertEqual(rule.seen_id, acts[1].id)
            self.assertEqual(rule._watch(limit=acts[-1].id), 1)
            self.assertEqual(rule._watch(limit=acts[-1].id), 0)
        self.assertEqual(rule.seen_id, acts[-1].id)
        self.assertEqual(rule._watch(limit=acts[-1].id), 0)
        self.assertEqual(rule.alert_ids.redemption_count, 5)

    def test_what_may_not_be_visible_yet_waits(self):
        rule = self._rule("booklet", least=2, minutes=1)
        now = fields.Datetime.now()
        old = self._act(self.codes[0], moment=now - timedelta(minutes=4))
        self._act(self.codes[1], moment=now)
        rule._watch()
        self.assertEqual(rule.seen_id, old.id)

    def test_statements_do_not_grow_with_the_scans(self):
        kinds = {
            kind: self._rule(kind, least=100, minutes=10)
            for kind in ("booklet", "hours", "share", "sponsors", "serials")
        }
        self.place_a.opening_hours = "Su 04:00-05:00"

        def statements(rule):
            self.env.flush_all()
            before = self.cr.sql_log_count
            rule._watch(limit=2**31 - 1)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        self._act(self.codes[0])
        few = {kind: statements(rule) for kind, rule in kinds.items()}
        for n in range(1, 25):
            self._act(self.codes[n], n)
        for rule in kinds.values():
            rule._guarded_write({"seen_day": False})
        for kind, rule in kinds.items():
            self.assertLessEqual(statements(rule), few[kind], kind)
            self.assertLessEqual(few[kind], 5, kind)

    def test_the_cron_looks_at_every_rule(self):
        rules = self._rule("booklet", least=2, minutes=1) | self._rule("serials", least=2, minutes=1)
        acts = [self._act(self.codes[n]) for n in range(9, 11)]
        with self.enter_registry_test_mode():
            self.env.ref("aptic_pos.cron_watch").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(rules.mapped("seen_id"), [acts[-1].id] * 2)
        self.assertEqual(rules[1].alert_ids.redemption_count, 2)

    def test_a_rule_that_fails_does_not_keep_the_next_from_looking(self):
        broken, rule = (self._rule(kind, least=2, minutes=1) for kind in ("booklet", "serials"))
        act = self._act(self.codes[0])

        def run():
            with self.enter_registry_test_mode():
                self.env.ref("aptic_pos.cron_watch").method_direct_trigger()
            self.env.invalidate_all()

        def told():
            notes = [
                ("model", "=", broken._name),
                ("res_id", "=", broken.id),
                ("message_type", "=", "user_notification"),
            ]
            messages = self.env["mail.message"].search(notes)
            return messages.partner_ids & self.staff_manager.partner_id, len(messages)

        with patch.object(self.env.registry["aptic.alert.rule"], "_found_booklet", fail), self._failing(2):
            run()
            self.assertEqual((rule.seen_id, broken.seen_id < act.id), (act.id, True))
            self.assertFalse(rule.failed_at)
            self.assertTrue(broken.failed_at)
            self.assertEqual(told()[0], self.staff_manager.partner_id)
            before = told()
            run()
            self.assertEqual(told(), before, "told once")
        run()
        self.assertFalse(broken.failed_at)
        self.assertEqual(broken.seen_id, act.id)


@tagged("post_install", "-at_install")
class TestWatchBeforeSettling(WatchCase):
    """What a settlement is about to take is looked at first, however late the scheduled action is."""

    def _now(self):
        return fields.Datetime.now()

    def test_what_was_not_looked_at_is_held(self):
        rule = self._rule("booklet", least=3, minutes=1)
        now = self._now()
        acts = [self._act(self.codes[n], moment=now - timedelta(minutes=5), seconds=n) for n in range(3)]
        late = self._act(self.codes[3], moment=now - timedelta(minutes=5), seconds=20, now=now)
        fresh = [self._act(self.codes[20 + n], moment=now, seconds=n, now=now) for n in range(3)]
        with patch("odoo.addons.aptic_pos.models.aptic_alert_rule.BATCH", 2):
            self.env["aptic.redemption"]._check_watched(now + timedelta(seconds=1))
        self.assertEqual(rule.alert_ids.redemption_ids, late.union(*acts, *fresh))
        self.assertTrue(late.is_held)
        self.assertTrue(all(act.is_held for act in fresh), "nothing of that booklet was decided yet")
        self.assertEqual(rule.seen_id, acts[-1].id, "others may still come to sight below the last one")
        self.env["aptic.redemption"]._check_watched(now + timedelta(seconds=1))
        self.assertEqual(len(rule.alert_ids), 2)

    def test_only_what_came_before_the_cutoff(self):
        rule = self._rule("booklet", least=2, minutes=5)
        early = self._act(self.codes[0], -1)
        self._act(self.codes[1], 1)
        self.env["aptic.redemption"]._check_watched(MONDAY)
        self.assertEqual(rule.seen_id, early.id)
        rule.active = False
        self.env["aptic.redemption"]._check_watched(self._now())
        self.assertEqual(rule.seen_id, early.id)

    def test_a_share_is_summed_up_unless_it_was_after_the_cutoff(self):
        rule = self._rule("share", least=3, share=60)
        for n in range(3):
            self._act(self.codes[n], n, moment=self._now() - timedelta(hours=1))
        day = paris_day(self._now())
        midnight = datetime.combine(day, time.min, PARIS).astimezone(timezone.utc).replace(tzinfo=None)
        rule._guarded_write({"seen_day": day})
        self.env["aptic.redemption"]._check_watched(midnight)
        self.assertFalse(rule.alert_ids)
        rule._guarded_write({"seen_day": day - timedelta(days=1)})
        self.env["aptic.redemption"]._check_watched(midnight)
        self.assertEqual(rule.alert_ids.redemption_count, 3)

    def test_a_rule_that_fails_lets_nothing_be_settled(self):
        rule = self._rule("booklet", least=2, minutes=1)
        self._act(self.codes[0])
        with (
            patch.object(self.env.registry["aptic.alert.rule"], "_found_booklet", fail),
            self._failing(1),
            self.assertRaisesRegex(UserError, "booklet"),
            self.cr.savepoint(),
        ):
            self.env["aptic.redemption"]._check_watched(self._now())
        rule.active = False
        self.env["aptic.redemption"]._check_watched(self._now())

    def test_what_was_not_looked_at_is_not_paid(self):
        if "aptic.settlement" not in self.env:
            self.skipTest("without the addon of settlements")
        self._rule("booklet", least=3, minutes=1)
        acts = self.env["aptic.redemption"].union(*(self._act(self.codes[n], 0, n) for n in range(3)))
        other = self._act(self.codes[20])
        settlement = self.env["aptic.settlement"].create({"cutoff_day": "2026-11-24"})
        settlement.with_user(self.accountant)._take(at=MONDAY + timedelta(days=1))
        self.assertEqual(settlement.statement_ids.redemption_ids & (acts | other), other)
        self.assertEqual(set(acts.mapped("state")), {"done"})
