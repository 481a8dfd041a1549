from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from .common import VoucherCase

SIRET = "73282932000074"
PARIS = {"name": "Mairie", "street": "1 rue", "zip": "75001", "city": "Paris", "booklets": 3}


@tagged("post_install", "-at_install")
class TestOrderDetails(VoucherCase):
    def _with(self, *booklets, **vals):
        rows = [Command.create({**PARIS, "booklets": count}) for count in booklets]
        return self._order(state="draft", quantity=50, delivery_ids=rows, **vals)

    def test_every_booklet_has_an_address_before_the_confirmation(self):
        for booklets in ((3,), (3, 3)):
            order = self._with(*booklets)
            with self.assertRaisesRegex(UserError, "Booklets"), self.env.cr.savepoint():
                order._confirm()
            self.assertEqual(order.state, "draft")
        order = self._with(3, 2)
        order._confirm()
        self.assertEqual((order.state, order.unplaced_booklets), ("confirmed", 0))
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            order.write({"delivery_ids": [Command.delete(order.delivery_ids[0].id)]})
        order.write({"delivery_ids": [Command.update(one.id, {"city": "Lyon"}) for one in order.delivery_ids]})
        self.assertEqual(order.delivery_ids.mapped("city"), ["Lyon", "Lyon"])

    def test_addresses_are_frozen_once_printed(self):
        order = self._order(state="printed", delivery_ids=[Command.create({**PARIS, "booklets": 1})])
        for attempt in (
            lambda: order.delivery_ids.write({"city": "Lyon"}),
            order.delivery_ids.unlink,
            lambda: self.env["aptic.order.delivery"].create({**PARIS, "order_id": order.id}),
        ):
            with self.assertRaisesRegex(UserError, "too far"), self.env.cr.savepoint():
                attempt()
        order.write({"point_ids": [Command.create({"name": "CCAS"})]})  # still of use
        self.assertEqual(order.point_ids.name, "CCAS")

    def test_references_are_checked_and_frozen(self):
        order = self._order(state="draft", buyer_siret="732 829 320 00074", engagement_number="EJ-1")
        self.assertEqual(order.buyer_siret, SIRET)
        for vals in ({"buyer_siret": "73282932000075"}, {"service_code": "<b>"}, {"contract_reference": "x" * 51}):
            with self.subTest(vals), self.assertRaises(ValidationError), self.env.cr.savepoint():
                order.write(vals)
        order._confirm()
        with self.assertRaisesRegex(UserError, "can no longer change"):
            order.write({"engagement_number": "EJ-2"})

    def test_the_face_value_is_set_by_order(self):
        with Form(self.env["aptic.order"].with_user(self.staff)) as form:
            form.sponsor_id = self.sponsor_a
            form.last_day = fields.Date.today() + timedelta(days=90)
            form.face_value = 7.5
        order = form.record
        self.assertEqual((order.face_value_cents, order.face_cents), (750, 75_000))

    def test_a_copy_is_a_draft_with_everything_but_its_commitment(self):
        order = self._with(
            3, 2, rules=[("territory", self.bordeaux)], engagement_number="EJ-1", service_code="S1",
            message="Merci", point_ids=[Command.create({"name": "CCAS"})],
        )  # fmt: skip
        order._confirm()
        draft = order._copy_request()
        self.assertEqual((draft.state, draft.quantity, draft.message, draft.service_code), ("draft", 50, "Merci", "S1"))
        self.assertEqual(draft.rule_ids.territory_ids, self.bordeaux)
        self.assertEqual(draft.delivery_ids.mapped("booklets"), [3, 2])
        self.assertEqual(draft.point_ids.name, "CCAS")
        self.assertFalse(draft.engagement_number or draft.face_move_id or draft.frozen_rules)
        self.assertNotEqual(draft.name, order.name)
        self.assertEqual(draft.last_day, order.last_day)

    def test_a_copy_of_an_old_order_ends_in_the_future(self):
        order = self._order(state="draft", last_day=fields.Date.today() - timedelta(days=400))
        self.assertGreater(order._copy_request().last_day, fields.Date.today())

    def test_parts_are_for_staff_alone(self):
        order = self._with(5, point_ids=[Command.create({"name": "CCAS"})])
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger):
            for parts in (order.delivery_ids, order.point_ids):
                with self.subTest(user=user.login, parts=parts._name), self.assertRaises(AccessError):
                    parts.with_user(user).read(["name"])
        for user in (self.staff, self.reviewer, self.accountant):
            self.assertEqual(order.delivery_ids.with_user(user).booklets, 5)


