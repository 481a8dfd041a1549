import base64
import io
from datetime import timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError
from reportlab.pdfgen.canvas import Canvas

from ..uploads import Upload
from .common import ApticCase

COMPANY_SIRET = "55208131766522"


def small_pdf(text="Exemple"):
    """The bytes of a PDF of one page."""
    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, text)
    page.save()
    return out.getvalue()


class PaperCase(ApticCase):
    """A company with its signed charter, whose dossier is empty, beside the providers of ``ApticCase``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._provider(
            "Société (test)",
            COMPANY_SIRET,
            state="chartered",
            legal_form="company",
            representative_name="Ada Martin",
            lang="en_US",
        )
        cls._place(cls.company, "Boutique", cls.bordeaux, cls.library)
        cls._offer(cls.company, cls.service, 1000)
        cls.boss, cls.boss_member = cls._member(cls.company, "manager", "boss")
        cls.papers = cls.env["aptic.paper"]
        cls.kbis = cls.env.ref("aptic_base.paper_type_company_kbis")
        cls.statutes = cls.env.ref("aptic_base.paper_type_company_statutes")
        cls.kyc = cls.env.ref("aptic_base.paper_type_company_kyc")
        cls.today = fields.Date.context_today(cls.company)

    def _receive(self, kind, provider=None, user=None, **values):
        provider = provider or self.company
        if kind.max_age_months:
            values.setdefault("issued_on", self.today)
        if kind.has_expiry:
            values.setdefault("expires_on", self.today + timedelta(days=400))
        files = [Upload(small_pdf(), "papier.pdf", "application/pdf", 1)]
        papers = self.papers.with_user(user or self.boss)._receive(provider, kind, files, **values)
        return self.papers.browse(papers.ids)

    def _sentences(self):
        return self.company._paper_sentences(self.company._paper_needs()[self.company.id])

    def _states(self, provider=None):
        provider = provider or self.company
        types = self.env["aptic.paper.type"]
        return {types.browse(need.kind).code: need.state for need in provider._paper_needs()[provider.id]}


@tagged("post_install", "-at_install")
class TestPapers(PaperCase):
    def test_documents_are_those_of_the_guide_by_legal_form(self):
        kinds = self.env["aptic.paper.type"].search([])
        required = {form: len(types.filtered("required")) for form, types in kinds.grouped("legal_form").items()}
        self.assertEqual(required, {"company": 4, "public": 2, "association": 4})
        self.assertEqual(self.kbis.max_age_months, 3)
        self.assertEqual(kinds.filtered("bank_details").mapped("required"), [False, False])
        self.assertTrue(self.env.ref("aptic_base.paper_type_public_mandate").required)
        self.assertEqual(
            kinds.filtered("has_expiry").mapped("code"), ["company_id", "company_kyc", "public_id", "association_id"]
        )

    def test_types_are_data_and_only_a_manager_adds_one(self):
        values = {"name": "Attestation (test)", "code": "test_paper", "legal_form": "company"}
        for user in (self.staff, self.reviewer, self.accountant, self.boss):
            with self.assertRaises(AccessError):
                self.env["aptic.paper.type"].with_user(user).create(values)
        self.env["aptic.paper.type"].with_user(self.staff_manager).create(values)
        self.assertEqual(self._states()["test_paper"], "missing")

    # ------------------------------------------------------------- activation
    def test_nothing_is_active_before_each_required_paper_is_accepted(self):
        self.assertEqual(len(self._sentences()), 4)
        self.assertLessEqual(set(self._sentences()), set(self.company._activation_blockers()))
        owner = self._owner(self.company)
        sent = self._receive(self.kbis) | self._receive(self.statutes)
        sent |= self._receive(self.env.ref("aptic_base.paper_type_company_id"))
        with self.assertRaisesRegex(UserError, "Missing document: “Identity document of a beneficial"):
            self.company._activate()
        sent |= self._receive(self.kyc, owner=owner)
        self.assertEqual(len(self._sentences()), 4)
        for sentence in self._sentences():
            self.assertIn("being checked", sentence)
        # Whatever other addons ask for, papers are the last thing here.
        with patch.object(type(self.company), "_activation_blockers", lambda company: self._sentences()):
            for paper in sent:
                self.assertEqual(self.company.state, "chartered")
                paper.with_user(self.reviewer).action_accept()
        self.assertFalse(self._sentences())
        self.assertEqual(self.company.state, "active", "the last paper makes the dossier go on by itself")

    def test_optional_papers_and_those_of_other_forms_block_nothing(self):
        self._accept_papers(self.company)
        self.assertFalse(self._sentences())
        self.assertEqual(self._states()["company_rib"], "missing")
        self.assertNotIn("association_jo", self._states())

    def test_a_paper_is_missing_until_it_is_accepted_and_after_it_expires(self):
        kind = self.env.ref("aptic_base.paper_type_association_id")
        self.assertIn(kind, self.provider_a.missing_paper_type_ids)
        paper = self._receive(kind, self.provider_a, self.manager_a, expires_on=self.today + timedelta(days=40))
        self.assertIn(kind, self.provider_a.missing_paper_type_ids)
        paper.with_user(self.reviewer).action_accept()
        self.assertNotIn(kind, self.provider_a.missing_paper_type_ids)
        for days, state in ((9, "accepted"), (10, "expiring"), (40, "expiring"), (41, "expired")):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self.assertEqual(self._states(self.provider_a)["association_id"], state, days)

    def test_a_kbis_is_three_months_old_at_most_on_the_day_of_the_check(self):
        with self.assertRaisesRegex(ValidationError, "less than 3 months"):
            self._receive(self.kbis, issued_on=self.today - relativedelta(months=3, days=1))
        paper = self._receive(self.kbis, issued_on=self.today - relativedelta(months=3))
        with freeze_time(fields.Datetime.now() + timedelta(days=1)), self.assertRaisesRegex(UserError, "3 months"):
            paper.with_user(self.reviewer).action_accept()
        paper.with_user(self.reviewer).action_accept()
        with freeze_time(fields.Datetime.now() + timedelta(days=300)):
            self.assertEqual(self._states()["company_kbis"], "accepted", "counted on the day of the check, not after")

    def test_a_sole_owner_gives_no_statutes(self):
        paper = self._receive(self.kbis)
        paper.with_user(self.reviewer).waives = True
        self.assertEqual(self._states()["company_statutes"], "missing", "not before the extract is accepted")
        paper.with_user(self.reviewer).action_accept()
        self.assertEqual(self._states()["company_statutes"], "waived")
        self.assertNotIn(self.statutes, self.company.missing_paper_type_ids)
        newer = self._receive(self.kbis)
        newer.with_user(self.reviewer).action_accept()
        self.assertEqual(paper.state, "replaced")
        self.assertEqual(self._states()["company_statutes"], "missing", "the newer extract does not say so")

    # -------------------------------------------------------------- reception
    def test_what_was_sent_before_is_replaced_in_time(self):
        first = self._receive(self.statutes)
        second = self._receive(self.statutes)
        self.assertEqual((first.state, second.state), ("replaced", "received"))
        self.assertTrue(first.ended_on)
        second.with_user(self.reviewer).action_accept()
        third = self._receive(self.statutes)
        self.assertEqual(
            (second.state, third.state), ("accepted", "received"), "in force until the new one is accepted"
        )
        self.assertEqual(self._states()["company_statutes"], "accepted")
        third.with_user(self.reviewer).action_accept()
        self.assertEqual((second.state, third.state), ("replaced", "accepted"))
        added = self._receive(self.statutes, replace=False)
        added.with_user(self.reviewer).action_accept()
        self.assertEqual((third.state, added.state), ("accepted", "accepted"))

    def test_dates_and_types_that_cannot_be_right(self):
        identity = self.env.ref("aptic_base.paper_type_company_id")
        for kind, values, words in (
            (self.kbis, {"issued_on": None}, "date of issue"),
            (self.kbis, {"issued_on": self.today + timedelta(days=1)}, "in the future"),
            (identity, {"expires_on": None}, "last day of validity"),
            (identity, {"expires_on": self.today - timedelta(days=1)}, "has expired"),
            (identity, {"expires_on": self.today + timedelta(days=60 * 366)}, "too far away"),
            (self.env.ref("aptic_base.paper_type_association_jo"), {}, "not asked of your organisation"),
            (self.kyc, {}, "whose identity document"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words):
                self._receive(kind, **values)
        with self.assertRaisesRegex(ValidationError, "Choose the file"):
            self.papers._receive(self.company, self.statutes, [])
        self.company._strike_off("request", "Au revoir.")
        with self.assertRaisesRegex(ValidationError, "has left"):
            self._receive(self.statutes)
        self.assertFalse(self.company.paper_ids)

    def test_a_document_that_ends_is_not_accepted_after_its_end(self):
        identity = self.env.ref("aptic_base.paper_type_company_id")
        paper = self._receive(identity, expires_on=self.today)
        with freeze_time(fields.Datetime.now() + timedelta(days=1)), self.assertRaisesRegex(UserError, "has expired"):
            paper.with_user(self.reviewer).action_accept()
        paper.expires_on = False
        with self.assertRaisesRegex(UserError, "ends on a day"):
            paper.with_user(self.reviewer).action_accept()

    # ---------------------------------------------------------------- refusal
    def test_a_refusal_says_why_and_the_managers_read_it(self):
        paper = self._receive(self.statutes)
        with self.assertRaisesRegex(UserError, "Say why"):
            paper.with_user(self.reviewer).action_refuse()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            paper._guarded_write({"state": "refused", "ended_on": fields.Datetime.now()})
            paper.flush_recordset()
        paper.with_user(self.reviewer).reason = "Il manque la signature"
        paper.with_user(self.reviewer).action_refuse()
        self.assertEqual((paper.state, paper.checked_by_id), ("refused", self.reviewer))
        message = self.company.message_ids[:1]
        self.assertIn("Il manque la signature", message.body)
        self.assertEqual(message.notified_partner_ids, self.boss.partner_id)
        self.assertFalse(message.attachment_ids, "the document itself is never mailed")
        self.assertTrue([sentence for sentence in self._sentences() if "Il manque la signature." in sentence])

    def test_only_reviewers_and_managers_of_aptic_decide(self):
        paper = self._receive(self.statutes)
        for user in (self.staff, self.accountant, self.boss, self.manager_b, self.stranger):
            for verb in ("action_accept", "action_refuse"):
                with self.assertRaises(AccessError):
                    getattr(paper.with_user(user), verb)()
                with self.assertRaises(AccessError):
                    getattr(paper.with_user(user).sudo(), verb)()
        for values in ({"state": "accepted"}, {"provider_id": self.provider_a.id}, {"checked_by_id": self.staff.id}):
            with self.assertRaises(UserError):
                paper.with_user(self.reviewer).write(values)
        self.assertEqual(paper.state, "received")

    def test_providers_with_papers_to_check_are_found(self):
        self._receive(self.statutes)
        self._receive(self.kbis)
        self.assertEqual(self.company.papers_to_check, 2)
        providers = self.env["aptic.provider"]
        self.assertIn(self.company, providers.search([("papers_to_check", ">", 0)]))
        self.assertNotIn(self.provider_a, providers.search([("papers_to_check", ">", 0)]))

    def test_the_search_of_incomplete_dossiers_agrees_with_what_is_asked_for(self):
        providers = self.company | self.provider_a | self.provider_b

        def lacking():
            self.env.flush_all()
            self.env.invalidate_all()
            mine = [("id", "in", providers.ids)]
            found = providers.search([*mine, ("lacks_papers", "=", True)])
            self.assertEqual(found, providers.filtered("missing_paper_type_ids"))
            self.assertEqual(providers.search([*mine, ("lacks_papers", "=", False)]), providers - found)
            return found

        self.assertEqual(lacking(), providers)
        self._accept_papers(self.provider_a)
        self._accept_papers(self.company)
        self.assertEqual(lacking(), self.provider_b)
        self._owner(self.company, "Grace Roy (test)", 40)
        self.assertIn(self.company, lacking(), "a second owner without an identity document")
        self._paper(self.company, self.kyc, owner_id=self.company.owner_ids[-1:].id)
        self.assertNotIn(self.company, lacking())
        self.company.paper_ids.filtered(lambda paper: paper.type_id == self.statutes)._replaced()
        self.assertIn(self.company, lacking())
        self.company.paper_ids.filtered(lambda paper: paper.type_id == self.kbis).waives = True
        self.assertNotIn(self.company, lacking(), "a sole owner")

    # --------------------------------------------------------- came by post
    def _reception(self, user, data, **values):
        return (
            self.env["aptic.paper.reception"]
            .with_user(user)
            .create(
                {
                    "provider_id": self.company.id,
                    "type_id": self.statutes.id,
                    "upload": base64.b64encode(data),
                    "upload_name": "statuts.pdf",
                    **values,
                }
            )
        )

    def test_reviewers_add_what_came_by_post_and_it_is_checked_as_well(self):
        wizard = self._reception(self.reviewer, small_pdf())
        wizard.action_receive()
        paper = self.company.paper_ids
        self.assertEqual(
            (paper.state, paper.filename, paper.received_by_id), ("received", "statuts.pdf", self.reviewer)
        )
        self.assertFalse(wizard.exists(), "nothing of the file stays behind")
        with self.assertRaisesRegex(ValidationError, "neither a PDF nor a picture"):
            self._reception(self.reviewer, b"MZ a program").action_receive()
        with self.assertRaisesRegex(ValidationError, "less than 3 months"):
            old = self.today - timedelta(days=200)
            self._reception(self.reviewer, small_pdf(), type_id=self.kbis.id, issued_on=old).action_receive()
        self.assertEqual(self.company.paper_ids, paper)

    def test_only_reviewers_and_managers_add_what_came_by_post(self):
        self._reception(self.staff_manager, small_pdf()).action_receive()
        for user in (self.staff, self.accountant, self.boss, self.stranger):
            with self.assertRaises(AccessError):
                self._reception(user, small_pdf())
            with self.assertRaises(AccessError):
                wizard = self._reception(self.reviewer, small_pdf())
                wizard.with_user(user).sudo().action_receive()
        self.assertEqual(len(self.company.paper_ids), 1)

    def test_the_limits_of_uploads_are_settings(self):
        parameters, uploads = self.env["ir.config_parameter"], self.env["aptic.upload"]
        parameters.set_param("aptic_base.upload_pages", "0")
        with self.assertRaisesRegex(ValidationError, "at most 0"):
            uploads._checked(small_pdf(), "a.pdf")
        parameters.set_param("aptic_base.upload_megabytes", "much")
        self.assertEqual(uploads._limits().size, 10 * 1024 * 1024, "no number: the usual one")
        parameters.set_param("aptic_base.upload_megabytes", "10")
        settings = self.env["res.config.settings"].create({"aptic_upload_megabytes": 3})
        settings.set_values()
        self.assertEqual(uploads._limits().size, 3 * 1024 * 1024)

    # ------------------------------------------------------ beneficial owners
    def test_each_beneficial_owner_has_an_identity_document(self):
        self.assertEqual(self._states()["company_kyc"], "undeclared")
        first, second = self._owner(self.company, share=50), self._owner(self.company, "Grace Roy (test)", 50)
        self._receive(self.kyc, owner=first).with_user(self.reviewer).action_accept()
        needs = [need for need in self.company._paper_needs()[self.company.id] if need.kind == self.kyc.id]
        self.assertEqual([(need.owner, need.state) for need in needs], [(first.id, "accepted"), (second.id, "missing")])
        self.assertIn(self.kyc, self.company.missing_paper_type_ids)
        second._withdraw()
        self.assertNotIn(self.kyc, self.company.missing_paper_type_ids)

    def test_shares_and_declarations_that_cannot_be_right(self):
        self._owner(self.company, share=60)
        for values, words in (
            ({"share": 24.99}, "from 25 to 100"),
            ({"share": 40.01}, "more than 100"),
            ({"basis": "representative"}, "Either persons"),
            ({"name": " "}, "name, the date of birth"),
        ):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self._owner(self.company, **values)
        with self.assertRaisesRegex(ValidationError, "Only companies"), self.cr.savepoint():
            self._owner(self.provider_a)
        self._owner(self.company, share=40)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.company.owner_ids[:1]._guarded_write({"name": False})
            self.company.flush_recordset()
            self.env["aptic.beneficial.owner"].flush_model()

    def test_nobody_holds_a_quarter(self):
        owner = self._owner(self.company, basis="representative")
        self.assertEqual((owner.share, owner.basis), (0, "representative"))
        self.assertEqual(self._states()["company_kyc"], "missing")

    # ---------------------------------------------------------------- budgets
    def test_needs_of_many_providers_take_as_many_queries_as_those_of_one(self):
        everyone = self.company | self.provider_a | self.provider_b
        for provider in everyone:
            self._accept_papers(provider)
        self.env.flush_all()
        for providers in (self.company, everyone):
            self.env.invalidate_all()
            providers.fetch(["legal_form"])
            with self.assertQueryCount(8):  # types, waivers, papers, owners, mandates and who has one
                providers._paper_needs()
