"""Which places and services qualify: the SQL and the rule engine agree, and each reader sees what is public."""

import json
import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .. import rules
from .common import VoucherCase

KINDS = ("territory", "place_type", "level", "category", "service", "audience", "provider", "excluded_provider")


class QualifyingCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["aptic.order"]
        cls.today = fields.Date.today()

    def _found(self, rows, last_day=None):
        """Ids of the places and the services that qualify, as the back office searches them."""
        order = self._order(state="draft", last_day=last_day or self.today + timedelta(days=30), tolerance_months=0)
        self.patch(type(order), "_rule_rows", lambda _self: rows)
        domain = [("accepting_order_id", "=", order.id)]
        return tuple(set(self.env[model].search(domain).ids) for model in ("aptic.place", "aptic.offer"))


@tagged("post_install", "-at_install")
class TestQualifying(QualifyingCase):
    def test_without_rules_the_whole_catalogue_qualifies(self):
        counts = self.orders._qualifying_counts([])
        places, offers = self._found([])
        self.assertLessEqual({self.place_a.id, self.place_b.id}, places)
        self.assertLessEqual({self.offer_a.id, self.offer_b.id}, offers)
        self.assertEqual((counts["places"], counts["offers"]), (len(places), len(offers)))

    def test_a_rule_leaves_what_it_accepts(self):
        for kind, values, places, offers in (
            ("territory", self.bordeaux, self.place_a, self.offer_a),
            ("territory", self.bordeaux._region(), self.place_a, self.offer_a),
            ("place_type", self.fablab, self.place_b, self.offer_b),
            ("category", self.category, self.place_a, self.offer_a),
            ("service", self.other_service, self.place_b, self.offer_b),
            ("provider", self.provider_a, self.place_a, self.offer_a),
            ("max_price", {"max_price_cents": 1000}, self.place_a, self.offer_a),
        ):
            with self.subTest(kind):
                order = self._order(
                    state="draft", rules=[(kind, values), ("provider", self.provider_a | self.provider_b)]
                )
                action = order.action_open_qualifying_places()
                self.assertEqual(self.env[action["res_model"]].search(action["domain"]), places)
                action = order.action_open_qualifying_offers()
                self.assertEqual(self.env[action["res_model"]].search(action["domain"]), offers)
                self.assertEqual((order.qualifying_place_count, order.qualifying_offer_count), (1, 1))
                self.assertEqual(order.qualifying_provider_count, 1)

    def test_an_excluded_provider_and_an_audience(self):
        both = ("provider", self.provider_a | self.provider_b)
        order = self._order(state="draft", rules=[both, ("excluded_provider", self.provider_a)])
        self.assertEqual(self.env["aptic.place"].search([("accepting_order_id", "=", order.id)]), self.place_b)
        order = self._order(state="draft", rules=[both, ("audience", self.seniors)])
        self.assertEqual(order.qualifying_offer_count, 2)
        both_audiences = [("audience", self.seniors), ("audience", self.everyone)]
        self.assertEqual(self._order(state="draft", rules=[both, *both_audiences]).qualifying_offer_count, 0)
        self.offer_a.audience_ids = self.everyone
        order.invalidate_recordset()
        self.assertEqual(order.qualifying_offer_count, 1)
        self.offer_a.audience_ids |= self.seniors
        order.invalidate_recordset()
        self.assertEqual(order.qualifying_offer_count, 2)

    def test_what_the_public_does_not_see_does_not_count(self):
        order = self._order(state="draft", rules=[("provider", self.provider_a)])
        today, day = self.today, timedelta(days=1)

        def counts():
            order.invalidate_recordset()
            return order.qualifying_place_count, order.qualifying_offer_count

        self.assertEqual(counts(), (1, 1))
        for record, vals, undo in (
            (self.place_a, {"active": False}, {"active": True}),
            (self.place_a, {"open_from": today + day}, {"open_from": False}),
            (self.place_a, {"open_until": today - day}, {"open_until": False}),
            (self.place_a, {"presence": "convention"}, {"presence": "place"}),
            (self.offer_a, {"active": False}, {"active": True}),
            (self.service, {"active": False}, {"active": True}),
        ):
            with self.subTest(**vals):
                record.write(vals)
                self.assertEqual(counts(), (0, 0))
                record.write(undo)
                self.assertEqual(counts(), (1, 1))
        self.provider_a._guarded_write({"state": "suspended"})
        self.assertEqual(counts(), (0, 0))

    def test_rules_that_no_day_agrees_with_leave_nothing(self):
        monday = self.today + timedelta(days=7 - self.today.weekday())
        for rows, expected in (
            ([{"kind": "dates", "from": str(monday), "until": str(monday)}, {"kind": "weekdays", "days": [1]}], True),
            ([{"kind": "dates", "from": str(monday), "until": str(monday)}, {"kind": "weekdays", "days": [2]}], False),
            ([{"kind": "dates", "from": None, "until": str(self.today - timedelta(days=1))}], False),
            ([{"kind": "dates", "from": str(self.today + timedelta(days=31)), "until": None}], False),
            ([{"kind": "moon", "ids": [1]}], False),
            ([{"kind": "service", "ids": []}], False),
            ([{"kind": "max_per_day", "count": 0}], False),
            ([{"kind": "max_per_day", "count": 1}, {"kind": "no_copay"}], True),
        ):
            with self.subTest(rows=rows):
                places, offers = self._found(rows)
                self.assertEqual((self.place_a.id in places, self.offer_a.id in offers), (expected, expected))

    def test_sql_and_engine_agree_over_random_data(self):
        chance = random.Random(20261129)
        communes = self.env["aptic.territory"].search([("kind", "=", "commune")], limit=40).filtered("epci_id")[:8]
        communes |= self.bordeaux | self.pau | self.lyon
        areas = self.env["aptic.territory"].browse(sorted({one for town in communes for one in town._ancestor_ids()}))
        types, audiences = self.library | self.fablab, self.everyone | self.seniors
        services = self.service | self.other_service | self.env["aptic.service"].search([], limit=4)
        providers = self.provider_a | self.provider_b
        places = self.place_a | self.place_b
        for number in range(16):
            provider = chance.choice(providers)
            places |= self._place(provider, f"Lieu {number}", chance.choice(communes), chance.choice(types))
        offers = self.offer_a | self.offer_b
        for _number in range(24):
            provider = chance.choice(providers)
            some = chance.sample(provider.place_ids.ids, chance.choice([0, 0, 1, 2]))
            offers |= self._offer(
                provider,
                chance.choice(services),
                chance.choice([900, 1000, 1200, 2000]),
                self.env["aptic.place"].browse(some),
                audience_ids=[Command.set(chance.sample(audiences.ids, chance.choice([0, 1, 2])))],
            )
        values = {
            "territory": areas, "place_type": types, "level": services.level_id, "category": services.category_id,
            "service": services, "audience": audiences, "provider": providers, "excluded_provider": providers,
        }  # fmt: skip
        window = [self.today + timedelta(number) for number in range(31)]
        seen = set()
        for _round in range(60):
            rows = []
            for kind in chance.choices(KINDS, k=chance.choice([0, 1, 1, 2, 3])):
                ids = values[kind].ids
                rows.append({"kind": kind, "ids": chance.sample(ids, chance.randint(1, max(1, len(ids) // 2)))})
            if chance.random() < 0.4:
                rows.append({"kind": "max_price", "cents": chance.choice([950, 1000, 1500])})
            if chance.random() < 0.3:
                first = chance.choice(window)
                rows.append(
                    {"kind": "dates", "from": str(first), "until": str(first + timedelta(chance.randint(0, 3)))}
                )
            if chance.random() < 0.3:
                rows.append({"kind": "weekdays", "days": chance.sample(range(1, 8), 2)})
            rows += chance.sample([{"kind": "no_copay"}, {"kind": "max_per_day", "count": 1}], chance.choice([0, 0, 1]))
            expected = self._by_engine(rows, providers, audiences, window)
            found = self._found(rows)
            ours = found[0] & set(places.ids), found[1] & set(offers.ids)
            self.assertEqual(ours, expected, rows)
            seen.add(tuple(map(len, expected)))
            both = [*rows, {"kind": "provider", "ids": providers.ids}]
            counts = self.orders._qualifying_counts(both, window[-1])
            self.assertEqual((counts["places"], counts["offers"]), tuple(map(len, expected)), rows)
            listed = self.orders._qualifying_page(both, window[-1], limit=100)
            self.assertEqual(len(listed), counts["places"])
        self.assertGreater(len(seen), 10, "the rules left different sets")

    def _by_engine(self, rows, providers, audiences, window):
        """The same, one act after the other."""
        places, offers = set(), set()
        for provider in providers:
            for place in provider.place_ids:
                for offer in provider.offer_ids:
                    if offer.place_ids and place not in offer.place_ids:
                        continue
                    for audience in offer.audience_ids or audiences:
                        facts = (
                            rules.Facts(
                                place.territory_id._ancestor_ids(), place.type_id.id, offer.level_id.id,
                                offer.category_id.id, offer.service_id.id, audience.id, provider.id,
                                day, offer.price_cents, 20000, 1,
                            )
                            for day in window
                        )  # fmt: skip
                        if any(not rules.refusing(rows, fact) for fact in facts):
                            places.add(place.id)
                            offers.add(offer.id)
        return places, offers

    def test_the_list_has_pages_with_services_and_prices(self):
        for number in range(12):
            self._place(self.provider_a, f"Salle {number:02d}", self.pau, self.library)
        rows = [{"kind": "provider", "ids": self.provider_a.ids}]
        first, second = (self.orders._qualifying_page(rows, offset=offset) for offset in (0, 10))
        self.assertEqual((len(first), len(second)), (10, 3))
        self.assertEqual(first[0]["name"], "Lieu A")  # Bordeaux comes before Pau
        self.assertEqual(
            {key: first[1][key] for key in ("name", "town", "provider", "more")},
            {"name": "Salle 00", "town": "Pau", "provider": self.provider_a.name, "more": 0},
        )
        self.assertEqual([offer["name"] for offer in first[1]["offers"]], [self.offer_a.name])
        answer = self.orders._qualifying_answer(rows, page=99)
        self.assertEqual((answer["page"], answer["pages"], len(answer["places"])), (2, 2, 3))

    def test_the_form_of_staff_counts_on_every_change(self):
        form = Form(self.orders.with_user(self.staff))
        form.sponsor_id = self.sponsor_a
        form.last_day = self.today + timedelta(days=90)
        everything = form.qualifying_place_count
        with form.rule_ids.new() as rule:
            rule.kind = "provider"
            rule.provider_ids.add(self.provider_a)
        self.assertEqual(form.qualifying_place_count, 1)
        self.assertGreater(everything, 1)
        form.rule_ids.remove(0)
        self.assertEqual(form.qualifying_place_count, everything)

    def test_frozen_rules_count_once_they_are_frozen(self):
        order = self._order(state="confirmed", rules=[("provider", self.provider_a)])
        self.assertEqual(order.qualifying_place_count, 1)

    def test_only_who_reads_an_order_searches_by_it(self):
        order = self._order(state="draft")
        for user in (self.sponsor_user_b, self.manager_a, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["aptic.place"].with_user(user).search([("accepting_order_id", "=", order.id)])
        self.assertTrue(self.env["aptic.place"].with_user(self.staff).search([("accepting_order_id", "=", order.id)]))

    def test_one_statement_counts(self):
        rows = [
            {"kind": "territory", "ids": self.bordeaux._region().ids},
            {"kind": "audience", "ids": self.seniors.ids},
        ]
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.orders._qualifying_counts(rows)

    def test_a_page_of_the_list_costs_the_same_for_many_places(self):
        self._qualifying_cost()
        one = self._qualifying_cost()
        for number in range(9):
            self._place(self.provider_a, f"Annexe {number}", self.bordeaux, self.library)
        self.assertEqual(self._qualifying_cost(), one)

    def _qualifying_cost(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.orders._qualifying_page([{"kind": "provider", "ids": self.provider_a.ids}])
        return self.env.cr.sql_log_count - before

    def test_counts_are_in_the_singular_and_the_plural(self):
        for counts, sentence in (
            ((1, 1, 1), "The vouchers are taken in 1 place (1 organisation), for 1 service."),
            ((2, 1, 3), "The vouchers are taken in 2 places (1 organisation), for 3 services."),
            ((0, 0, 0), "No place would take these vouchers today."),
        ):
            figures = dict(zip(("places", "providers", "offers"), counts, strict=True))
            self.assertEqual(self.orders._qualifying_sentence(figures), sentence)


@tagged("post_install", "-at_install")
class TestQualifyingPortal(QualifyingCase, HttpCase):
    def setUp(self):
        super().setUp()
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger):
            user.password = user.login

    def _ask(self, user=None, **params):
        if user:
            self.authenticate(user.login, user.login)
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params})
        answer = self.url_open("/my/aptic/orders/qualifying", data=body, headers={"Content-Type": "application/json"})
        return answer.json()

    def _form(self, **change):
        return {"provider": [], "last_day": str(self.today + timedelta(days=90)), **change}

    def test_a_sponsor_sees_what_its_form_leaves(self):
        self._place(self.provider_a, "Autre", self.pau, self.library)
        for form, names in (
            ({"territory": [str(self.bordeaux.id)], "place_type": [str(self.library.id)]}, ["Lieu A"]),
            ({"territory": [str(self.pau.id)], "place_type": [str(self.library.id)]}, ["Autre"]),
            ({"territory": [str(self.lyon.id)], "place_type": [str(self.library.id)]}, []),
            ({"category": [str(self.category.id)], "max_price": "9,99"}, []),
            ({"category": [str(self.category.id)], "max_price": "10"}, ["Lieu A", "Autre"]),
        ):
            with self.subTest(form=form):
                answer = self._ask(self.sponsor_user_a, form=self._form(**form))["result"]
                self.assertEqual([place["name"] for place in answer["places"]], names)
                self.assertEqual(bool(answer["advice"]), not names)

    def test_what_cannot_be_read_gets_a_sentence(self):
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        for form in (
            {"max_price": "cher"},
            {"territory": ["99999999"]},
            {"date_from": "2027-02-30"},
            {"date_from": "2027-02-02", "date_until": "2027-02-01"},
            {"weekday": ["8"]},
            {"max_count": "0"},
            {"provider": ["99999999"]},
        ):
            with self.subTest(form=form):
                self.assertTrue(self._ask(form=self._form(**form))["result"]["error"])
        for params in ({"form": {"territory": "x", "max_price": 7, "weekday": [{}, None]}, "page": "x"}, {"form": []},
                       {"form": self._form(last_day="9999-12-31", date_from="9999-12-30")}, {"form": {"level": [None]}},
                       {"form": self._form(), "page": -5, "order_id": "no"}, {}):  # fmt: skip
            with self.subTest(params=params):
                self.assertNotIn("Traceback", json.dumps(self._ask(**params)))

    def test_only_members_of_sponsors_ask_and_only_about_their_orders(self):
        order = self._order(state="confirmed", rules=[("provider", self.provider_a)])
        for user in (self.manager_a, self.stranger):
            self.assertEqual(list(self._ask(user, form=self._form())["result"]), ["error"])
        self.assertEqual(list(self._ask(self.sponsor_user_b, order_id=order.id)["result"]), ["error"])
        answer = self._ask(self.sponsor_user_a, order_id=order.id)["result"]
        self.assertEqual([place["name"] for place in answer["places"]], ["Lieu A"])
        self.authenticate(None, None)
        self.assertIn("error", self._ask(form=self._form()))

    def test_rules_of_staff_count_in_the_form_of_a_draft(self):
        twice = [("provider", self.provider_a), ("provider", self.provider_a | self.provider_b)]
        order = self._order(state="draft", rules=[*twice, ("place_type", self.fablab)])
        answer = self._ask(self.sponsor_user_a, order_id=order.id, form=self._form())["result"]
        self.assertEqual([place["name"] for place in answer["places"]], ["Lieu A"])

    def test_a_sponsor_orders_with_conditions_and_sees_places_while_typing(self):
        self.start_tour("/my/aptic/orders/new", "aptic_order_rules", login=self.sponsor_user_a.login)
        order = self.orders.search([("sponsor_id", "=", self.sponsor_a.id)], limit=1)
        rows = [row for row in order.rule_ids._freeze() if row["kind"] not in ("territory", "place_type")]
        self.assertEqual(
            rows,
            [
                {"kind": "max_per_day", "count": 2},
                {"kind": "max_price", "cents": 1500},
                {"kind": "no_copay"},
                {"kind": "weekdays", "days": [3, 6]},
            ],
        )
        self.assertEqual(order.rule_ids.territory_ids, self.bordeaux)
