"""What a sponsor searches for by name in its form: services, organisations, and who may hand the booklets out."""

import json
from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .. import rules
from .common import VoucherCase


class ValuesCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.relay_a, cls.relay_b = (
            cls.env["aptic.distributor"].create({"name": f"Relais {letter} (test)", "city": "Pau", "is_company": True})
            for letter in "AB"
        )
        cls.relay_b.territory_id = cls.bordeaux
        cls.orders = cls.env["aptic.order"]

    @classmethod
    def _every_kind(cls):
        """Values of one rule of each kind."""
        rules = [
            ("territory", "territory_ids", cls.bordeaux),
            ("place_type", "place_type_ids", cls.library),
            ("level", "level_ids", cls.category.level_id),
            ("category", "category_ids", cls.category),
            ("service", "service_ids", cls.other_service),
            ("audience", "audience_ids", cls.seniors),
            ("provider", "provider_ids", cls.provider_a),
            ("excluded_provider", "provider_ids", cls.provider_b),
        ]
        return [
            *({"kind": kind, name: [Command.set(records.ids)]} for kind, name, records in rules),
            {"kind": "dates", "date_from": fields.Date.today()},
            {"kind": "weekdays", "on_monday": True},
            {"kind": "max_price", "max_price_cents": 1200},
            {"kind": "no_copay"},
            {"kind": "max_per_day", "max_count": 2},
        ]


