import re

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase

IBAN = "FR76 2004 1010 0100 0010 0111 185"


@tagged("post_install", "-at_install")
class TestPortal(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")  # of pages without a language in their address
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.sponsor_user_a, cls.stranger):
            user.lang = "en_US"
        cls.base_a = f"/my/aptic/provider/{cls.provider_a.id}"
        cls.base_b = f"/my/aptic/provider/{cls.provider_b.id}"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values})

    # --------------------------------------------------------------------- hub
    def test_home_leads_to_the_hub_and_the_hub_to_the_pages(self):
        self._as(self.manager_a)
        self.assertIn("/my/aptic", self.url_open("/my").text)
        hub = self.url_open("/my/aptic").text
        self.assertIn("Acteur A (test)", hub)
        self.assertNotIn("Acteur B (test)", hub)
        for page in ("places", "offers", "bank"):
            self.assertIn(f"{self.base_a}/{page}", hub)
            self.assertEqual(self.url_open(f"{self.base_a}/{page}").status_code, 200)

    def test_the_hub_of_each_role(self):
        self._as(self.mediator_a)
        self.assertNotIn(f"{self.base_a}/bank", self.url_open("/my/aptic").text)
        self._as(self.sponsor_user_a)
        hub = self.url_open("/my/aptic").text
        self.assertIn("Commanditaire A (test)", hub)
        self.assertNotIn("/my/aptic/provider/", hub)
        self._as(self.stranger)
        self.assertIn("do not belong to any organisation", self.url_open("/my/aptic").text)

    def test_visitors_log_in_first(self):
        answer = self.url_open("/my/aptic", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/login", answer.headers["Location"])

    # ----------------------------------------------------------------- refusals
    def test_another_providers_pages_are_refused_whatever_the_id(self):
        own = [f"/places/{self.place_a.id}", f"/offers/{self.offer_a.id}"]
        for user in (self.manager_b, self.sponsor_user_a, self.stranger):
            self._as(user)
            for page in ("/places", "/places/new", "/offers", "/offers/choose", "/offers/new", "/bank", *own):
                answer = self.url_open(self.base_a + page)
                self.assertEqual(answer.status_code, 403, f"{user.login} {page}")
                self.assertNotIn("Acteur A (test)", answer.text)
                self.assertNotIn("Lieu A", answer.text)
        self._as(self.manager_a)
        for url in (
            f"{self.base_a}/places/{self.place_b.id}", f"{self.base_a}/offers/{self.offer_b.id}",
            f"{self.base_b}/places/{self.place_a.id}", f"{self.base_a}/places/0", f"{self.base_a}/offers/999999999999",
            f"{self.base_a}/places/99999999999999999999", "/my/aptic/provider/0/places",
            "/my/aptic/provider/99999999999999999999/bank",
        ):  # fmt: skip
            self.assertEqual(self.url_open(url).status_code, 403, url)

    def test_mediators_and_accountants_read_but_do_not_change(self):
        for user, bank in ((self.mediator_a, 403), (self.accountant_a, 200)):
            self._as(user)
            for page in ("places", "offers"):
                answer = self.url_open(f"{self.base_a}/{page}")
                self.assertEqual(answer.status_code, 200)
                self.assertNotIn(f"{self.base_a}/{page}/new", answer.text)
                self.assertEqual(self.url_open(f"{self.base_a}/{page}/new").status_code, 403)
            answer = self.url_open(f"{self.base_a}/bank")
            self.assertEqual(answer.status_code, bank)
            self.assertNotIn('name="iban"', answer.text)
            place, offer = f"places/{self.place_a.id}", f"offers/{self.offer_a.id}"
            for url in (place, f"{place}/close", offer, f"{offer}/withdraw", "bank", "places/new"):
                answer = self._post(f"{self.base_a}/{url}", name="Détourné", iban=IBAN, holder_name="X")
                self.assertEqual(answer.status_code, 403, url)
        self.assertEqual((self.place_a.name, self.place_a.open_until), ("Lieu A", False))
        self.assertTrue(self.offer_a.active)
        self.assertFalse(self.provider_a.bank_change_ids)

    def test_posts_without_token_are_refused(self):
        self._as(self.manager_a)
        with self.assertLogs("odoo.http", "WARNING"):
            answer = self.url_open(f"{self.base_a}/bank", data={"iban": IBAN, "holder_name": "X"})
        self.assertTrue(answer.url.endswith("session=expired"), answer.url)
        self.assertFalse(self.provider_a.bank_change_ids)

    # ------------------------------------------------------------------- places
    def test_add_change_and_close_a_place(self):
        self._as(self.manager_a)
        values = {"name": "Antenne", "type_id": self.fablab.id, "zip": "01400", "street": "1 rue"}
        answer = self._post(f"{self.base_a}/places/new", **values)
        self.assertIn("Several municipalities share this postal code", answer.text)
        self.assertIn("Antenne", answer.text)  # what was typed is kept
        self.assertIn("Châtillon-sur-Chalaronne", answer.text)
        self.assertEqual(self.provider_a.place_ids, self.place_a)
        town = self.env["aptic.territory"]._of_insee("01093")
        answer = self._post(f"{self.base_a}/places/new", **values, territory_id=town.id)
        self.assertIn("Saved", answer.text)
        place = self.provider_a.place_ids - self.place_a
        self.assertEqual((place.name, place.territory_id, place.zip), ("Antenne", town, "01400"))
        self._post(f"{self.base_a}/places/{place.id}", **{**values, "name": "Maison", "zip": "75 011"})
        self.assertEqual((place.name, place.zip, place.territory_id.code), ("Maison", "75011", "75056"))
        self._post(f"{self.base_a}/places/{place.id}/close", last_day="2026-12-31")
        self.assertEqual(str(place.open_until), "2026-12-31")
        self._post(f"{self.base_a}/places/{place.id}/close", reopen="1")
        self.assertFalse(place.open_until)

    def test_a_bad_place_is_explained_and_nothing_is_written(self):
        self._as(self.manager_a)
        good = {"name": "X", "zip": "33000", "type_id": self.library.id, "territory_id": self.bordeaux.id}
        for values, words in (
            ({"name": " "}, "Give the place a name"),
            ({"type_id": "999999999"}, "Choose the type"),
            ({"zip": "00000"}, "No municipality has this postal code"),
            ({"zip": "01400"}, "Several municipalities"),
            ({"email": "x@"}, "not complete"),
            ({"open_from": "32/13/2026"}, "Write the date"),
        ):
            with self.subTest(words=words):
                self.assertIn(words, self._post(f"{self.base_a}/places/new", **{**good, **values}).text)
        self.assertIn("last day", self._post(f"{self.base_a}/places/{self.place_a.id}/close", last_day="demain").text)
        self.assertEqual(self.provider_a.place_ids, self.place_a)

    def test_what_people_type_is_escaped(self):
        self._as(self.manager_a)
        self.place_a.name = "<script>alert(1)</script>"
        self.assertNotIn("<script>alert(1)", self.url_open(f"{self.base_a}/places").text)

    def test_signs_that_no_database_keeps_are_left_out(self):
        self._as(self.manager_a)
        form = {"type_id": self.place_a.type_id.id, "zip": "33000", "territory_id": self.bordeaux.id}
        answer = self._post(f"{self.base_a}/places/new", name="Lieu\0 caché\u202e", **form)
        self.assertTrue(answer.url.endswith("saved=1"))
        self.assertIn("Lieu caché", self.provider_a.place_ids.mapped("name"))
        answer = self._post(f"{self.base_a}/offers/{self.offer_a.id}", name="Aide\0", price="12", duration_minutes="60")
        self.assertTrue(answer.url.endswith("saved=1"))
        self.assertEqual(self.offer_a.name, "Aide")

    def test_municipalities_of_a_postal_code_as_json(self):
        self._as(self.mediator_a)
        answer = self.url_open("/my/aptic/communes?zip=64000")
        self.assertEqual([town["name"] for town in answer.json()], ["Pau"])
        self.assertEqual(self.url_open("/my/aptic/communes?zip=%25").json(), [])

    # ------------------------------------------------------------------- offers
    def test_choose_price_and_withdraw_a_service(self):
        self._as(self.manager_a)
        service = self.env.ref("aptic_base.service_m202")
        page = self.url_open(f"{self.base_a}/offers/choose").text
        self.assertIn(f"offers/new?service_id={service.id}", page)
        form = self.url_open(f"{self.base_a}/offers/new?service_id={service.id}").text
        self.assertIn("One voucher pays it all.", form)
        self._post(
            f"{self.base_a}/offers/new", service_id=service.id, price="12,50", duration_minutes="90",
            place_ids=[self.place_a.id], audience_ids=[self.seniors.id],
        )  # fmt: skip
        offer = self.provider_a.offer_ids - self.offer_a
        self.assertEqual((offer.service_id, offer.price_cents, offer.duration_minutes), (service, 1250, 90))
        self.assertEqual((offer.place_ids, offer.audience_ids), (self.place_a, self.seniors))
        self.assertRegex(self.url_open(f"{self.base_a}/offers").text, r"beneficiary adds.*2[.,]50")
        self._post(f"{self.base_a}/offers/{offer.id}", price="10", duration_minutes="60", name="Impôts")
        self.assertEqual((offer.price_cents, offer.name, offer.place_ids.ids), (1000, "Impôts", []))
        self._post(f"{self.base_a}/offers/{offer.id}/withdraw")
        self.assertFalse(offer.active)

    def test_below_the_face_value_is_a_warning_not_an_error(self):
        self._as(self.manager_a)
        self._post(f"{self.base_a}/offers/{self.offer_a.id}", price="8", duration_minutes="60")
        self.assertEqual(self.offer_a.price_cents, 800)
        self.assertIn("no change is given", self.url_open(f"{self.base_a}/offers").text)
        answer = self.url_open("/my/aptic/price?price=8").json()
        self.assertEqual((answer["below"], "no change is given" in answer["sentence"]), (True, True))
        self.assertEqual(self.url_open("/my/aptic/price?price=x").json(), {"sentence": "", "below": False})

    def test_a_bad_offer_is_explained_and_nothing_is_written(self):
        self._as(self.manager_a)
        url = f"{self.base_a}/offers/{self.offer_a.id}"
        for values, words in (
            ({"price": "0"}, "Write a price above zero"),
            ({"price": "-5"}, "Write a price above zero"),
            ({"price": "12,345"}, "Write a price above zero"),
            ({"price": "1e3"}, "Write a price above zero"),
            ({"price": "10", "duration_minutes": "0"}, "in minutes"),
            ({"price": "10", "place_ids": [self.place_b.id]}, "your own places"),
        ):
            with self.subTest(words=words):
                answer = self._post(url, **{"duration_minutes": "60", **values})
                self.assertIn(words, answer.text)
                self.assertIn(f'value="{values["price"]}"', answer.text)
        self.assertEqual(self.offer_a.price_cents, 1000)

    # --------------------------------------------------------------------- bank
    def test_ask_for_new_bank_details(self):
        self._as(self.manager_a)
        answer = self._post(f"{self.base_a}/bank", iban="FR76 0000", holder_name="Association A")
        self.assertIn("This IBAN is not valid", answer.text)
        self.assertIn("FR76 0000", answer.text)
        self.assertFalse(self.provider_a.bank_change_ids)
        answer = self._post(f"{self.base_a}/bank", iban=IBAN.lower().replace(" ", ""), holder_name="Association A")
        self.assertIn("request was received", answer.text)
        self.assertIn("frozen", answer.text)
        self.assertNotIn('name="iban"', answer.text)
        change = self.provider_a.bank_change_ids
        self.assertEqual((change.iban, change.requested_by_id), (IBAN, self.manager_a))
        self.assertIn("already", self._post(f"{self.base_a}/bank", iban=IBAN, holder_name="A").text)
        self.assertEqual(len(self.provider_a.bank_change_ids), 1)
        change.with_user(self.accountant).action_approve()
        page = self.url_open(f"{self.base_a}/bank").text
        self.assertIn("1185", page)
        self.assertNotIn(IBAN.replace(" ", ""), re.sub(r"\s", "", page))

    # ------------------------------------------------------------------ queries
    def test_pages_cost_a_bounded_number_of_queries(self):
        self._as(self.manager_a)
        small = {page: self._count(page) for page in ("/my/aptic", f"{self.base_a}/places", f"{self.base_a}/offers")}
        for number in range(30):
            self._place(self.provider_a, f"Lieu {number}", self.pau, self.library)
            self._offer(self.provider_a, self.service, 1000 + number, places=[self.place_a])
        for page, count in small.items():
            self.assertLessEqual(count, 60, page)
            self.assertLessEqual(self._count(page), count + 3, page)

    def _count(self, page):
        self.url_open(page)  # warm
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open(page).status_code, 200)
        return self.env.cr.sql_log_count - before
