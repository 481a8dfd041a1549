"""The end of an order: alerts, acknowledgement, extension, death; one inclusive last day plus a tolerance."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time
from odoo import http
from odoo.addons.base.models.ir_cron import IrCron
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .. import clock
from .common import VoucherCase

LAST = date(2030, 1, 31)
UNTIL = date(2030, 2, 28)  # with one month of tolerance


def noon(day):
    return datetime(day.year, day.month, day.day, 11)


class ExpiryCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.caf = cls.env["aptic.distributor"].create({"name": "CAF (test)", "is_company": True})
        cls.caf_user, _member = cls._member(cls.caf, "manager", "caf_manager")
        cls.order = cls._order(quantity=20, last_day=LAST, distributor_ids=cls.caf.ids)
        cls.serials = cls.env["aptic.voucher"].search([("order_id", "=", cls.order.id)]).mapped("serial")

    @classmethod
    def _block_one(cls, serial):
        """Block one voucher, as staff does when it was lost."""
        return cls.env["aptic.blocking"].sudo()._block(serial, serial, "lost", "Perdu", whole_booklets=False)

    def _states(self, order=None):
        self.env.cr.execute(
            "SELECT state, count(*) FROM aptic_voucher WHERE order_id = %s GROUP BY state", ((order or self.order).id,)
        )
        return dict(self.env.cr.fetchall())

    def _kinds(self, *kinds):
        events = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "in", kinds)])
        return [(event.kind, event.quantity, event.amount_cents) for event in events]

    def _cron(self, cron, day):
        with patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: float("inf")), freeze_time(noon(day)):
            getattr(self.env["aptic.order"], cron)()

    def _redeem(self, code, day=date(2030, 1, 15)):
        answer = (
            self.env["aptic.redemption"]
            .sudo()
            ._redeem_locked(
                self.manager_a_member, self.place_a, self.offer_a, self.everyone.browse(), [code],
                self.offer_a.price_cents, f"key {code[:10]}", noon(day), now=noon(day), strict=True,
            )
        )  # fmt: skip
        return self.env["aptic.redemption"].browse(answer["redemption_id"])


@tagged("post_install", "-at_install")
class TestExpiry(ExpiryCase):
    def test_the_last_day_of_the_tolerance_is_still_in_it(self):
        self.assertEqual(self.order.accepted_until, UNTIL)
        with clock.at(noon(UNTIL)), self.assertRaisesRegex(UserError, "accepted until"):
            self.order._expire()
        with clock.at(noon(UNTIL + timedelta(days=1))):
            self.order._expire()
        self.assertEqual((self.order.state, self._states()), ("expired", {"expired": 20}))

    def test_the_cron_waits_for_scans_made_offline_in_time(self):
        self._cron("_cron_expire", UNTIL + timedelta(days=1))
        self.assertEqual(self.order.state, "active")
        self._cron("_cron_expire", UNTIL + timedelta(days=2))
        self.assertEqual(self.order.state, "expired")

    def test_only_what_circulates_ends_and_only_once(self):
        self._redeem(self._codes(self.order)[0])
        with clock.at(noon(UNTIL + timedelta(days=1))):
            self.order._expire()
            self.order._expire()
        self.assertEqual(self._states(), {"redeemed": 1, "expired": 19})
        self.assertEqual(self._kinds("expire"), [("expire", 19, 19000)])

    def test_the_value_of_blocked_vouchers_ends_with_the_others(self):
        self._block_one(self.serials[3])
        figures = self.order._figures()[self.order.id]
        self.assertEqual((figures["active"], figures["blocked"], figures["expired"]), (19, 1, 0))
        with clock.at(noon(UNTIL + timedelta(days=1))):
            self.order._expire()
        self.assertEqual(self._states(), {"blocked": 1, "expired": 19})
        self.assertEqual(
            self._kinds("unblock", "expire"), [("unblock", 1, 1000), ("expire", 1, 1000), ("expire", 19, 19000)]
        )
        figures = self.order._figures()[self.order.id]
        self.assertEqual((figures["active"], figures["blocked"], figures["expired"]), (0, 0, 20))
        counts = self.order._counts()[self.order.id]
        self.assertEqual((counts["blocked"], counts["expired"]), (1, 19), "the paper stays blocked")
        self.assertEqual(figures["remaining_cents"], 0)


@tagged("post_install", "-at_install")
class TestReminders(ExpiryCase):
    def _told(self):
        return self.env["aptic.expiry.notice"].search([("order_id", "=", self.order.id)], order="id")

    def test_sponsor_and_distributors_are_told_30_15_and_7_days_before_once_each(self):
        told = {}
        for days in (31, 30, 29, 16, 15, 8, 7, 6, 0):
            before = self._told()
            self._cron("_cron_remind", LAST - timedelta(days=days))
            told[days] = self._told() - before
        self.assertEqual([days for days, notices in told.items() if notices], [30, 15, 7])
        self.assertEqual([notices.stage for notices in told.values() if notices], [30, 15, 7])
        message = self.order.message_ids[0]
        self.assertIn(self.sponsor_user_a.partner_id, message.notified_partner_ids)
        self.assertNotIn(self.sponsor_user_b.partner_id, message.notified_partner_ids)
        self.assertIn("20", message.body)
        self.assertIn(self.caf_user.partner_id, self.caf.message_ids[0].notified_partner_ids)
        self.assertIn(self.order.name, self.caf.message_ids[0].body)

    def test_distributors_with_booklets_are_told_with_their_own_counts(self):
        order = self._order(quantity=40, last_day=LAST)
        relays = {}
        for name in ("handed", "returned", "transit", "prepared"):
            relays[name] = relay = self.env["aptic.distributor"].create({"name": name, "is_company": True})
            lot = self.env["aptic.distribution"].create(
                {"order_id": order.id, "distributor_id": relay.id, "booklet_count": 1}
            )
            if name != "prepared":
                lot._send()
            if name in ("handed", "returned"):
                lot._receive(str(lot.serial_from), str(lot.serial_to))
                with clock.at(noon(LAST - timedelta(days=60))):
                    lot._move("inject" if name == "handed" else "return", lot.serial_from, lot.serial_to)
        self.assertEqual(order._distributors(), relays["handed"] | relays["transit"])
        self._cron("_cron_remind", LAST - timedelta(days=15))
        notice = self.env["aptic.expiry.notice"].search([("order_id", "=", order.id)])
        self.assertIn("handed", notice.told)
        self.assertNotIn("returned", notice.told)
        stock = r"\b0 (?:booklets in|carnets en) stock(?: and|,) {} (?:on the way|en route)"
        self.assertRegex(relays["handed"].message_ids[0].body, stock.format(0) + "(?:; you have handed 1|, 1 remis)")
        self.assertRegex(relays["transit"].message_ids[0].body, stock.format(1))
        self.assertNotRegex(order.message_ids[0].body, "(in|en) stock", "the sponsor reads the order's counts")
        self.assertNotIn(order.name, self.caf.message_ids[0].body or "", "has nothing of this order")

    def test_the_counts_are_those_of_the_day(self):
        self._redeem(self._codes(self.order)[0])
        self._cron("_cron_remind", LAST - timedelta(days=30))
        notice = self._told()
        self.assertEqual((notice.remaining_count, notice.remaining_cents, notice.redeemed_count), (19, 19000, 1))
        self.assertIn("CAF (test)", notice.told)

    def test_days_without_the_cron_are_made_up_for(self):
        self._cron("_cron_remind", LAST - timedelta(days=10))
        self.assertEqual(self._told().stage, 15)

    def test_nothing_is_told_of_what_was_all_used(self):
        for code in self._codes(self.order):
            self._redeem(code)
        self._cron("_cron_remind", LAST - timedelta(days=30))
        self.assertFalse(self._told())

    def test_an_extension_begins_again(self):
        self._cron("_cron_remind", LAST - timedelta(days=7))
        self.order._extend(LAST + timedelta(days=60), "Plus de temps")
        self.assertFalse(self.order._open_notices(), "they were about the day that is no longer the last")
        self._cron("_cron_remind", LAST)
        self.assertEqual(len(self._told()), 1)
        self._cron("_cron_remind", LAST + timedelta(days=30))
        self.assertEqual(self._told().mapped("stage"), [7, 30])

    @mute_logger("odoo.sql_db")
    def test_a_notice_is_never_rewritten(self):
        self._cron("_cron_remind", LAST - timedelta(days=30))
        notice = self._told()
        notice.with_user(self.sponsor_user_a).sudo()._acknowledge()
        self.assertEqual(notice.acknowledged_by_id, self.sponsor_user_a)
        first = notice.acknowledged_at
        with freeze_time(noon(LAST)):
            notice.with_user(self.accountant).sudo()._acknowledge()
        self.assertEqual((notice.acknowledged_at, notice.acknowledged_by_id), (first, self.sponsor_user_a))
        for values in ({"remaining_count": 3}, {"acknowledged_at": False}):
            with self.assertRaises(UserError):
                notice.write(values)
            with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
                notice._guarded_write(values)
                self.env.flush_all()
            self.env.invalidate_all()
        with self.assertRaises(UserError):
            notice.unlink()

    def test_who_reads_notices(self):
        self._cron("_cron_remind", LAST - timedelta(days=30))
        notices = self.env["aptic.expiry.notice"]
        for user, count in ((self.sponsor_user_a, 1), (self.staff, 1), (self.sponsor_user_b, 0), (self.manager_a, 0)):
            found = notices.with_user(user).search([("order_id", "=", self.order.id)])
            self.assertEqual(len(found), count, user.login)
        for user in (self.sponsor_user_a, self.staff, self.staff_manager):
            with self.assertRaises(UserError):
                self._told().with_user(user).write({"acknowledged_at": noon(LAST)})


@tagged("post_install", "-at_install")
class TestExtension(ExpiryCase):
    LATER = date(2030, 6, 30)

    def test_before_the_last_day(self):
        extension = self.order.with_user(self.staff)._extend(self.LATER, "  Demande du\n CCAS ")
        self.assertEqual((self.order.last_day, self.order.accepted_until), (self.LATER, date(2030, 7, 30)))
        self.assertRecordValues(
            extension,
            [
                {
                    "from_day": LAST, "to_day": self.LATER, "reason": "Demande du CCAS", "user_id": self.staff.id,
                    "revived_count": 0, "revived_cents": 0,
                }
            ],
        )  # fmt: skip
        event = self.env["aptic.event"].search([("order_id", "=", self.order.id), ("kind", "=", "extend")])
        self.assertEqual((event.quantity, event.user_id), (20, self.staff))
        self.assertIn("Demande du CCAS", event.reason)
        self.assertFalse(self._kinds("revive"))
        self.assertIn(self.sponsor_user_a.partner_id, self.order.message_ids.notified_partner_ids)
        self.assertIn(self.caf_user.partner_id, self.caf.message_ids.notified_partner_ids)
        self._redeem(self._codes(self.order)[0], date(2030, 7, 30))

    def test_after_the_end_vouchers_are_valid_again_but_not_the_blocked_ones(self):
        codes = self._codes(self.order)
        self._redeem(codes[0])
        self._block_one(self.serials[3])
        with clock.at(noon(UNTIL + timedelta(days=1))):
            self.order._expire()
            extension = self.order._extend(self.LATER, "Crise sanitaire")
        self.assertEqual((self.order.state, self._states()), ("active", {"redeemed": 1, "blocked": 1, "active": 18}))
        self.assertEqual((extension.revived_count, extension.revived_cents), (18, 18000))
        self.assertEqual(
            self._kinds("expire", "revive"), [("expire", 1, 1000), ("expire", 18, 18000), ("revive", 18, 18000)]
        )
        figures = self.order._figures()[self.order.id]
        self.assertEqual((figures["active"], figures["expired"], figures["remaining_cents"]), (18, 1, 18000))
        self._redeem(codes[1], self.LATER)
        with clock.at(noon(date(2030, 7, 31))):
            self.order._expire()
        self.assertEqual(self._kinds("expire")[2:], [("expire", 17, 17000)])

    def test_many_orders_at_once_or_none(self):
        other = self._order(self.sponsor_b, last_day=LAST)
        wizard = self.env["aptic.extend"].with_user(self.staff).with_context(active_ids=(self.order | other).ids)
        wizard.create({"to_day": self.LATER, "reason": "Confinement"}).action_extend()
        self.assertEqual((self.order | other).mapped("last_day"), [self.LATER] * 2)
        third = self._order(last_day=self.LATER + timedelta(days=30))
        wizard = wizard.with_context(active_ids=(self.order | third).ids)
        with self.assertRaisesRegex(UserError, third.name), self.env.cr.savepoint():
            wizard.create({"to_day": self.LATER + timedelta(days=1), "reason": "Encore"}).action_extend()
        self.assertEqual(self.order.last_day, self.LATER)

    def test_what_is_no_extension_is_refused_in_words(self):
        draft, cancelled = self._order(state="draft"), self._order(state="cancelled")
        closed = self.order.copy()
        closed._guarded_write({"state": "closed"})
        for order, day, reason, message in (
            (self.order, LAST, "Non", "already"),
            (self.order, date(2020, 1, 1), "Non", "future"),
            (self.order, date(2060, 1, 1), "Non", "ten years"),
            (self.order, self.LATER, "   ", "why"),
            (self.order, None, "Oui", "future"),
            (draft, self.LATER, "Oui", "cannot be extended"),
            (cancelled, self.LATER, "Oui", "cannot be extended"),
            (closed, self.LATER, "Oui", "cannot be extended"),
        ):
            with self.subTest(message), self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                order._extend(day, reason)
        self.assertFalse(self.order.extension_ids)

    def test_who_extends(self):
        wizard = self.env["aptic.extend"]
        for user in (self.sponsor_user_a, self.manager_a, self.caf_user, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                wizard.with_user(user).create({"order_ids": self.order.ids, "to_day": self.LATER, "reason": "x"})
        with self.assertRaises(UserError):
            self.order.with_user(self.staff_manager).write({"last_day": self.LATER})
        wizard = wizard.with_user(self.staff).create(
            {"order_ids": self.order.ids, "to_day": self.LATER, "reason": "Demande écrite"}
        )
        wizard.action_extend()
        self.assertEqual(self.order.last_day, self.LATER)

    @mute_logger("odoo.sql_db")
    def test_the_trace_is_written_once(self):
        extension = self.order._extend(self.LATER, "Demande écrite")
        with self.assertRaises(UserError):
            extension.write({"reason": "Autre"})
        with self.assertRaises(UserError):
            extension.unlink()
        for statement in ("UPDATE aptic_extension SET reason = 'x'", "DELETE FROM aptic_extension"):
            with self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(statement)
        for user, count in ((self.sponsor_user_a, 1), (self.staff, 1), (self.sponsor_user_b, 0), (self.manager_a, 0)):
            found = extension.with_user(user).search([("order_id", "=", self.order.id)])
            self.assertEqual(len(found), count, user.login)


@tagged("post_install", "-at_install")
class TestExpiryPage(ExpiryCase, HttpCase):
    def _post(self, url):
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self)}, allow_redirects=False)

    def test_the_sponsor_acknowledges(self):
        self._cron("_cron_remind", LAST - timedelta(days=30))
        notice = self.order.notice_ids
        url = f"/my/aptic/orders/{self.order.id}"
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.caf_user, self.manager_a):
            user.password = user.login
        for user in (self.sponsor_user_b, self.caf_user, self.manager_a):
            self.authenticate(user.login, user.login)
            self.assertEqual(self._post(f"{url}/acknowledge").status_code, 403)
        self.assertFalse(notice.acknowledged_at)
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        self.assertIn("o_aptic_ending", self.url_open(url).text)
        self.assertEqual(self._post(f"{url}/acknowledge").status_code, 303)
        self.assertEqual(notice.acknowledged_by_id, self.sponsor_user_a)
        self.assertEqual(self._post(f"{url}/acknowledge").status_code, 303)
        self.assertNotIn("o_aptic_ending", self.url_open(url).text)
        self.order._extend(LAST + timedelta(days=30), "Demande écrite")
        self.assertIn("Demande écrite", self.url_open(url).text)
