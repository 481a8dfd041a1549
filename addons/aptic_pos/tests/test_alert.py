"""Suspicious patterns: what each kind sees, once; what is held, and who decides."""

import contextlib
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.addons.aptic_voucher.stays import StaysError
from odoo.addons.aptic_voucher.tests.common import VoucherCase
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

MONDAY = datetime(2026, 11, 23, 9, 0)  # 10:00 in Paris


class AlertCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["aptic.alert.rule"].with_context(active_test=False)
        cls.rules.search([]).active = False
        cls.order = cls._order(quantity=30)
        cls.codes = cls._codes(cls.order)

    @classmethod
    def _rule(cls, kind, **figures):
        return cls.rules.create({"name": kind, "kind": kind, **figures})

    def _act(self, codes, minute=0, seconds=0, **change):
        """A scan some minutes after a moment; its record."""
        moment = change.pop("moment", MONDAY) + timedelta(minutes=minute, seconds=seconds)
        codes = [codes] if isinstance(codes, str) else codes
        price = 1000 * len(codes)
        offer = change.pop("offer", self.offer_a)
        offer.price_cents = price
        answer = self._scan(codes, offer=offer, price_cents=price, **{"client_time": moment, "now": moment, **change})
        self.assertEqual(answer["status"], "done", answer)
        return self.env["aptic.redemption"].browse(answer["redemption_id"])

    def _watch(self, rule):
        """Look at all that was scanned, and return the open alerts of the rule."""
        while rule._watch(limit=2**31 - 1) and rule.kind != "share":
            pass
        rule._guarded_write({"seen_day": False})
        return self.env["aptic.alert"].search([("rule_id", "=", rule.id), ("state", "=", "open")])


