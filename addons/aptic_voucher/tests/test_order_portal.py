import io
from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from PIL import Image

from .common import VoucherCase


def _png():
    stream = io.BytesIO()
    Image.new("RGB", (300, 120), "#1b2a57").save(stream, "PNG")
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestOrderPortal(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_a = cls._order(state="confirmed", rules=[("territory", cls.bordeaux)], message="Bon numérique !")
        cls.order_b = cls._order(sponsor=cls.sponsor_b, state="draft")
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.stranger, cls.manager_a):
            user.password = user.login

    def _log_in(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **data):
        return self.url_open(url, data={"csrf_token": self._csrf(), **data}, allow_redirects=False)

    def _csrf(self):
        return http.Request.csrf_token(self)

    def _form(self, **changes):
        return {
            "quantity": "50",
            "booklet_size": "10",
            "last_day": str(fields.Date.today() + timedelta(days=200)),
            "message": "  Merci  ",
            **changes,
        }

    def _last(self):
        return self.env["aptic.order"].search([("sponsor_id", "=", self.sponsor_a.id)], limit=1)

    # ---------------------------------------------------------------- reading
    def test_the_list_shows_my_orders_only(self):
        self._log_in(self.sponsor_user_a)
        text = self.url_open("/my/aptic/orders").text
        self.assertIn(self.order_a.name, text)
        self.assertNotIn(self.order_b.name, text)
        self.assertIn("/my/aptic/orders/new", text)
        self.assertIn("/my/aptic/orders", self.url_open("/my/aptic").text)

    def test_an_order_shows_how_to_pay_and_its_rules(self):
        self._log_in(self.sponsor_user_a)
        text = self.url_open(self.order_a.access_url).text
        self.assertIn(self.order_a.face_move_id.payment_reference, text)
        self.assertIn("Bordeaux", text)
        self.assertIn("Bon numérique !", text)

    def test_others_are_refused(self):
        for user in (self.sponsor_user_b, self.stranger, self.manager_a):
            self._log_in(user)
            for page in ("", "/proof", "/document/face", "/edit"):
                url = f"/my/aptic/orders/{self.order_a.id}{page}"
                with self.subTest(user=user.login, page=page):
                    self.assertEqual(self.url_open(url, allow_redirects=False).status_code, 403)
            self.assertEqual(self._post(f"/my/aptic/orders/{self.order_a.id}/approve").status_code, 403)
        self.assertEqual(self.order_a.state, "confirmed")
        self.assertEqual(self.url_open("/my/aptic/orders/99999999999").status_code, 403)

    def test_who_has_no_sponsor_does_not_order(self):
        self._log_in(self.manager_a)
        self.assertEqual(self.url_open("/my/aptic/orders").status_code, 403)
        self.assertEqual(self._post("/my/aptic/orders/new", **self._form()).status_code, 403)

    def test_documents_are_reached_through_the_order(self):
        self._log_in(self.sponsor_user_a)
        for kind, move in (("face", self.order_a.face_move_id), ("fee", self.order_a.fee_move_id)):
            page = self.url_open(f"/my/aptic/orders/{self.order_a.id}/document/{kind}")
            self.assertEqual(page.status_code, 200)
            self.assertIn(move.name, page.text)
        self.assertEqual(self.url_open(f"/my/aptic/orders/{self.order_a.id}/document/other").status_code, 403)

    # ------------------------------------------------------------------ proof
    def test_a_manager_approves_the_proof_an_accountant_does_not(self):
        self._log_in(self.accountant_user)
        self.assertEqual(self.url_open(f"/my/aptic/orders/{self.order_a.id}").status_code, 200)
        self.assertEqual(self._post(f"/my/aptic/orders/{self.order_a.id}/approve").status_code, 403)
        self.assertEqual(self.order_a.state, "confirmed")
        self._log_in(self.sponsor_user_a)
        self.assertEqual(
            self._post(
                f"/my/aptic/orders/{self.order_a.id}/approve", proof_id=str(self.order_a.proof_id.id)
            ).status_code,
            303,
        )
        self.assertEqual(self.order_a.state, "proofed")

    def test_a_proof_cannot_be_approved_before_its_time(self):
        self._log_in(self.sponsor_user_b)
        page = self._post(f"/my/aptic/orders/{self.order_b.id}/approve")
        self.assertEqual(page.status_code, 200)
        self.assertIn("alert-danger", page.text)
        self.assertEqual(self.order_b.state, "draft")

    def test_the_proof_is_a_pdf(self):
        self._log_in(self.sponsor_user_a)
        page = self.url_open(f"/my/aptic/orders/{self.order_a.id}/proof")
        self.assertTrue(page.content.startswith(b"%PDF"))

    # ---------------------------------------------------------------- request
    def test_a_manager_orders(self):
        self._log_in(self.sponsor_user_a)
        self.assertEqual(self.url_open("/my/aptic/orders/new").status_code, 200)
        data = self._form(territory=[str(self.bordeaux.id), str(self.pau.id)], audience=str(self.seniors.id))
        page = self.url_open(
            "/my/aptic/orders/new",
            data={"csrf_token": self._csrf(), **data},
            files={"logo": ("logo.png", _png(), "image/png")},
            allow_redirects=False,
        )
        self.assertEqual(page.status_code, 303)
        order = self._last()
        self.assertNotEqual(order, self.order_a)
        self.assertEqual((order.state, order.quantity, order.message), ("draft", 50, "Merci"))
        self.assertTrue(order.logo)
        self.assertEqual(order.rule_ids.mapped("kind"), ["audience", "territory"])
        self.assertEqual(order.rule_ids.territory_ids, self.bordeaux | self.pau)
        self.assertIn(order.name, self.url_open(page.headers["Location"]).text)

    def test_a_manager_orders_in_the_browser(self):
        self.start_tour("/my/aptic/orders/new", "aptic_order_request", login=self.sponsor_user_a.login)
        order = self._last()
        self.assertEqual((order.quantity, order.message), (60, "Bons premiers clics"))
        self.assertEqual(order.rule_ids.territory_ids, self.bordeaux)

    def test_a_draft_can_be_changed_until_it_is_confirmed(self):
        self._log_in(self.sponsor_user_b)
        url = f"/my/aptic/orders/{self.order_b.id}/edit"
        self.assertIn('value="10"', self.url_open(url).text)
        self.assertEqual(self._post(url, **self._form(quantity="20")).status_code, 303)
        self.assertEqual(self.order_b.quantity, 20)
        self.order_b._confirm()
        page = self._post(url, **self._form(quantity="30"))
        self.assertEqual(page.status_code, 409)
        self.assertIn("alert-danger", page.text)
        self.assertEqual(self.order_b.quantity, 20)

    def test_changing_a_draft_keeps_the_rules_of_staff(self):
        self.order_b.rule_ids = [
            Command.create({"kind": "place_type", "place_type_ids": [Command.set(self.library.ids)]}),
            Command.create({"kind": "place_type", "place_type_ids": [Command.set((self.library | self.fablab).ids)]}),
            Command.create({"kind": "audience", "audience_ids": [Command.set(self.seniors.ids)]}),
        ]
        self._log_in(self.sponsor_user_b)
        url = f"/my/aptic/orders/{self.order_b.id}/edit"
        kept = self.url_open(url).text.partition('id="aptic_kept"')[2].partition("</div>")[0]
        self.assertEqual(kept.count("Médiathèque (test)"), 2)
        self.assertNotIn(self.seniors.name, kept)
        self._post(url, **self._form(territory=str(self.bordeaux.id)))
        self.assertEqual(self.order_b.rule_ids.mapped("kind"), ["place_type", "place_type", "territory"])

    def test_an_accountant_does_not_order(self):
        self._log_in(self.accountant_user)
        self.assertNotIn("/my/aptic/orders/new", self.url_open("/my/aptic/orders").text)
        self.assertEqual(self._post("/my/aptic/orders/new", **self._form()).status_code, 403)

    def test_an_order_for_another_sponsor_goes_to_mine(self):
        self._log_in(self.sponsor_user_a)
        before = self.env["aptic.order"].search_count([("sponsor_id", "=", self.sponsor_b.id)])
        self._post("/my/aptic/orders/new", **self._form(sponsor_id=str(self.sponsor_b.id)))
        self.assertEqual(self.env["aptic.order"].search_count([("sponsor_id", "=", self.sponsor_b.id)]), before)

    def test_guarded_fields_are_not_taken_from_the_form(self):
        self._log_in(self.sponsor_user_a)
        self._post(
            "/my/aptic/orders/new",
            **self._form(state="active", funded_cents="50000", activated_cents="50000", face_value_cents="1"),
        )
        order = self._last()
        self.assertEqual((order.state, order.funded_cents, order.face_value_cents), ("draft", 0, 1000))

    def test_bad_input_is_explained_and_nothing_is_written(self):
        self._log_in(self.sponsor_user_a)
        before = self._last()
        for changes in (
            {"quantity": "55"},
            {"quantity": "-10"},
            {"quantity": "1e3"},
            {"quantity": "99999999999999999999"},
            {"quantity": ""},
            {"booklet_size": "7"},
            {"last_day": "demain"},
            {"last_day": "2020-01-01"},
            {"last_day": "2999-01-01"},
            {"message": "x" * 121},
            {"territory": "999999999"},
            {"territory": "1); DROP TABLE aptic_order"},
            {"audience": ["0", "-1"]},
            {"category": [str(n) for n in range(1, 400)]},
        ):
            with self.subTest(changes):
                page = self._post("/my/aptic/orders/new", **self._form(**{"message": "garde-moi", **changes}))
                self.assertEqual(page.status_code, 422)
                self.assertIn("alert-danger", page.text)
                if "message" not in changes:
                    self.assertIn("garde-moi", page.text)
                self.assertEqual(self._last(), before)

    def test_a_file_that_is_no_image_is_refused(self):
        self._log_in(self.sponsor_user_a)
        for content in (
            b"MZ\x90",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            _png()[:40],
            b"\x89PNG" + b"0" * (3 << 20),
        ):
            page = self.url_open(
                "/my/aptic/orders/new",
                data={"csrf_token": self._csrf(), **self._form()},
                files={"logo": ("logo.png", content, "image/png")},
            )
            self.assertEqual(page.status_code, 422)

    def test_hostile_text_is_only_text(self):
        self._log_in(self.sponsor_user_a)
        self._post("/my/aptic/orders/new", **self._form(message="<script>alert(1)</script>\u202e"))
        order = self._last()
        self.assertEqual(order.message, "<script>alert(1)</script>")
        self.assertNotIn("<script>alert(1)", self.url_open(f"/my/aptic/orders/{order.id}").text)

    def test_territories_are_found_by_name_and_by_code(self):
        suggest = self.env["aptic.order"].with_user(self.sponsor_user_a)._suggest_territories
        self.assertIn(self.bordeaux.id, [row["id"] for row in suggest("borde")])
        self.assertEqual(suggest("33063")[0]["id"], self.bordeaux.id)
        self.assertEqual(suggest("%"), [])
        self.assertEqual(suggest("zzzzzz"), [])
        self.assertLessEqual(len(suggest("sa")), 10)

    # ----------------------------------------------------------------- access
    def test_record_rules_separate_the_sponsors(self):
        orders = self.env["aptic.order"].with_user(self.sponsor_user_a).search([])
        self.assertEqual(orders.sponsor_id, self.sponsor_a)
        with self.assertRaises(AccessError):
            self.order_b.with_user(self.sponsor_user_a).read(["name"])
        with self.assertRaises(AccessError):
            self.order_a.rule_ids.with_user(self.sponsor_user_b).read(["kind"])
        self.assertFalse(self.env["aptic.order"].with_user(self.stranger).search([]))
        for values in ({"quantity": 20}, {"funded_cents": 1}, {"state": "active"}):
            with self.assertRaises(UserError):  # an AccessError is one
                self.order_a.with_user(self.sponsor_user_a).write(values)
        with self.assertRaises(AccessError):
            self.env["aptic.order"].with_user(self.sponsor_user_a).create(
                {"sponsor_id": self.sponsor_a.id, "last_day": fields.Date.today()}
            )
        for model in ("aptic.booklet", "aptic.voucher", "aptic.event"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.sponsor_user_a).search([])

    # ---------------------------------------------------------------- budgets
    def test_a_list_of_twenty_orders_stays_in_its_budget(self):
        for _number in range(20):
            self._order(state="draft")
        self._log_in(self.sponsor_user_a)
        self.url_open("/my/aptic/orders")  # templates and assets are compiled once
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open("/my/aptic/orders").status_code, 200)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 60)

    def test_figures_of_twenty_orders_are_one_query(self):
        orders = self.env["aptic.order"].concat(*(self._order(state="draft") for _number in range(20)))
        self.env.flush_all()
        with self.assertQueryCount(1):
            orders._figures()
