from datetime import timedelta

import pypdfium2
import zxingcpp
from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from .common import ApticCase

LONG = "Établissement public de coopération intercommunale à fiscalité propre de l'Œuvre d'Haÿ-les-Roses & Ça " * 2


@tagged("post_install", "-at_install")
class TestCatalogue(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.provider_a.write({"phone": "+33 5 99 99 99 99", "email": "private@acteur.example"})
        cls.place_a.write(
            {
                "street": "1 rue de l'Église",
                "zip": "33000",
                "phone": "05 56 00 00 00",
                "opening_hours": "Mo-Fr 09:00-12:00",
            }
        )
        cls.pdf_url = f"/my/aptic/provider/{cls.provider_a.id}/catalogue.pdf"

    def _page(self, provider=None, path=None):
        self.authenticate(None, None)
        return self.url_open(path or (provider or self.provider_a)._public_path())

    def _text(self, pdf):
        with pypdfium2.PdfDocument(pdf) as document:
            return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)

    # -------------------------------------------------------------- public page
    def test_anyone_reads_an_active_providers_page(self):
        hidden = self._offer(self.provider_a, self.other_service, 1234)
        hidden.action_archive()
        self._pathway(self.provider_a, "Cinq pas", [self.offer_a] * 5)
        page = self._page()
        self.assertEqual(page.status_code, 200)
        for words in (
            "Acteur A (test)",
            "Lieu A",
            "1 rue de l&#39;Église",
            "05 56 00 00 00",
            "Impôts (test)",
            "Cinq pas",
        ):
            self.assertIn(words, page.text)
        for secret in (
            "private@acteur.example", "99 99 99 99", self.provider_a.siret, "12.34", "12,34", "Acteur B", "Lieu B",
            self.manager_a.name, self.manager_a.email,
        ):  # fmt: skip
            self.assertNotIn(secret, page.text)

    def test_who_is_not_active_looks_like_nobody(self):
        missing = self._page(path="/aptic/acteurs/999999999-personne")
        self.assertEqual(missing.status_code, 404)
        sirets = {"suspended": "99900021900017", "draft": "99900022700010", "struck_off": "99900023500013"}
        others = [self._provider(f"Acteur {state}", siret, state) for state, siret in sirets.items()]
        for path in [other._public_path() for other in others] + [
            "/aptic/acteurs/0", "/aptic/acteurs/-1", "/aptic/acteurs/x", "/aptic/acteurs/99999999999999999999999",
            "/aptic/acteurs/%00", f"/aptic/acteurs/{others[0].id}-%3Cscript%3E",
        ]:  # fmt: skip
            answer = self._page(path=path)
            self.assertEqual(answer.status_code, 404, path)
            self.assertEqual(self._shape(answer.text), self._shape(missing.text), path)

    def _shape(self, text):
        """The page without what differs each time."""
        return text[text.index('id="wrap"') : text.index("</h1>")]

    def test_another_name_in_the_address_leads_to_the_right_one(self):
        answer = self._page(path=f"/aptic/acteurs/{self.provider_a.id}-autre")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.url.endswith(self.provider_a._public_path()))

    def test_only_open_places_and_what_is_given_there(self):
        today = fields.Date.context_today(self.place_a)
        closed = self._place(
            self.provider_a, "Ancien lieu", self.pau, self.library, open_until=today - timedelta(days=2)
        )
        hosted = self._place(self.provider_a, "Chez un hôte", self.pau, self.library, presence="convention")
        there = self._offer(self.provider_a, self.other_service, 1000, places=[closed, hosted], name="Là-bas seulement")
        page = self._page().text
        for words in ("Ancien lieu", "Chez un hôte", "Là-bas seulement"):
            self.assertNotIn(words, page)
        there.place_ids |= self.place_a
        self.assertIn("Là-bas seulement", self._page().text)
        self.other_service.active = False
        self.assertNotIn("Là-bas seulement", self._page().text)
        with self.assertRaisesRegex(ValidationError, "no longer in the référentiel"):
            self._offer(self.provider_a, self.other_service, 1000)
        there.price_cents = 1100  # what is there already may go on
        self.place_a.open_until = today - timedelta(days=2)
        page = self._page().text
        self.assertIn("No place is open at present", page)
        self.assertIn("No service is offered at present", page)

    def test_what_people_typed_is_escaped(self):
        self.provider_a.name = "<script>alert(1)</script>"
        self.place_a.name = "<img src=x onerror=alert(1)>"
        page = self._page().text
        self.assertNotIn("<script>alert(1)", page)
        self.assertNotIn("<img src=x", page)

    # --------------------------------------------------------------- the paper
    def test_the_catalogue_says_what_the_page_says_and_its_code_leads_there(self):
        self._offer(self.provider_a, self.other_service, 1500, duration_minutes=90)
        self._pathway(self.provider_a, "Cinq pas", [self.offer_a] * 5, description="Pour commencer.")
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        answer = self.url_open(self.pdf_url)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn("catalogue-acteur-a-test.pdf", answer.headers["Content-Disposition"])
        text = self._text(answer.content)
        for words in ("Acteur A (test)", "1 rue de l'Église, 33000 Bordeaux", "05 56 00 00 00", "Monday to Friday",
                      "Imprimante 3D (test)", "90 min", "Cinq pas", "5 vouchers pay it all"):  # fmt: skip
            self.assertIn(words, text)
        self.assertRegex(text, r"beneficiary adds\s.*5[.,]00")
        with pypdfium2.PdfDocument(answer.content) as document:
            self.assertEqual([round(side) for side in document[0].get_size()], [595, 842])
            (code,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
        self.assertEqual(code.text, self.provider_a.get_base_url() + self.provider_a._public_path())
        self.assertEqual(self._page(path=code.text.removeprefix(self.provider_a.get_base_url())).status_code, 200)

    def test_nothing_and_two_hundred_services_and_long_names(self):
        empty = self._provider("Vide", "99900022700010", "chartered")
        text = self._text(empty._catalogue_pdf())
        self.assertIn("No service is offered at present.", text)
        with pypdfium2.PdfDocument(empty._catalogue_pdf()) as document:  # no page, so no code yet
            self.assertFalse(zxingcpp.read_barcodes(document[0].render(scale=2).to_pil()))
        self.provider_a.name = LONG[:200]
        for number in range(200):
            self._offer(
                self.provider_a, self.service, 1000 + number, name=f"{number} {LONG}"[:150], places=[self.place_a]
            )
        for number in range(40):
            self._place(self.provider_a, f"{number} {LONG}"[:100], self.pau, self.library, street="x" * 200)
        self._pathway(self.provider_a, LONG[:100], self.provider_a.offer_ids[:10], description="mot " * 250)
        self.place_a.opening_hours = "Mo-Fr 09:00-12:00"
        text = self._text(self.provider_a._catalogue_pdf())
        for words in ("0 Établissement", "199 Établissement", "39 Établissement", "l'Œuvre d'Haÿ-les-Roses & Ça"):
            self.assertIn(words, text)
        page = self._page()
        self.assertEqual((page.status_code, page.text.count("data-offer=")), (200, 201))

    def test_the_catalogue_is_for_members(self):
        for user, status in (
            (self.manager_a, 200),
            (self.accountant_a, 200),
            (self.manager_b, 403),
            (self.stranger, 403),
        ):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open(self.pdf_url).status_code, status, user.login)

    def test_the_public_page_costs_a_bounded_number_of_queries(self):
        small = self._count()
        for number in range(60):
            self._offer(self.provider_a, self.service, 1000 + number)
            self._place(self.provider_a, f"Lieu {number}", self.pau, self.library)
        for number in range(10):
            self._pathway(self.provider_a, f"Parcours {number}", [self.offer_a] * 5)
        self.assertLessEqual(self._count(), small + 8)

    def _count(self):
        self._page()
        before = self.env.cr.sql_log_count
        self._page()
        return self.env.cr.sql_log_count - before