@tagged("post_install", "-at_install")
class TestPatterns(AlertCase):
    def test_many_of_one_booklet_in_a_minute(self):
        rule = self._rule("booklet", least=4, minutes=1)
        for n in range(3):
            self._act(self.codes[n], 0, 15 * n)
        self.assertFalse(self._watch(rule))
        late = self._act(self.codes[3], 2)
        self.assertFalse(self._watch(rule), "four, but not within a minute")
        last = [self._act(self.codes[4], 2, 10), self._act(self.codes[5:7], 2, 50)]
        alert = self._watch(rule)
        self.assertEqual(alert.redemption_ids, late | last[0] | last[1])
        self.assertRecordValues(
            alert,
            [
                {
                    "provider_id": self.provider_a.id,
                    "company_id": self.company.id,
                    "booklet_id": self.order.booklet_ids[:1].id,
                    "found": 4,
                    "held_count": 3,
                    "held": 40.0,
                }
            ],
        )
        self.assertIn("4", alert.story)

    def test_many_vouchers_of_one_act_are_one_service(self):
        rule = self._rule("booklet", least=4, minutes=1)
        self._act(self.codes[:6])
        self.assertFalse(self._watch(rule))

    def _spread(self, codes, receipt, desk):
        """A scan of each code; so many minutes lie between two of them, by the receipt and by the desk's clock."""

        def after(minutes):
            return MONDAY + timedelta(minutes=minutes)

        acts = (self._act(code, now=after(receipt * n), client_time=after(desk * n)) for n, code in enumerate(codes))
        return self.env["aptic.redemption"].union(*acts)

    def _on_either_clock(self, rule, codes):
        """Scans that are close on one clock only are found, whichever it is; those that are on none are not."""
        for receipt, desk, found in ((30, 30, 0), (30, 0, len(codes)), (0, -30, len(codes))):
            with self.subTest(receipt=receipt, desk=desk):
                acts = self._spread(codes, receipt, desk)
                alert = self._watch(rule)
                self.assertEqual(alert.redemption_ids, acts if found else acts.browse())
                for act in acts:
                    act._cancel("Again")
                rule._guarded_write({"seen_id": 0})
                self.assertFalse(self._watch(rule))

    def test_one_booklet_on_either_clock(self):
        self._on_either_clock(self._rule("booklet", least=4, minutes=1), self.codes[:4])

    def test_sponsors_on_either_clock(self):
        third = self.env["aptic.sponsor"].create({"name": "Troisième (test)", "is_company": True})
        others = [self._codes(self._order(sponsor, quantity=5))[0] for sponsor in (self.sponsor_b, third)]
        self._on_either_clock(self._rule("sponsors", least=3, minutes=10), [self.codes[0], *others])

    def test_serials_on_either_clock(self):
        self._on_either_clock(self._rule("serials", least=4, minutes=20), self.codes[8:12])

    def test_opening_hours_on_either_clock(self):
        self.place_a.opening_hours = "Mo-Fr 09:00-18:00"
        rule = self._rule("hours", least=2, minutes=60)
        day, night = MONDAY, MONDAY.replace(hour=20)
        before = night - timedelta(days=1)
        for n in range(2):
            self._act(self.codes[n], now=day + timedelta(hours=4), client_time=day)
        self.assertFalse(self._watch(rule))
        shown = [self._act(self.codes[2 + n], now=night, client_time=day) for n in range(2)]
        alert = self._watch(rule)
        self.assertEqual((alert.day, alert.found, alert.redemption_ids), (day.date(), 2, shown[0] | shown[1]))
        hidden = [self._act(self.codes[4 + n], now=day, client_time=before) for n in range(2)]
        second = self._watch(rule) - alert
        self.assertEqual((second.day, second.found, second.redemption_ids), (before.date(), 2, hidden[0] | hidden[1]))
        for n in range(2):
            self._act(self.codes[6 + n], now=night + timedelta(days=1), client_time=night + timedelta(hours=1))
        self.assertEqual(self._watch(rule), alert | second, "outside by both clocks is once, on the desk's day")
        self.assertEqual((alert.found, alert.redemption_count), (4, 4))

    def test_outside_opening_hours(self):
        self.place_a.opening_hours = "Mo-Fr 09:00-12:00,14:00-18:00"
        rule = self._rule("hours", least=3, minutes=60)
        inside = [self._act(self.codes[n], moment=MONDAY.replace(hour=hour)) for n, hour in enumerate((8, 11, 13, 17))]
        night = [self._act(self.codes[4 + n], moment=MONDAY.replace(hour=20, minute=n)) for n in range(2)]
        self.assertFalse(self._watch(rule))
        night.append(self._act(self.codes[7], moment=MONDAY.replace(hour=5)))
        alert = self._watch(rule)
        self.assertEqual(alert.redemption_ids, night[0] | night[1] | night[2])
        self.assertFalse(alert.redemption_ids & inside[0])
        self.assertEqual((alert.place_id, alert.day, alert.found), (self.place_a, MONDAY.date(), 3))
        self.assertIn(self.place_a.name, alert.story)

    def test_a_sunday_and_a_place_without_hours(self):
        rule = self._rule("hours", least=2, minutes=60)
        sunday = MONDAY - timedelta(days=1)
        some = [self._act(self.codes[n], moment=sunday) for n in range(2)]
        self.assertFalse(self._watch(rule), "no hours, no reproach")
        self.place_a.opening_hours = "Mo-Sa 09:00-18:00"
        rule._guarded_write({"seen_id": 0})
        self.assertEqual(self._watch(rule).redemption_ids, some[0] | some[1])

    def test_hours_are_those_of_the_place(self):
        reunion = self._commune("97411", "Saint-Denis", ("974", "La Réunion"), ("04", "La Réunion"))
        self.place_a.write({"territory_id": reunion.id, "opening_hours": "Mo-Fr 09:00-18:00"})
        rule = self._rule("hours", least=1, minutes=30)
        self._act(self.codes[0], moment=MONDAY.replace(hour=5))  # 09:00 over there
        self.assertFalse(self._watch(rule))
        late = self._act(self.codes[1], moment=MONDAY.replace(hour=17))  # 21:00 over there
        self.assertEqual(self._watch(rule).redemption_ids, late)

    def test_one_place_takes_most_of_an_order(self):
        rule = self._rule("share", least=5, share=60, days=30)
        now = fields.Datetime.now()
        elsewhere = self._place(self.provider_a, "Antenne", self.bordeaux, self.library)
        mine = [self._act(self.codes[n], moment=now) for n in range(4)]
        self._act(self.codes[4], moment=now, place=elsewhere)
        self.assertFalse(self._watch(rule), "four are not five")
        mine.append(self._act(self.codes[5], moment=now))
        alert = self._watch(rule)
        self.assertEqual((alert.found, alert.order_id, alert.place_id), (83, self.order, self.place_a))
        self.assertEqual(alert.redemption_ids.ids, [act.id for act in reversed(mine)])
        for n in range(6, 12):
            self._act(self.codes[n], moment=now, place=elsewhere)
        alert.with_user(self.staff_manager)._dismiss("Seul lieu ouvert en août")
        self.assertFalse(self._watch(rule), "neither place has 60 %")

    def test_the_days_that_are_looked_at_end_with_the_moment_of_the_act(self):
        rule = self._rule("share", least=3, share=60, days=30)
        past = fields.Datetime.now() - timedelta(days=100)
        acts = [self._act(self.codes[n], moment=past) for n in range(3)]
        self.assertFalse(self._watch(rule))
        with clock.at(past + timedelta(days=1)):
            self.assertEqual(self._watch(rule).redemption_count, 3)
            rule._guarded_write({"seen_id": rule._last_id()})
            rule.with_user(self.staff_manager).action_look_back()
        self.assertLess(rule.seen_id, acts[0].id)

    def test_an_order_for_named_providers_is_theirs(self):
        rule = self._rule("share", least=2, share=60)
        order = self._order(quantity=5, rules=[("provider", self.provider_a)])
        for code in self._codes(order):
            self._act(code, moment=fields.Datetime.now())
        self.assertFalse(self._watch(rule))

    def test_many_sponsors_in_a_row(self):
        rule = self._rule("sponsors", least=3, minutes=10)
        third = self.env["aptic.sponsor"].create({"name": "Troisième (test)", "is_company": True})
        others = [self._codes(self._order(sponsor, quantity=5)) for sponsor in (self.sponsor_b, third)]
        self._act(self.codes[0], 0)
        acts = [self._act(self.codes[1], 30), self._act(others[0][0], 33)]
        self._act(others[1][1], 31, user=self.manager_a)
        self.assertFalse(self._watch(rule), "two sponsors a person")
        acts.append(self._act(others[1][0], 38))
        alert = self._watch(rule)
        self.assertEqual((alert.user_id, alert.found), (self.mediator_a, 3))
        self.assertEqual(alert.redemption_ids, acts[0] | acts[1] | acts[2])

    def test_serials_in_a_row_over_booklets(self):
        rule = self._rule("serials", least=4, minutes=30)
        for n in (6, 7, 8):
            self._act(self.codes[n], n)
        self.assertFalse(self._watch(rule))
        self._act(self.codes[9], 9)
        self.assertFalse(self._watch(rule), "one booklet is one person's")
        self._act(self.codes[11], 10)
        self.assertFalse(self._watch(rule), "a serial is missing")
        self._act(self.codes[10], 11)
        alert = self._watch(rule)
        self.assertEqual((alert.user_id, alert.found, alert.redemption_count), (self.mediator_a, 6, 6))

    def test_serials_hours_apart_are_no_run(self):
        rule = self._rule("serials", least=4, minutes=30)
        for n in range(8, 13):
            self._act(self.codes[n], 100 * n)
        self.assertFalse(self._watch(rule))


