from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import EligibilityCase, drawn_signature

WEIGHT = 7919


@tagged("post_install", "-at_install")
class TestPortal(EligibilityCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")  # pages without a language in their address

    # ---------------------------------------------------------------- helpers
    def _login(self, user):
        user.lang = "en_US"
        self.authenticate(user.login, user.login)

    def _get(self, path, status=200):
        response = self.url_open(path)
        self.assertEqual(response.status_code, status, path)
        return response.text

    def _post(self, path, status=200, **data):
        response = self.url_open(path, data={"csrf_token": Request.csrf_token(self), **data})
        self.assertEqual(response.status_code, status, path)
        return response

    def _rpc(self, path, **params):
        return self.make_jsonrpc_request(path, params)

    def _url(self, provider, page=""):
        return f"/my/aptic/provider/{provider.id}{page}"

    # ------------------------------------------------------------------- walk
    def _join(self):
        response = self._post(
            "/my/aptic/join",
            siret="443 061 841 00047",
            legal_form="association",
            name="Les Connectés (test)",
            representative_name="Ada Martin",
            representative_capacity="Présidente",
            acts_as="representative",
        )
        provider = self.env["aptic.provider"].search([("siret", "=", "44306184100047")])
        self.assertTrue(provider)
        self.assertTrue(response.url.endswith(self._url(provider)))
        return provider

    def _answer_on_screen(self, provider):
        """Answer as the browser does; return everything that it received."""
        received = [self._post(self._url(provider, "/eligibility")).text]
        user_input = provider.application_ids.user_input_id
        tokens = f"{self.survey.access_token}/{user_input.access_token}"
        received.append(str(self._rpc(f"/survey/begin/{tokens}")))
        for page in self.survey.page_ids:
            answers = {}
            for question in page.question_ids:
                choices = question.suggested_answer_ids.sorted("answer_score")
                many = question.question_type == "multiple_choice"
                answers[str(question.id)] = [str(choice.id) for choice in choices] if many else str(choices[-1].id)
            received.append(str(self._rpc(f"/survey/submit/{tokens}", page_id=page.id, **answers)))
        received.append(self._get(f"/survey/{tokens}"))
        received.append(self._get(f"/survey/print/{self.survey.access_token}?answer_token={user_input.access_token}"))
        return received

    def test_the_whole_way_from_an_account_to_a_sleeping_plan(self):
        self.survey.question_ids.suggested_answer_ids[:1].answer_score = WEIGHT
        self.survey.page_ids.aptic_theme_id[:1].threshold = 97
        self._login(self.stranger)
        self.assertIn("/my/aptic/join", self._get("/my"))
        self.assertIn("/my/aptic/join", self._get("/my/aptic"))
        provider = self._join()
        self.assertEqual(provider.state, "draft")
        self.assertEqual(provider.member_ids.user_id, self.stranger)

        received = self._answer_on_screen(provider)
        self.assertEqual(provider.state, "applied")
        self.assertIn(self._url(provider, "/eligibility"), received[-2])
        received.append(self._get(self._url(provider, "/eligibility")))
        self.assertIn("aptic_under_review", received[-1])

        provider.application_ids.with_user(self.reviewer).action_confirm()
        received.append(self._get(self._url(provider, "/eligibility")))
        for text in received:
            for secret in (str(WEIGHT), "answer_score", "You scored", "scoring_percentage", "threshold", "data-score"):
                self.assertNotIn(secret, text)

        self.assertIn("aptic_eligibility.charter_form", self._get(self._url(provider, "/charter")))
        answer = self._rpc(
            self._url(provider, "/charter/sign"), name="Ada Martin", capacity="Présidente", signature=drawn_signature()
        )
        self.assertEqual(answer, {"redirect_url": self._url(provider, "/charter")})
        self.assertEqual(provider.state, "chartered")
        self.assertIn(provider.charter_signature_ids.sha256, self._get(self._url(provider, "/charter")))
        pdf = self.url_open(self._url(provider, "/charter/pdf"))
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertEqual(pdf.content, provider.charter_signature_ids.attachment_id.raw)

        page = self._post(self._url(provider, "/subscription"), plan="yearly").text
        self.assertIn("aptic_blockers", page)
        self.assertEqual(provider.subscription_ids.state, "sleeping")
        self.assertEqual(provider.state, "chartered")

        self._place(provider, "Chez nous", self.bordeaux, self.library)
        self._offer(provider, self.service, 1000)
        self.assertIn("aptic_blockers", self._get(self._url(provider)))
        self._accept_papers(provider)
        self.assertNotIn("aptic_blockers", self._get(self._url(provider)))
        self._post(self._url(provider, "/activate"))
        self.assertEqual(provider.state, "active")
        self.assertEqual(self._get(self._url(provider)).count('data-done="1"'), 5)

    def test_choosing_the_plan_last_makes_the_provider_active(self):
        self.provider._guarded_write({"state": "eligible"})
        self._sign()
        self._place(self.provider, "Chez nous", self.bordeaux, self.library)
        self._offer(self.provider, self.service, 1000)
        self._login(self.manager)
        self._post(self._url(self.provider, "/subscription"), plan="monthly")
        self.assertEqual(self.provider.state, "active")

    def test_accepting_the_last_paper_makes_the_provider_active(self):
        paper = self.provider.paper_ids[:1]
        paper._guarded_write({"state": "received"})
        self.provider._guarded_write({"state": "eligible"})
        self._sign()
        self._place(self.provider, "Chez nous", self.bordeaux, self.library)
        self._offer(self.provider, self.service, 1000)
        self._login(self.manager)
        self._post(self._url(self.provider, "/subscription"), plan="monthly")
        self.assertEqual(self.provider.state, "chartered")
        page = self._get(self._url(self.provider))
        self.assertIn("3 of 4", page)
        self.assertIn(f"{self._url(self.provider)}/papers", page)
        paper.with_user(self.reviewer).action_accept()
        self.assertEqual(self.provider.state, "active")

    def test_a_visitor_signs_up_and_is_shown_the_way(self):
        self.authenticate(None, None)
        response = self._post(
            "/web/signup",
            login="visiteuse@example.org",
            name="Visiteuse",
            password="visiteuse-2026",
            confirm_password="visiteuse-2026",
        )
        self.assertIn("/my", response.url)
        self.assertIn("/my/aptic/join", response.text)

    # -------------------------------------------------------------- bad input
    def test_bad_input_keeps_what_was_typed_and_writes_nothing(self):
        self._login(self.stranger)
        before = self.env["aptic.provider"].search_count([])
        good = {
            "siret": "44306184100047",
            "legal_form": "company",
            "name": "Les Connectés (test)",
            "representative_name": "Ada",
            "representative_capacity": "Gérante",
            "acts_as": "representative",
        }
        for wrong, sentence in (
            ({"siret": "44306184100048"}, "not a valid SIRET"),
            ({"name": "  "}, "Fill in every field"),
            ({"legal_form": "circus"}, "Choose a legal form"),
            ({"acts_as": ""}, "Say whether you are the legal representative"),
            ({"siret": self.provider.siret}, "registered already"),
        ):
            with mute_logger("odoo.sql_db"):
                page = self._post("/my/aptic/join", **{**good, **wrong}).text
            self.assertIn(sentence, page)
            self.assertIn("Gérante", page)
            self.assertNotIn(self.provider.name, page)
            self.assertNotIn(self.manager.email, page)
        self.assertEqual(self.env["aptic.provider"].search_count([]), before)

    def test_an_unknown_plan_or_an_early_one_is_explained(self):
        self._login(self.manager)
        self.assertIn("charter first", self._post(self._url(self.provider, "/subscription"), plan="yearly").text)
        self.provider._guarded_write({"state": "chartered"})
        self.assertIn("monthly or the yearly", self._post(self._url(self.provider, "/subscription"), plan="x").text)

    def test_signing_errors_come_back_as_sentences(self):
        self.provider._guarded_write({"state": "eligible"})
        self._login(self.manager)
        answer = self._rpc(
            self._url(self.provider, "/charter/sign"), name="Ada", capacity="", signature=drawn_signature()
        )
        self.assertIn("capacity", answer["error"])
        for values in ({"name": 5}, {"capacity": ["x"]}, {"signature": {"x": 1}}, {"name": "\0"}):
            form = {"name": "Ada", "capacity": "Présidente", "signature": drawn_signature(), **values}
            with self.subTest(values):
                self.assertIn("error", self._rpc(self._url(self.provider, "/charter/sign"), **form))
        self.assertFalse(self.provider.charter_signature_ids)

    # ----------------------------------------------------------------- access
    def test_members_read_and_only_the_manager_acts(self):
        self.provider._guarded_write({"state": "eligible"})
        self._sign()
        self._login(self.mediator)
        for page in ("", "/eligibility", "/charter", "/subscription", "/charter/pdf"):
            self._get(self._url(self.provider, page))
        for page in ("/eligibility", "/subscription", "/activate"):
            self._post(self._url(self.provider, page), status=403, plan="monthly")
        answer = self._rpc(
            self._url(self.provider, "/charter/sign"), name="x", capacity="y", signature=drawn_signature()
        )
        self.assertIn("manager", answer["error"])
        self.assertFalse(self.provider.subscription_ids)

    def test_others_see_nothing(self):
        self.provider._guarded_write({"state": "eligible"})
        self._sign()
        for user in (self.manager_b, self.sponsor_user_a, self.stranger):
            self._login(user)
            for page in ("", "/eligibility", "/charter", "/subscription", "/charter/pdf"):
                self.assertNotIn(self.provider.name, self._get(self._url(self.provider, page), status=403))
            for page in ("/eligibility", "/subscription", "/activate"):
                self._post(self._url(self.provider, page), status=403, plan="monthly")
            answer = self._rpc(self._url(self.provider, "/charter/sign"), name="x", capacity="y", signature="")
            self.assertIn("manager", answer["error"])
        self._get("/my/aptic/provider/999999", status=403)

    def test_a_member_who_left_sees_nothing(self):
        self.provider.member_ids.filtered(lambda member: member.user_id == self.mediator).active = False
        self._login(self.mediator)
        self._get(self._url(self.provider), status=403)

    def test_a_public_visitor_is_asked_to_log_in(self):
        self.authenticate(None, None)
        response = self.url_open(self._url(self.provider))
        self.assertIn("/web/login", response.url)

    def test_the_browser_gets_no_weight_by_rpc(self):
        self._login(self.manager)
        for model, field in (
            ("survey.question.answer", "answer_score"),
            ("aptic.theme", "threshold"),
            ("aptic.application", "theme_scores"),
            ("aptic.decision", "theme_scores"),
            ("survey.user_input", "scoring_total"),
        ):
            with mute_logger("odoo.http"), self.assertRaisesRegex(Exception, "AccessError|Odoo Server Error|access"):
                self._rpc(
                    f"/web/dataset/call_kw/{model}/search_read",
                    model=model,
                    method="search_read",
                    args=[[]],
                    kwargs={"fields": [field]},
                )

    # ----------------------------------------------------------------- budget
    def test_the_dossier_is_cheap(self):
        self._login(self.manager)
        self._get(self._url(self.provider))
        provider = self.provider.with_user(self.manager)
        self.env.invalidate_all()
        with self.assertQueryCount(20):
            provider.sudo()._joining_steps()
