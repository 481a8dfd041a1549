import csv
import hashlib
import io

from markupsafe import Markup
from odoo import api, fields, models, tools
from odoo.tools import html2plaintext

from .. import reading_pdf

PAGES = ("questionnaire", "referentiel", "charte", "demarche-qualite")
# What each document is made of: when a row of these changes, it is drawn anew.
SOURCES = {
    "questionnaire": ("survey.survey", "survey.question", "survey.question.answer"),
    "referentiel": ("aptic.service.level", "aptic.service.category", "aptic.service"),
    "charte": ("aptic.charter",),
    "demarche-qualite": ("aptic.reading",),
}


class ApticReading(models.Model):
    """A text that anyone may read before applying; and the documents made of what the suite knows already."""

    _name = "aptic.reading"
    _description = "Public text"
    _inherit = ["mail.thread"]
    _order = "code"
    _rec_name = "title"

    code = fields.Char(required=True, readonly=True)
    title = fields.Char(required=True, tracking=True)
    version = fields.Char(required=True, tracking=True)
    body = fields.Html(string="Text", required=True)

    _code_unique = models.Constraint("UNIQUE(code)", "This text exists already.")

    def write(self, vals):
        """Keep what the text said before, on its thread."""
        if "body" in vals:
            for reading in self.filtered(lambda reading: reading.body != vals["body"]):
                reading.message_post(
                    body=Markup("<p>%s</p>") % self.env._("The text was changed. Version %s said:", reading.version),
                    attachments=[(f"{reading.code}-{reading.version}.html", str(reading.body))],
                )
        return super().write(vals)

    # -------------------------------------------------------------- documents
    @api.model
    def _document(self, page):
        """What a page shows; never a weight, never a threshold.

        :param str page: one of ``PAGES``
        :return: dict ``title``, ``version`` (a sentence or empty), ``parts`` (:class:`~..reading_pdf.Part`) and
            ``text`` (HTML); or None when there is nothing to read
        """
        return getattr(self.sudo(), f"_document_{page.replace('-', '_')}")()

    def _document_questionnaire(self):
        survey = self.env["survey.survey"].search([("survey_type", "=", "aptic_eligibility")], limit=1)
        if not survey:
            return None
        survey = self.env["survey.survey"]._eligibility_in_force()
        return {
            "title": self.env._("#APTIC eligibility questionnaire"),
            "version": self._version(survey.aptic_version),
            "parts": [
                reading_pdf.Part(
                    section.title,
                    html2plaintext(section.description or "").strip(),
                    [
                        (question.title, question.suggested_answer_ids.mapped("value"))
                        for question in section.question_ids
                    ],
                )
                for section in survey.page_ids
            ],
            "text": "",
        }

    def _document_referentiel(self):
        services = self._services()
        if not services:
            return None
        parts = []
        for level, of_level in services.grouped("level_id").items():
            by_category = of_level.grouped("category_id")
            parts.append(
                reading_pdf.Part(
                    level.name, "", [(category.name, found.mapped("name")) for category, found in by_category.items()]
                )
            )
        return {
            "title": self.env._("#APTIC référentiel of the services of digital mediation"),
            "version": self.env._("%s services in three levels", len(services)),
            "parts": parts,
            "text": "",
        }

    def _document_charte(self):
        charter = self.env["aptic.charter"]._current()
        if not charter:
            return None
        return {
            "title": charter.title,
            "version": self._version(charter.version),
            "parts": [],
            "text": charter.body,
        }

    def _document_demarche_qualite(self):
        reading = self.search([("code", "=", "demarche-qualite")], limit=1)
        if not reading:
            return None
        return {
            "title": reading.title,
            "version": self._version(reading.version),
            "parts": [],
            "text": reading.body,
        }

    def _services(self):
        return self.env["aptic.service"].search([("active", "=", True)])

    def _version(self, version):
        return self.env._("version %s", version) if version else ""

    # -------------------------------------------------------------- downloads
    @api.model
    def _digest(self, page):
        """A word that changes with what the page says; one cheap query a source.

        :param str page: one of ``PAGES``
        """
        facts = [page, self.env.lang or ""]
        for model in SOURCES[page]:
            rows = self.env[model].sudo().with_context(active_test=False)
            ((count, latest),) = rows._read_group([], [], ["__count", "write_date:max"])
            facts.append(f"{model} {count} {latest}")
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()

    @api.model
    def _pdf(self, page):
        """The document as a PDF, drawn once for what it says.

        :return: bytes, or None when there is nothing to read
        """
        return self._drawn(page, self._digest(page), self.env.lang)

    @tools.ormcache("page", "digest", "lang")
    def _drawn(self, page, digest, lang):
        document = self._document(page)
        return document and reading_pdf.draw(**document)

    @api.model
    def _referentiel_csv(self):
        """The référentiel as a table: text of the CSV, with a byte order mark for spreadsheets."""
        output = io.StringIO()
        output.write("\ufeff")
        table = csv.writer(output, delimiter=";", lineterminator="\r\n")
        table.writerow(["code", "niveau", "categorie", "service"])
        for service in self.sudo()._services():
            table.writerow([service.code, service.level_id.name, service.category_id.name, service.name])
        return output.getvalue()