@tagged("post_install", "-at_install")
class TestOrderDetailsPortal(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user):
            user.password = user.login

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, allow_redirects=False)

    def _form(self, **changes):
        return {
            "quantity": "50",
            "booklet_size": "10",
            "last_day": str(fields.Date.today() + timedelta(days=200)),
            "message": "",
            "face_value": "7,50",
            "buyer_siret": "732 829 320 00074",
            "service_code": "SRV 1",
            "engagement_number": "EJ-2026-1",
            "contract_reference": "",
            "delivery_name": ["Mairie", "", "École"],
            "delivery_street": ["1 rue", "", "2 rue"],
            "delivery_zip": ["33000", "", "33 500"],
            "delivery_city": ["Bordeaux", "", "Libourne"],
            "delivery_contact": ["", "", "Mme B."],
            "delivery_booklets": ["3", "", "2"],
            "point_name": ["CCAS", ""],
            "point_city": ["Pau", ""],
            **changes,
        }

    def _orders(self):
        return self.env["aptic.order"].search([("sponsor_id", "=", self.sponsor_a.id)])

    def test_a_sponsor_says_where_booklets_go_and_how_it_buys(self):
        self._as(self.sponsor_user_a)
        page = self._post("/my/aptic/orders/new", **self._form())
        self.assertEqual(page.status_code, 303)
        order = self._orders()[:1]
        self.assertEqual(order.face_value_cents, 750)
        self.assertEqual(order.delivery_ids.mapped("booklets"), [3, 2])
        self.assertEqual(order.delivery_ids[1].zip, "33500")
        self.assertEqual(order.point_ids.mapped("name"), ["CCAS"])
        self.assertEqual((order.buyer_siret, order.engagement_number), (SIRET, "EJ-2026-1"))
        text = self.url_open(page.headers["Location"]).text
        for words in ("Libourne", "EJ-2026-1", "CCAS"):
            self.assertIn(words, text)
        self.assertNotIn("aptic_unfinished", text)
        form = self.url_open(f"/my/aptic/orders/{order.id}/edit").text
        for words in ('value="7,50"', 'value="École"', 'value="SRV 1"'):
            self.assertIn(words, form)

    def test_a_draft_is_left_unfinished_found_again_and_finished(self):
        self._as(self.sponsor_user_a)
        url = self._post("/my/aptic/orders/new", **self._form(delivery_booklets=["3", "", "1"])).headers["Location"]
        order = self._orders()[:1]
        self.assertIn("aptic_unfinished", self.url_open(url).text)
        self.assertIn(order.name, self.url_open("/my/aptic/orders").text)
        self._post(f"/my/aptic/orders/{order.id}/edit", **self._form())
        self.assertFalse(order.unplaced_booklets)
        self.assertEqual(len(order.delivery_ids), 2)

    def test_bad_details_are_explained_and_nothing_is_written(self):
        self._as(self.sponsor_user_a)
        before = self._orders()
        for changes, field in (
            ({"face_value": "dix"}, "face_value"),
            ({"face_value": "0,50"}, "face_value"),
            ({"face_value": "100,01"}, "face_value"),
            ({"face_value": "7,505"}, "face_value"),
            ({"buyer_siret": "12345678901234"}, "buyer_siret"),
            ({"service_code": "x" * 101}, "service_code"),
            ({"engagement_number": "<script>"}, "engagement_number"),
            ({"contract_reference": "=HYPERLINK()"}, "contract_reference"),
            ({"delivery_booklets": ["3", "", "deux"]}, "delivery"),
            ({"delivery_zip": ["33000", "", "Libourne"]}, "delivery"),
            ({"delivery_name": ["x"] * 300, "delivery_booklets": ["1"] * 300}, "delivery"),
            ({"point_name": ["", ""]}, "point"),
            ({"delivery_street": [], "delivery_contact": ["x"]}, "delivery"),
        ):
            with self.subTest(changes):
                page = self._post("/my/aptic/orders/new", **self._form(**{"message": "garde-moi", **changes}))
                self.assertEqual(page.status_code, 422)
                self.assertIn("garde-moi", page.text)
                self.assertIn("Libourne", page.text)
                self.assertIn(f'id="error_{field}"' if field in ("delivery", "point") else "is-invalid", page.text)
                self.assertEqual(self._orders(), before)

    def test_a_form_sent_twice_makes_one_order(self):
        self._as(self.sponsor_user_a)
        first, second = (
            self._post("/my/aptic/orders/new", **self._form(form_token="a-b-c")).headers["Location"] for _turn in "12"
        )
        self.assertEqual(first, second)
        self.assertEqual(len(self._orders()), 1)

    def test_a_stale_form_does_not_overwrite(self):
        order = self._order(state="draft", quantity=50)
        self._as(self.sponsor_user_a)
        url = f"/my/aptic/orders/{order.id}/edit"
        page = self._post(url, **self._form(form_version="2020-01-01T00:00:00"))
        self.assertEqual(page.status_code, 422)
        self.assertEqual(order.face_value_cents, 1000)
        version = order.write_date.isoformat()
        self.assertEqual(self._post(url, **self._form(form_version=version, form_token="t1")).status_code, 303)
        self.assertEqual(order.face_value_cents, 750)
        # The same click once more is the same change, not a conflict.
        again = self._post(url, **self._form(form_version=version, form_token="t1", quantity="20"))
        self.assertEqual((again.status_code, order.quantity), (303, 50))

    def test_the_same_is_ordered_again(self):
        order = self._order(state="confirmed", quantity=50, message="Merci")
        self._as(self.sponsor_user_a)
        page = self._post(f"/my/aptic/orders/{order.id}/copy", form_token="c")
        self.assertEqual(page.status_code, 303)
        again = self._post(f"/my/aptic/orders/{order.id}/copy", form_token="c")
        self.assertEqual(again.headers["Location"], page.headers["Location"])
        draft = self._orders() - order
        self.assertEqual((len(draft), draft.message, draft.state), (1, "Merci", "draft"))
        self.assertIn("Merci", self.url_open(page.headers["Location"]).text)

    def test_a_draft_is_deleted_a_confirmed_order_is_not(self):
        draft, confirmed = self._order(state="draft"), self._order(state="confirmed")
        self._as(self.sponsor_user_a)
        self.assertEqual(self._post(f"/my/aptic/orders/{draft.id}/delete").status_code, 303)
        self.assertFalse(draft.exists())
        page = self._post(f"/my/aptic/orders/{confirmed.id}/delete")
        self.assertEqual(page.status_code, 409)
        self.assertIn("alert-danger", page.text)
        self.assertTrue(confirmed.exists())

    def test_copying_and_deleting_are_for_the_sponsors_managers(self):
        order = self._order(state="draft")
        before = self.env["aptic.order"].search_count([])
        for user in (self.sponsor_user_b, self.accountant_user):
            self._as(user)
            for verb in ("copy", "delete"):
                with self.subTest(user=user.login, verb=verb):
                    self.assertEqual(self._post(f"/my/aptic/orders/{order.id}/{verb}").status_code, 403)
        self.assertEqual(self.env["aptic.order"].search_count([]), before)
