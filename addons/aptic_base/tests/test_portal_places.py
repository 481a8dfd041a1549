from datetime import timedelta

from odoo import fields
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from reportlab.pdfgen.canvas import Canvas

from .common import ApticCase


def pdf(pages=1):
    """The bytes of a small PDF."""
    canvas = Canvas("convention.pdf")
    for number in range(pages):
        canvas.drawString(100, 700, f"Convention {number}")
        canvas.showPage()
    return canvas.getpdfdata()


@tagged("post_install", "-at_install")
class TestPortalPlaces(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.places_url = f"/my/aptic/provider/{cls.provider_a.id}/places"
        cls.place_url = f"{cls.places_url}/{cls.place_a.id}"
        cls.host_url = f"{cls.place_url}/host"
        cls.today = fields.Date.context_today(cls.place_a)
        cls.good = {
            "name": "Antenne",
            "type_id": cls.library.id,
            "zip": "33000",
            "territory_id": cls.bordeaux.id,
            "presence": "place",
        }

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, files=None, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values}, files=files)

    # -------------------------------------------------------------------- place
    def test_the_postcode_with_the_most_municipalities_loses_none(self):
        self.env.cr.execute(
            """SELECT postcode, count(*) FROM aptic_territory, unnest(string_to_array(postal_codes, ' ')) AS postcode
                WHERE kind = 'commune' GROUP BY postcode ORDER BY count(*) DESC LIMIT 1"""
        )
        ((code, count),) = self.env.cr.fetchall()
        self.assertGreaterEqual(count, 46)
        self._as(self.manager_a)
        page = self._post(f"{self.places_url}/new", **{**self.good, "zip": code, "territory_id": ""}).text
        towns = self.env["aptic.territory"]._of_postal_code(code)
        self.assertEqual(len(towns), count)
        for town in towns:
            self.assertIn(f'value="{town.id}"', page)
        self.assertIn("Several municipalities", page)
        self.assertEqual(len(self.url_open(f"/my/aptic/communes?zip={code}").json()), count)
        last = towns[-1]
        self._post(f"{self.places_url}/new", **{**self.good, "zip": code, "territory_id": last.id})
        place = self.provider_a.place_ids - self.place_a
        self.assertEqual((place.territory_id, place.coordinates_source), (last, "commune"))

    def test_a_week_filled_in_day_by_day_is_written_as_openstreetmap_does(self):
        self._as(self.manager_a)
        week = {
            f"day_{day}_{number}_{end}": moment
            for day in ("Mo", "Tu")
            for (number, end), moment in zip(
                ((0, "from"), (0, "to"), (1, "from"), (1, "to")), ("9h", "12", "14:00", "17h30"), strict=True
            )
        }
        self._post(self.place_url, **self.good, **week, day_Sa_0_from="10", day_Sa_0_to="12")
        self.assertEqual(self.place_a.opening_hours, "Mo-Tu 09:00-12:00,14:00-17:30; Sa 10:00-12:00")
        form = self.url_open(self.place_url).text
        self.assertIn('value="17:30"', form)
        self.assertRegex(form, r'name="opening_hours"[^>]*value=""')
        answer = self._post(self.place_url, **self.good, day_We_0_from="14", day_We_0_to="9").text
        self.assertIn("Wednesday: write times as", answer)
        self.assertIn('value="14"', answer)  # what was typed is kept
        self.assertIn("not both", self._post(self.place_url, **self.good, **week, opening_hours="Mo 09:00-10:00").text)
        self.assertIn("cannot be read", self._post(self.place_url, **self.good, opening_hours="le lundi").text)
        self.assertEqual(self.place_a.opening_hours, "Mo-Tu 09:00-12:00,14:00-17:30; Sa 10:00-12:00")
        self._post(self.place_url, **self.good, opening_hours="Mo-Fr 09:00-12:00; PH off")
        self.assertEqual(self.place_a.opening_hours, "Mo-Fr 09:00-12:00; PH off")
        self.assertIn("Mo-Fr 09:00-12:00; PH off", self.url_open(self.place_url).text)

    def test_accessibility_contact_and_pin(self):
        self._as(self.manager_a)
        ways = self.env.ref("aptic_base.accessibility_wheelchair") | self.env.ref(
            "aptic_base.accessibility_hearing_loop"
        )
        self._post(
            self.place_url, **self.good, accessibility_ids=ways.ids, website="https://lieu.example",
            acceslibre_url="https://acceslibre.beta.gouv.fr/app/x/", latitude="44,8378", longitude="-0.5792",
        )  # fmt: skip
        place = self.place_a
        self.assertEqual((place.accessibility_ids, place.website), (ways, "https://lieu.example"))
        self.assertEqual((place.latitude, place.coordinates_source), (44.8378, "pin"))
        page = self.url_open(self.places_url).text
        self.assertIn("Hearing loop", page)
        self.assertIn("where you have put it", page)
        for values, words in (
            ({"latitude": "x", "longitude": "1"}, "Give both numbers"),
            ({"latitude": "48.85", "longitude": "2.35"}, "km away from the centre of Bordeaux"),
            ({"website": "lieu.example"}, "from https:// on"),
            ({"acceslibre_url": "https://example.org"}, "acceslibre.beta.gouv.fr"),
        ):
            with self.subTest(words=words):
                answer = self._post(self.place_url, **self.good, **values, accessibility_ids=[ways[0].id]).text
                self.assertIn(words, answer)
                self.assertRegex(answer, rf'id="place_accessibility_{ways[0].id}"[^>]*checked')
        self.assertEqual((place.latitude, place.website), (44.8378, "https://lieu.example"))
        self._post(self.place_url, **self.good, latitude="", longitude="")
        self.assertEqual((place.coordinates_source, place.accessibility_ids.ids), ("commune", []))

    def test_the_map_is_there_only_with_tiles_of_ones_own(self):
        self._as(self.manager_a)
        self.assertNotIn("o_aptic_map", self.url_open(self.place_url).text)
        self.env["ir.config_parameter"].set_param("leaflet.tile_url", "https://tiles.example/{z}/{x}/{y}.png")
        self.assertIn("o_aptic_map", self.url_open(self.place_url).text)
        self.env["ir.config_parameter"].set_param("leaflet.tile_url", "False")
        self.assertNotIn("o_aptic_map", self.url_open(self.place_url).text)

    # --------------------------------------------------------------------- host
    def test_a_hosts_place_leads_to_its_convention(self):
        self._as(self.manager_a)
        answer = self._post(f"{self.places_url}/new", **{**self.good, "presence": "convention"})
        place = self.provider_a.place_ids - self.place_a
        self.assertTrue(answer.url.endswith(f"/places/{place.id}/host"))
        self.assertIn("Hand in the convention", answer.text)
        values = {"kind": "convention", "host_name": "Commune d'Eysines", "starts_on": str(self.today), "ends_on": ""}
        url = f"{self.places_url}/{place.id}/host"
        answer = self._post(url, files={"document": ("convention signée.pdf", pdf(), "application/pdf")}, **values)
        self.assertIn("being checked", answer.text)
        stay = place.hosting_ids
        self.assertEqual(
            (stay.host_name, stay.ends_on, stay.filename), ("Commune d'Eysines", False, "convention signée.pdf")
        )
        self.assertTrue(stay.document)
        stay._accept()
        self.assertIn("At Commune d", self.url_open(self.places_url).text)
        self._as(self.mediator_a)
        page = self.url_open(url)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn('name="host_name"', page.text)

    def test_a_bad_convention_is_explained_and_nothing_is_written(self):
        self._as(self.manager_a)
        good = {"kind": "convention", "host_name": "Commune", "starts_on": str(self.today), "ends_on": ""}
        earlier = str(self.today - timedelta(days=1))
        for values, content, words in (
            ({}, None, "Choose the file"),
            ({}, b"MZ program", "neither a PDF nor a picture"),
            ({"host_name": " "}, pdf(), "Name the organisation"),
            ({"starts_on": ""}, pdf(), "Give the first day"),
            ({"starts_on": "demain"}, pdf(), "Write the date"),
            ({"ends_on": earlier}, pdf(), "cannot come before"),
            ({"kind": "priming"}, None, "until when"),
        ):
            with self.subTest(words=words):
                files = {"document": ("convention.pdf", content)} if content else {"document": ("", b"")}
                answer = self._post(self.host_url, files=files, **{**good, **values})
                self.assertEqual(answer.status_code, 200)
                self.assertIn(words, answer.text)
        self.assertFalse(self.place_a.hosting_ids)
        self.assertEqual(self.place_a.presence, "place")

    def test_a_start_is_declared_on_the_same_page(self):
        self._as(self.manager_a)
        until = self.today + timedelta(days=60)
        values = {"kind": "priming", "host_name": "Mairie", "starts_on": str(self.today), "ends_on": str(until)}
        self._post(self.host_url, files={"document": ("", b"")}, **values)
        self.assertTrue(self.place_a._is_open(until))
        self.assertFalse(self.place_a._is_open(until + timedelta(days=1)))

    def test_the_host_is_for_members_to_read_and_managers_to_change(self):
        values = {"kind": "priming", "host_name": "X", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        for user, status in (
            (self.mediator_a, 200),
            (self.accountant_a, 200),
            (self.manager_b, 403),
            (self.stranger, 403),
        ):
            self._as(user)
            self.assertEqual(self.url_open(self.host_url).status_code, status, user.login)
            self.assertEqual(self._post(self.host_url, **values).status_code, 403, user.login)
        self._as(self.manager_a)
        other = f"{self.places_url}/{self.place_b.id}/host"
        self.assertEqual((self.url_open(other).status_code, self._post(other, **values).status_code), (403, 403))
        self.assertFalse(self.place_a.hosting_ids)

    def test_a_form_that_is_sent_twice_counts_once(self):
        self._as(self.manager_a)
        values = {"kind": "priming", "host_name": "Mairie", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
        for _again in range(2):
            self._post(self.host_url, form_token="0f3b", **values)
        self.assertEqual(len(self.place_a.hosting_ids), 1)
