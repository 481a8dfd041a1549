import csv
import io

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import PdfReader

from ..models.aptic_reading import PAGES
from .common import EligibilityCase

WEIGHT = 7919
THRESHOLD = 97


@tagged("post_install", "-at_install")
class TestReading(EligibilityCase, HttpCase):
    """What anyone reads before applying, without an account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.survey.question_ids.suggested_answer_ids.answer_score = WEIGHT
        cls.survey.page_ids.aptic_theme_id.threshold = THRESHOLD

    def _get(self, path, status=200, **options):
        answer = self.url_open(path, **options)
        self.assertEqual(answer.status_code, status, path)
        return answer

    def _words(self, content):
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())

    def test_the_door_leads_to_everything(self):
        door = self._get("/aptic").text
        for page in PAGES:
            self.assertIn(f'href="/aptic/{page}"', door)
            self.assertIn(f'href="/aptic/{page}.pdf"', door)
        self.assertIn("/my/aptic/join", door)
        self.assertIn("/web/signup", door)

    def test_each_document_is_read_and_downloaded_without_an_account(self):
        for page, words in (
            ("questionnaire", self.survey.with_context(lang="en_US").question_ids[0].title),
            ("referentiel", self.service.name),
            ("charte", "Accueillir chacun"),
            ("demarche-qualite", "marges de progression"),
        ):
            with self.subTest(page):
                text = self._get(f"/aptic/{page}").text
                self.assertIn(words, text)
                pdf = self._get(f"/aptic/{page}.pdf")
                self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
                self.assertIn(" ".join(words.split()), self._words(pdf.content))

    def test_no_weight_and_no_threshold_is_told(self):
        for path in (
            "/aptic/questionnaire",
            "/aptic/referentiel",
            "/aptic/charte",
            "/aptic/demarche-qualite",
            "/aptic",
        ):
            text = self._get(path).text
            for secret in (str(WEIGHT), "answer_score", "threshold", f"{THRESHOLD} %", f"{THRESHOLD}%"):
                self.assertNotIn(secret, text, path)
        pdf = self._words(self._get("/aptic/questionnaire.pdf").content)
        for secret in (str(WEIGHT), f"{THRESHOLD} %"):
            self.assertNotIn(secret, pdf)

    def test_the_referentiel_is_a_table_too(self):
        answer = self._get("/aptic/referentiel.csv")
        self.assertIn("text/csv", answer.headers["Content-Type"])
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        self.assertEqual(len(rows), self.env["aptic.service"].search_count([]))
        mine = next(row for row in rows if row["code"] == self.service.code)
        self.assertEqual(mine["categorie"], self.category.name)
        self.assertEqual(mine["niveau"], self.level.name)

    def test_a_copy_that_is_still_good_is_not_sent_again(self):
        first = self._get("/aptic/demarche-qualite.pdf")
        again = {"If-None-Match": first.headers["ETag"]}
        self.assertEqual(self._get("/aptic/demarche-qualite.pdf", 304, headers=again).content, b"")
        self.env.ref("aptic_eligibility.reading_quality").body = "<p>Tout autre chose</p>"
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_reading SET write_date = write_date + interval '1 second'")
        self.env.invalidate_all()
        changed = self._get("/aptic/demarche-qualite.pdf", headers=again)
        self.assertIn("Tout autre chose", self._words(changed.content))

    def test_the_questionnaire_in_force_is_the_one_shown(self):
        revised = self.survey._aptic_new_version("2099.1")
        revised.question_ids[0].title = "Une question toute neuve"
        self.assertNotIn("toute neuve", self._get("/aptic/questionnaire").text)
        revised._aptic_put_in_force()
        self.assertIn("toute neuve", self._get("/aptic/questionnaire").text)

    def test_without_a_charter_the_reader_is_led_back(self):
        self.charter._guarded_write({"in_force": False})
        self.assertTrue(self._get("/aptic/charte").url.endswith("/aptic"))
        self.assertTrue(self._get("/aptic/charte.pdf").url.endswith("/aptic"))

    def test_the_dossier_and_the_hub_lead_there(self):
        self.manager.lang = "en_US"
        self.authenticate(self.manager.login, self.manager.login)
        for path in ("/my/aptic", "/my/aptic/join", f"/my/aptic/provider/{self.provider.id}"):
            self.assertIn('href="/aptic', self._get(path).text)

    def test_managers_write_the_text_and_what_it_said_is_kept(self):
        text = self.env.ref("aptic_eligibility.reading_quality")
        before = text.body
        text.with_user(self.staff_manager).write({"body": "<p>Nouveau</p>", "version": "2027.1"})
        kept = text.message_ids.attachment_ids[:1]
        self.assertEqual(kept.raw.decode(), str(before))
        for user in (self.staff, self.reviewer, self.accountant):
            with self.assertRaises(AccessError):
                text.with_user(user).write({"body": "<p>x</p>"})
        for user in (self.manager, self.mediator, self.stranger, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                text.with_user(user).read(["body"])