@tagged("post_install", "-at_install")
class TestAlert(AlertCase):
    def setUp(self):
        super().setUp()
        self.rule = self._rule("booklet", least=3, minutes=1)
        self.acts = self.env["aptic.redemption"].union(*(self._act(self.codes[n], 0, n) for n in range(3)))
        self.alert = self._watch(self.rule)

    def test_once_and_it_grows(self):
        self.assertEqual(self.alert.redemption_ids, self.acts)
        self.rule._guarded_write({"seen_id": 0})
        self.assertEqual(self._watch(self.rule), self.alert)
        fourth = self._act(self.codes[3], 0, 30)
        self.assertEqual(self._watch(self.rule), self.alert)
        self.assertEqual(self.alert.redemption_ids, self.acts | fourth)
        self.assertTrue(fourth.is_held)
        self.assertEqual(self.alert.found, 4)

    def test_only_these_lines_are_held(self):
        other = self._act(self.codes[20], 1)
        self.assertEqual(self._watch(self.rule), self.alert)
        self.assertEqual(self.acts.mapped("is_held"), [True] * 3)
        self.assertFalse(other.is_held)

    def test_dismissed_scans_are_paid_and_not_found_again(self):
        self.alert.with_user(self.staff_manager)._dismiss("Atelier de trois personnes")
        self.assertEqual(self.acts.mapped("is_held"), [False] * 3)
        self.assertRecordValues(
            self.alert,
            [{"state": "dismissed", "decided_by_id": self.staff_manager.id, "reason": "Atelier de trois personnes"}],
        )
        self.assertIn("Atelier", self.alert.message_ids[:1].body)
        self.rule._guarded_write({"seen_id": 0})
        self._act(self.codes[3], 0, 30)
        self.assertFalse(self._watch(self.rule), "one that nobody has judged is not three")

    def test_another_alert_goes_on_holding(self):
        second = self._rule("booklet", least=2, minutes=1)
        second._guarded_write({"seen_id": 0})
        other = self._watch(second)
        self.alert.with_user(self.staff_manager)._dismiss("Vu")
        self.assertEqual(self.acts.mapped("is_held"), [True] * 3)
        other.with_user(self.staff_manager)._confirm("Faux")
        self.assertEqual(self.acts.mapped("is_held"), [True] * 3)
        other.with_user(self.staff_manager)._dismiss("Vu aussi")
        self.assertEqual(self.acts.mapped("is_held"), [False] * 3)

    def test_confirmed_scans_stay_unpaid_until_they_are_cancelled(self):
        manager = self.alert.with_user(self.staff_manager)
        with self.assertRaisesRegex(UserError, "Confirm"):
            manager._cancel_scans("Faux")
        manager._confirm("Personne n'est venu")
        self.assertEqual(self.acts.mapped("is_held"), [True] * 3)
        manager._cancel_scans("Faux")
        self.assertEqual(set(self.acts.mapped("state")), {"cancelled"})
        self.assertFalse(any(self.acts.mapped("is_held")))
        self.assertEqual((self.alert.state, self.alert.redemption_count, self.alert.held), ("confirmed", 0, 0))

    def test_all_scans_of_an_alert_are_cancelled_in_rounds(self):
        manager = self.alert.with_user(self.staff_manager)
        manager._confirm("Personne n'est venu")
        with patch("odoo.addons.aptic_pos.models.aptic_alert.AT_ONCE", 2):
            manager._cancel_scans("Faux")
            self.assertEqual(sorted(self.acts.mapped("state")), ["cancelled", "cancelled", "done"])
            self.assertIn("Scans cancelled: 2 (Faux). Scans left to cancel: 1.", self.alert.message_ids[:1].body)
            manager._cancel_scans("Faux")
        self.assertEqual(set(self.acts.mapped("state")), {"cancelled"})
        self.assertNotIn("left", self.alert.message_ids[:1].body)

    def test_a_scan_that_another_one_holds_is_passed_over(self):
        manager = self.alert.with_user(self.staff_manager)
        manager._confirm("Personne n'est venu")
        model = self.env.registry["aptic.redemption"]
        held, lock = self.acts[1:], model.lock_for_update

        def locked_by_another(redemption, **how):
            if redemption in held:
                raise LockError("held")
            return lock(redemption, **how)

        with patch.object(model, "lock_for_update", locked_by_another):
            manager._cancel_scans("Faux")
            self.assertEqual(self.acts.mapped("state"), ["cancelled", "done", "done"])
            self.assertIn("Scans left to cancel: 2.", self.alert.message_ids[:1].body)
            with self.assertRaisesRegex(UserError, "Somebody else"):
                manager._cancel_scans("Faux")
        manager._cancel_scans("Faux")
        self.assertEqual(set(self.acts.mapped("state")), {"cancelled"})

    def test_who_is_watched_does_not_shed_the_hold(self):
        before = self._left()
        with self.assertRaises(StaysError) as stays:
            self.acts[0].with_user(self.manager_a)._cancel("Erreur")
        self.assertEqual(stays.exception.code, "held")
        self.assertEqual(self._left(), before)
        self.alert.with_user(self.staff_manager)._dismiss("Vu")
        self.acts[0].with_user(self.manager_a)._cancel("Erreur")
        self.assertEqual(self.acts[0].state, "cancelled")

    def _left(self):
        self.env.invalidate_all()
        held = [(act.state, act.is_held, len(act.event_ids)) for act in self.acts]
        return held, self.alert.state, self.env["aptic.voucher"].search_count([("redemption_id", "in", self.acts.ids)])

    def test_a_cancellation_that_fails_late_changes_nothing(self):
        before = self._left()
        with (
            patch.object(self.env.registry["aptic.redemption"], "_after_cancel", side_effect=LockError("held")),
            contextlib.suppress(LockError),  # as the portal does
        ):
            self.acts[0].with_user(self.staff)._cancel("Erreur")
        self.assertEqual(self._left(), before)

    def test_what_changes_in_an_alert_gives_it_a_new_version(self):
        """Two last scans cancelled at once: the second one's snapshot must not outlive the first."""

        def version():
            self.env.flush_all()
            self.cr.execute("SELECT ctid FROM aptic_alert WHERE id = %s", [self.alert.id])
            return self.cr.fetchone()

        before = version()
        self.acts[0].with_user(self.staff)._cancel("Erreur")
        self.assertNotEqual(version(), before)
        self.assertEqual(self.alert.state, "open")
        before = version()
        fourth = self._act(self.codes[3], 0, 3)
        self.assertEqual(self._watch(self.rule), self.alert)
        self.assertNotEqual(version(), before, "who puts scans in as well")
        self.assertEqual(self.alert.redemption_ids, self.acts | fourth)

    def test_an_alert_that_another_one_holds_is_not_waited_for(self):
        with self.assertRaises(LockError):
            (self.alert | self.alert.browse(2**31 - 1))._mark_changed(wait=False)

    def test_a_cancelled_scan_leaves_and_the_last_one_voids(self):
        self.acts[0].with_user(self.staff)._cancel("Erreur")
        self.assertEqual((self.alert.redemption_count, self.alert.state), (2, "open"))
        self.rule._guarded_write({"seen_id": 0})
        self._watch(self.rule)
        self.assertEqual(self.alert.redemption_count, 2)
        for act in self.acts[1:]:
            act.with_user(self.staff)._cancel("Erreur")
        self.assertEqual(self.alert.state, "void")
        self.assertFalse(self.alert.activity_ids)

    def test_a_reason_and_one_decision(self):
        manager = self.alert.with_user(self.staff_manager)
        for verb in (manager._dismiss, manager._confirm):
            with self.assertRaisesRegex(UserError, "few words"):
                verb("  ")
        manager._dismiss("Vu")
        manager._dismiss("Vu encore")
        self.assertEqual(self.alert.reason, "Vu")
        with self.assertRaisesRegex(UserError, "already"):
            manager._confirm("Faux")

    def test_only_managers_of_the_team_decide(self):
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a, self.mediator_a, self.sponsor_user_a):
            for verb in ("_dismiss", "_confirm", "_cancel_scans"):
                with self.assertRaises(AccessError):
                    getattr(self.alert.with_user(user), verb)("Moi")
        for user in (self.staff, self.reviewer, self.accountant):
            self.assertTrue(self.alert.with_user(user).story)
            with self.assertRaises(AccessError):
                self.rule.with_user(user).least = 1
        for user in (self.manager_a, self.accountant_a, self.mediator_a, self.sponsor_user_a, self.stranger):
            for record in (self.alert, self.rule):
                with self.assertRaises(AccessError):
                    record.with_user(user).read(["create_date"])
            with self.assertRaises(AccessError):
                self.acts.with_user(user).read(["alert_ids"])
        with self.assertRaises(UserError):
            self.alert.write({"state": "dismissed"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("UPDATE aptic_alert SET state = 'confirmed' WHERE id = %s", (self.alert.id,))

    def test_other_companies_neither_read_nor_decide(self):
        other = self.env["res.company"].create({"name": "Autre (test)"})
        self.staff_manager.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        alert = self.alert.with_user(self.staff_manager).with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            alert.read(["found"])
        with self.assertRaises(AccessError):
            alert._dismiss("Vu")

    def test_the_activity_is_for_somebody_who_can_open_the_alert(self):
        managers = self.env.ref("aptic_base.group_aptic_manager").all_user_ids
        other = self.env["res.company"].create({"name": "Autre (test)"})
        managers.filtered(lambda user: user != self.staff_manager).write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.alert.activity_ids.unlink()
        # The others have nothing to do, and are of another company.
        for _time in range(2):
            self.alert._open_todo("open")
        self.assertEqual(self.alert.activity_ids.user_id, self.staff_manager)
        self.staff_manager.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.alert.activity_ids.unlink()
        self.alert._open_todo("open")
        self.assertEqual(len(self.alert.activity_ids), 1)
        self.assertFalse(self.alert.activity_ids.user_id, "open to all")

    def test_managers_tune_the_figures(self):
        rule = self.rule.with_user(self.staff_manager)
        rule.write({"least": 2, "active": False})
        self.assertTrue(rule.message_ids)
        rule.active = True
        with self.assertRaises(UserError):
            rule.seen_id = 0
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            rule.minutes = 0
            rule.flush_recordset()
        with self.assertRaises(AccessError):
            rule.unlink()

    def test_look_back_finds_what_was_scanned_before_the_rule(self):
        rule = self._rule("booklet", least=2, minutes=1)
        self.assertFalse(self._watch(rule), "it begins with the next scan")
        now = fields.Datetime.now()
        for n in range(10, 13):
            self._act(self.codes[n], moment=now)
        rule._guarded_write({"seen_id": rule._last_id()})
        rule.with_user(self.staff_manager).action_look_back()
        alerts = self._watch(rule).filtered(lambda alert: alert.booklet_id == self.order.booklet_ids[1])
        self.assertEqual(alerts.redemption_count, 3)
        with self.assertRaises(AccessError):
            rule.with_user(self.staff).action_look_back()

    def test_the_team_has_a_line_and_an_activity(self):
        def count(key, user=self.staff_manager):
            queues = self.env["aptic.queue"].with_user(user).overview()
            return next((queue["count"] for queue in queues if queue["key"] == key), None)

        self.assertEqual(count("alert"), 1)
        self.assertIsNone(count("alert", self.staff))
        self.assertEqual(self.alert.activity_ids.activity_type_id, self.env.ref("aptic_pos.activity_alert"))
        action = self.alert.with_user(self.staff_manager).action_confirm()
        wizard = self.env["aptic.watch.answer"].with_user(self.staff_manager).with_context(**action["context"])
        wizard.create({"reason": "Personne"}).action_decide()
        self.assertEqual((count("alert"), count("alert_confirmed")), (0, 1))
        self.assertFalse(self.alert.activity_ids)
