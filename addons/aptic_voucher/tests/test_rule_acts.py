"""Each kind of rule at the desk: an act that it allows, one that it refuses, and what the person is told."""

from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..days import paris_day
from .test_redemption import RedemptionCase


@tagged("post_install", "-at_install")
class TestRuleActs(RedemptionCase):
    def _with(self, *rules, quantity=10):
        """The codes of an active order with these rules."""
        return self._codes(self._order(quantity=quantity, rules=rules))

    def _peek(self, codes):
        member = self.mediator_a.aptic_member_ids[:1]
        return self.env["aptic.redemption"].with_user(self.mediator_a)._peek(member, self.place_a, codes)

    def _done(self, codes, **change):
        answer = self._scan(codes, **change)
        self.assertEqual(answer["status"], "done", answer["message_args"])

    # -------------------------------------------------------------- providers
    def test_an_excluded_provider_is_refused_and_others_are_not(self):
        told = self._refused("provider", self._with(("excluded_provider", self.provider_a))[:1])
        self.assertEqual((told["reason"], told["kind"]), ("rule", "excluded_provider"))
        self._done(self._with(("excluded_provider", self.provider_b))[:1])

    # -------------------------------------------------------------------- days
    def test_dates(self):
        today = paris_day(self.now)
        day = timedelta(days=1)
        for first, last in ((today, today), (False, today), (today, False), (today - day, today + day)):
            with self.subTest(first=first, last=last):
                self._done(self._with(("dates", {"date_from": first, "date_until": last}), quantity=5)[:1])
        for first, last in ((today + day, False), (False, today - day)):
            with self.subTest(first=first, last=last):
                codes = self._with(("dates", {"date_from": first, "date_until": last}), quantity=5)
                told = self._refused("dates", codes[:1])
                self.assertEqual(
                    (told["from"], told["until"]), tuple(str(one) if one else None for one in (first, last))
                )
                self.assertEqual(self._peek(codes[:1])["status"], "dates")

    def test_the_day_is_that_of_paris_at_the_desk(self):
        late = datetime(2030, 3, 31, 22, 30)  # April 1st in Paris
        rules = [("dates", {"date_until": "2030-03-31"})]
        codes = self._codes(self._order(quantity=5, rules=rules, last_day=date(2030, 12, 31)))
        self._refused("dates", codes[:1], now=late, client_time=late)
        self._done(codes[:1], now=late, client_time=late - timedelta(minutes=31))

    def test_weekdays(self):
        today = paris_day(self.now)
        names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        this, next_ = names[today.weekday()], names[(today.weekday() + 1) % 7]
        self._done(self._with(("weekdays", {f"on_{this}": True, f"on_{next_}": True}), quantity=5)[:1])
        codes = self._with(("weekdays", {f"on_{next_}": True}), quantity=5)
        told = self._refused("weekdays", codes[:1])
        self.assertEqual(told["names"], [self.env["aptic.place"]._day_names()[(today.weekday() + 1) % 7]])
        self.assertEqual(self._peek(codes[:1])["status"], "weekdays")

    # ------------------------------------------------------------------ prices
    def test_highest_price(self):
        self.offer_a.price_cents = 1500
        codes = self._with(("max_price", {"max_price_cents": 1500}), quantity=5)
        self._done(codes[:1], price_cents=1500)
        self.offer_a.price_cents = 1501
        self.assertEqual(self._refused("max_price", codes[1:2], price_cents=1501)["cents"], 1500)
        self._refused("max_price", codes[1:2], price_cents=1500)

    def test_a_look_offers_services_up_to_the_highest_price(self):
        self.offer_a.price_cents = 1500
        dear = self._offer(self.provider_a, self.other_service, 1501)
        answer = self._peek(self._with(("max_price", {"max_price_cents": 1500}), quantity=5)[:1])
        self.assertEqual((answer["status"], answer["offer_ids"]), ("ok", [self.offer_a.id]))
        dear.price_cents = 900
        answer = self._peek(self._with(("max_price", {"max_price_cents": 1500}), quantity=5)[:1])
        self.assertEqual(answer["offer_ids"], (self.offer_a | dear).ids)

    def test_nothing_left_to_pay(self):
        self.offer_a.price_cents = 1200
        codes = self._with(("no_copay", {}))
        self.assertEqual(self._peek(codes[:1])["status"], "ok")
        self._refused("no_copay", codes[:1], price_cents=1200)
        self._done(codes[:2], price_cents=1200)

    # ----------------------------------------------------------- booklet and day
    def test_maximum_of_a_booklet_in_a_day(self):
        codes = self._with(("max_per_day", {"max_count": 2}), quantity=20)
        self._done(codes[:1])
        self.offer_a.price_cents = 2000
        told = self._refused("max_per_day", codes[1:3], price_cents=2000)
        self.assertEqual(told["count"], 2)
        self.assertEqual(self._peek(codes[1:3])["status"], "max_per_day")
        self._done([codes[1], codes[10]], price_cents=2000)
        self.assertEqual(self._peek(codes[2:3])["status"], "max_per_day")
        self.offer_a.price_cents = 1000
        self._refused("max_per_day", codes[2:3])
        self._done(codes[11:12])

    def test_another_day_begins_the_count_anew(self):
        codes = self._with(("max_per_day", {"max_count": 1}))
        yesterday = self.now - timedelta(days=1)
        self._done(codes[:1], now=yesterday, client_time=yesterday)
        self._refused("max_per_day", codes[1:2], now=yesterday, client_time=yesterday)
        self._done(codes[1:2])
        self._refused("max_per_day", codes[2:3])

    def test_an_act_counts_on_the_day_at_the_desk(self):
        """A queue that is sent the next day counts for the day on which its vouchers were scanned."""
        codes = self._with(("max_per_day", {"max_count": 1}))
        self._done(codes[:1], client_time=self.now - timedelta(hours=24))
        self._done(codes[1:2])
        self._refused("max_per_day", codes[2:3])

    def test_a_cancelled_act_does_not_count(self):
        codes = self._with(("max_per_day", {"max_count": 1}))
        answer = self._scan(codes[:1])
        self._refused("max_per_day", codes[1:2])
        self.env["aptic.redemption"].browse(answer["redemption_id"])._cancel("Not given")
        self._done(codes[1:2])

    def test_only_a_counted_booklet_gets_a_new_version(self):
        """What makes two acts on one booklet meet; see tests/test_rule_concurrency.py."""

        def version(code):
            self.env.cr.execute("SELECT xmin::text, ctid::text FROM aptic_booklet WHERE serial <= %s"
                                " ORDER BY serial DESC LIMIT 1", [int(code[:10])])  # fmt: skip
            return self.env.cr.fetchone()

        counted, plain = self._with(("max_per_day", {"max_count": 3})), self.codes
        before = version(counted[0]), version(plain[0])
        self._done(counted[:1])
        self._done(plain[:1])
        self.assertNotEqual(version(counted[0]), before[0])
        self.assertEqual(version(plain[0]), before[1])

    # ------------------------------------------------------------------- rows
    def test_every_kind_freezes_in_the_form_of_the_engine(self):
        order = self._order(
            state="confirmed",
            rules=[
                ("excluded_provider", self.provider_a | self.provider_b),
                ("dates", {"date_from": "2027-01-01"}),
                ("weekdays", {"on_wednesday": True, "on_saturday": True}),
                ("max_price", {"max_price": 15.5}),
                ("no_copay", {}),
                ("max_per_day", {"max_count": 2}),
            ],
        )
        self.assertEqual(
            order.frozen_rules,
            [
                {"kind": "dates", "from": "2027-01-01", "until": None},
                {"kind": "excluded_provider", "ids": sorted((self.provider_a | self.provider_b).ids)},
                {"kind": "max_per_day", "count": 2},
                {"kind": "max_price", "cents": 1550},
                {"kind": "no_copay"},
                {"kind": "weekdays", "days": [3, 6]},
            ],
        )
        self.assertTrue(all(order.rule_ids.mapped("summary")))

    def test_a_copied_order_has_the_same_rules(self):
        order = self._order(
            state="draft", rules=[("weekdays", {"on_sunday": True}), ("max_price", {"max_price_cents": 900})]
        )
        self.assertEqual(order.copy().rule_ids._freeze(), order.rule_ids._freeze())

    def test_rows_frozen_before_there_were_other_kinds_keep_their_meaning(self):
        order = self._order(rules=[("territory", self.bordeaux._region()), ("audience", self.everyone)])
        old = [
            {"kind": "audience", "ids": self.everyone.ids},
            {"kind": "territory", "ids": self.bordeaux._region().ids},
        ]
        self.assertEqual(order.frozen_rules, old)
        self._done(self._codes(order)[:1])

    def test_a_rule_without_a_value_is_refused(self):
        for kind, values in (
            ("dates", {}),
            ("weekdays", {}),
            ("max_price", {}),
            ("max_per_day", {}),
            ("excluded_provider", {"provider_ids": [Command.clear()]}),
            ("dates", {"date_from": "2027-02-01", "date_until": "2027-01-01"}),
        ):
            with self.subTest(kind=kind, **values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._order(state="draft", rules=[(kind, values)])

    def test_rows_that_make_no_sense_refuse_and_are_explained(self):
        explain = self.env["aptic.redemption"]._explain
        for rule in ({"kind": "territory", "ids": "x"}, {"kind": "dates", "from": 7, "until": None}, {"kind": ""}):
            with self.subTest(rule=rule):
                told = explain({"reason": "rule", "serial": 1, "rule": rule})
                self.assertEqual((told["kind"], told["names"]), ("", []))

    def test_other_kinds_freeze_too(self):
        order = self._order(state="confirmed", rules=[("max_price", {"max_price_cents": 900})])
        with self.assertRaises(UserError):
            order.rule_ids.max_price_cents = 9000
        self.assertGreater(order.last_day, fields.Date.today())