@tagged("post_install", "-at_install")
class TestQuotedRules(ValuesCase):
    def test_a_copy_has_every_kind_of_rule(self):
        order = self._order(
            state="draft",
            rule_ids=[Command.create(vals) for vals in self._every_kind()],
            allotment_ids=[Command.create({"territory_id": self.pau.id, "booklet_limit": 1})],
        )
        copy = order._copy_request()
        rows = copy.rule_ids._freeze()
        self.assertEqual(rows, order.rule_ids._freeze())
        self.assertEqual({row["kind"] for row in rows}, set(rules.KINDS))
        self.assertEqual(copy.allotment_ids.mapped("summary"), order.allotment_ids.mapped("summary"))

    def test_whatever_changes_the_quote_is_of_another_order(self):
        order = self._order(state="draft")
        seen = {order._quote_fingerprint()}
        changes = self._every_kind()
        self.assertEqual({change["kind"] for change in changes}, set(rules.KINDS))
        address = {"name": "Mairie", "street": "1 rue des Lilas", "zip": "64000", "city": "Pau", "booklets": 1}
        vals_list = [{"rule_ids": [Command.create(change)]} for change in changes]
        vals_list += [
            {"delivery_ids": [Command.create(address)]},
            {"point_ids": [Command.create({"name": "CCAS"})]},
            {"allotment_ids": [Command.create({"distributor_id": self.relay_a.id})]},
            {"allotment_ids": [Command.create({"territory_id": self.pau.id, "booklet_limit": 1})]},
        ]
        for vals in vals_list:
            with self.subTest(vals=vals):
                order.write(vals)
                fingerprint = order._quote_fingerprint()
                self.assertNotIn(fingerprint, seen)
                seen.add(fingerprint)
        order.allotment_ids[1].booklet_limit = 2
        self.assertNotIn(order._quote_fingerprint(), seen)

    def test_rules_of_distribution_are_for_staff_alone(self):
        rule = self._order(state="draft", allotment_ids=[Command.create({"distributor_id": self.relay_a.id})])
        rule = rule.allotment_ids
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger,
                     self.env.ref("base.public_user")):  # fmt: skip
            for act in (
                lambda mine: mine.read(["booklet_limit"]),
                lambda mine: mine.write({"booklet_limit": 9}),
                lambda mine: mine.unlink(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    act(rule.with_user(user))
        rule.with_user(self.staff).booklet_limit = 4
        self.assertEqual(rule.booklet_limit, 4)

    def test_no_quote_when_no_day_is_left(self):
        day = fields.Date.today()
        order = self._order(state="draft", rules=[("dates", {"date_until": day - timedelta(days=1)})])
        with self.assertRaises(UserError):
            order._make_quote()
        order.rule_ids.date_until = day
        self.assertTrue(order._make_quote())


@tagged("post_install", "-at_install")
class TestOrderValues(ValuesCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "values_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.manager_a, cls.stranger, cls.accountant_user):
            user.password = user.login

    def _form(self, **changes):
        return {
            "quantity": "100",
            "booklet_size": "10",
            "last_day": str(fields.Date.today() + timedelta(days=200)),
            "allotment": "1",
            **changes,
        }

    def _post(self, url="/my/aptic/orders/new", user=None, **data):
        self.authenticate((user or self.sponsor_user_a).login, (user or self.sponsor_user_a).login)
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **data}, allow_redirects=False)

    def _suggest(self, kind, term, user=None):
        user = user or self.sponsor_user_a
        self.authenticate(user.login, user.login)
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "call", "params": {"term": term}})
        answer = self.url_open(
            f"/my/aptic/orders/suggest/{kind}", data=body, headers={"Content-Type": "application/json"}
        )
        return answer.json()["result"]

    def _last(self):
        return self.orders.search([("sponsor_id", "=", self.sponsor_a.id)], limit=1)

    # ------------------------------------------------------------------- search
    def test_values_are_found_by_a_part_of_the_name(self):
        self.assertEqual([row["id"] for row in self._suggest("provider", "acteur a (te")], [self.provider_a.id])
        self.assertIn(self.other_service.id, [row["id"] for row in self._suggest("service", self.other_service.name)])
        rows = self._suggest("distribution", "relais")
        self.assertEqual({row["id"] for row in rows}, {f"d{self.relay_a.id}", f"d{self.relay_b.id}"})
        self.assertIn(f"t{self.bordeaux.id}", [row["id"] for row in self._suggest("distribution", "33063")])
        for kind, term in (
            ("provider", "%%"),
            ("provider", "a"),
            ("service", ""),
            ("nothing", "acteur"),
            ("provider", "x" * 5000),
            ("distribution", "\x00\x00\x00"),
            ("service", {"a": []}),
        ):
            with self.subTest(kind=kind, term=str(term)[:10]):
                self.assertEqual(self._suggest(kind, term), [])

    def test_only_members_of_sponsors_search_and_only_the_public_catalogue(self):
        for user in (self.manager_a, self.stranger):
            for kind in ("provider", "service", "distribution"):
                self.assertEqual(self._suggest(kind, "test", user), [])
        self.assertTrue(self._suggest("provider", "Acteur A (test)", self.accountant_user))
        self.provider_a._guarded_write({"state": "suspended"})
        self.assertEqual(self._suggest("provider", "Acteur A (test)"), [])

    # -------------------------------------------------------------------- rules
    def test_a_sponsor_names_services_and_organisations(self):
        data = self._form(service=str(self.other_service.id), level=str(self.category.level_id.id),
                          provider=[str(self.provider_a.id), str(self.provider_b.id)],
                          excluded_provider=str(self.provider_b.id))  # fmt: skip
        self.assertEqual(self._post(**data).status_code, 303)
        made = {rule.kind: rule for rule in self._last().rule_ids}
        self.assertEqual(set(made), {"service", "level", "provider", "excluded_provider"})
        self.assertEqual(made["provider"].provider_ids, self.provider_a | self.provider_b)
        self.assertEqual(made["excluded_provider"].provider_ids, self.provider_b)
        page = self.url_open(f"/my/aptic/orders/{self._last().id}/edit").text
        for name, record in (("service", self.other_service), ("provider", self.provider_a),
                             ("excluded_provider", self.provider_b)):  # fmt: skip
            self.assertRegex(page, f'name="{name}" value="{record.id}"')

    def test_an_organisation_outside_the_catalogue_is_refused_and_not_named(self):
        self.provider_b._guarded_write({"state": "suspended"})
        count = self.orders.search_count([])
        page = self._post(**self._form(provider=str(self.provider_b.id)))
        self.assertEqual(page.status_code, 422)
        self.assertNotIn(self.provider_b.name, page.text)
        self.assertEqual(self.orders.search_count([]), count)
        order = self._order(state="draft", rules=[("excluded_provider", self.provider_b)])
        url = f"/my/aptic/orders/{order.id}/edit"
        self.assertEqual(self._post(url, **self._form(excluded_provider=str(self.provider_b.id))).status_code, 303)
        self.assertEqual(order.rule_ids.provider_ids, self.provider_b, "what was chosen before stays")

    def test_a_refused_form_keeps_all_that_was_typed(self):
        address = {"name": "Mairie", "street": "1 rue des Lilas", "zip": "64000", "city": "Pau", "booklets": "4",
                   "contact": "Ada"}  # fmt: skip
        typed = self._form(
            quantity="101", message="Bonne route", territory=str(self.bordeaux.id), weekday=["2", "5"],
            max_price="12,5", max_count="3", no_copay="1", date_from="2030-01-02", date_until="2030-03-04",
            excluded_provider=str(self.provider_b.id), service=str(self.other_service.id),
            engagement_number="EJ-42", contract_reference="MARCHE 7", point_name="CCAS", point_city="Orthez",
            allotment_target=[f"d{self.relay_a.id}", f"t{self.pau.id}"], allotment_booklets=["7", ""],
            **{f"delivery_{name}": text for name, text in address.items()},
        )  # fmt: skip
        count = self.orders.search_count([])
        page = self._post(**typed)
        self.assertEqual((page.status_code, self.orders.search_count([])), (422, count))
        for name, value in typed.items():
            for one in value if isinstance(value, list) else [value]:
                if one and name not in ("booklet_size", "quantity"):
                    self.assertRegex(page.text, f'value="{one}"', name)
        for name in (self.bordeaux.display_name, self.provider_b.name, self.relay_a.name):
            self.assertIn(name, page.text)
        for name in ("no_copay", "weekday_2", "weekday_5"):
            self.assertRegex(page.text, rf'id="{name}"[^>]*checked')
        self.assertEqual(self._post(**{**typed, "quantity": "100", "delivery_booklets": "10"}).status_code, 303)
        order = self._last()
        self.assertEqual(order.delivery_ids.contact, "Ada")
        self.assertEqual(len(order.allotment_ids), 2)

    # ------------------------------------------------------------- distribution
    def test_a_sponsor_says_who_hands_its_booklets_out(self):
        self._post(**self._form(allotment_target=[f"d{self.relay_a.id}", f"t{self.bordeaux.id}"],
                                allotment_booklets=["3", ""]))  # fmt: skip
        order = self._last()
        sentences = ["Relais A (test): 3 booklets at most", f"the distributors of {self.bordeaux.display_name}"]
        self.assertEqual(order.allotment_ids.mapped("summary"), sentences)
        page = self.url_open(f"/my/aptic/orders/{order.id}").text
        shown = page.partition('id="aptic_allotments"')[2].partition("</ul>")[0]
        self.assertRegex(shown, r"(?s)Relais A \(test\).*3.*Bordeaux")
        (heading, lines) = order._quote_sections(10)[-1]
        self.assertEqual((heading, lines), ("Who may hand the booklets out", order.allotment_ids.mapped("summary")))
        self.assertEqual(order._copy_request().allotment_ids.mapped("booklet_limit"), [3, 0])
        for verb in ("_confirm", "_approve_proof", "_issue"):
            getattr(order, verb)()
        with self.assertRaises(UserError):
            order.allotment_ids.unlink()
        lots = self.env["aptic.distribution"]
        other = self.env["aptic.distributor"].create({"name": "Relais C (test)", "is_company": True})
        for relay, count in ((self.relay_a, 4), (other, 1)):
            with self.subTest(relay=relay.name), self.assertRaises(UserError):
                lots.create({"order_id": order.id, "distributor_id": relay.id, "booklet_count": count})
        for relay, count in ((self.relay_a, 3), (self.relay_b, 5)):
            self.assertTrue(lots.create({"order_id": order.id, "distributor_id": relay.id, "booklet_count": count}))

    def test_lines_are_changed_and_taken_away(self):
        order = self._order(state="draft", allotment_ids=[Command.create({"distributor_id": self.relay_a.id})])
        url = f"/my/aptic/orders/{order.id}/edit"
        self._post(url, **self._form(allotment_target=f"d{self.relay_b.id}", allotment_booklets="2"))
        self.assertEqual((order.allotment_ids.distributor_id, order.allotment_ids.booklet_limit), (self.relay_b, 2))
        form = self._form()
        del form["allotment"]
        self._post(url, **form)
        self.assertTrue(order.allotment_ids, "a form that does not ask for them changes nothing")
        self._post(url, **self._form())
        self.assertFalse(order.allotment_ids)

    def test_lines_that_make_no_sense_get_a_sentence(self):
        target = f"d{self.relay_a.id}"
        count = self.orders.search_count([])
        for targets, booklets in (
            ([target, target], ["1", "2"]), ([target], ["0"]), ([target], ["-3"]), ([target], ["trois"]),
            (["d99999999"], [""]), ([f"x{self.relay_a.id}"], [""]), (["d"], [""]), (["'; DROP TABLE"], [""]),
            ([target], ["9" * 30]), ([f"t{self.pau.id}"] * 150, []), (["d" + "9" * 5000], [""]),
        ):  # fmt: skip
            with self.subTest(targets=targets[:2], booklets=booklets):
                page = self._post(**self._form(allotment_target=targets, allotment_booklets=booklets))
                self.assertEqual(page.status_code, 422)
                self.assertNotIn("Traceback", page.text)
        self.assertEqual(self.orders.search_count([]), count)

    def test_a_hostile_number_of_a_quote(self):
        order = self._order(state="draft")
        order._make_quote()
        for number in ("9" * 5000, "٣", "-1", "x", ""):
            page = self._post(f"/my/aptic/orders/{order.id}/quote/sign", quote_id=number, name="Ada", capacity="Maire",
                              agreed="1")  # fmt: skip
            self.assertEqual(page.status_code, 422)
        self.assertEqual(order.state, "draft")
