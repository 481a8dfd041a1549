from odoo.addons.aptic_base.uploads import Upload
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import EligibilityCase, drawn_signature

TYPED = {"siret": "443 061 841 00047", "name": "Les Connectés (test)", "representative_name": "Ada Martin"}


@tagged("post_install", "-at_install")
class TestJoin(EligibilityCase, HttpCase):
    """The form to join is kept while it is filled in; who acts for the legal representative needs a mandate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        (cls.manager | cls.stranger).lang = "en_US"
        cls.base = f"/my/aptic/provider/{cls.provider.id}"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values})

    # -------------------------------------------------------------------- draft
    def test_what_is_typed_is_there_again(self):
        self._as(self.stranger)
        answer = self.make_jsonrpc_request("/my/aptic/join/draft", {"values": {**TYPED, "acts_as": "agent", "x": "y"}})
        self.assertEqual(answer, {"saved": True})
        page = self.url_open("/my/aptic/join").text
        self.assertIn("join_draft", page)
        for text in TYPED.values():
            self.assertIn(f'value="{text}"', page)
        self.assertRegex(page, r'value="agent"[^>]*checked')
        self.assertNotIn("x", self.env["aptic.join.draft"]._of(self.stranger))
        self._as(self.manager_b)
        self.assertNotIn("Ada Martin", self.url_open("/my/aptic/join").text)

    def test_a_refused_form_is_kept_and_a_good_one_forgotten(self):
        self._as(self.stranger)
        self._post("/my/aptic/join", **TYPED)
        self.assertEqual(self.env["aptic.join.draft"]._of(self.stranger)["name"], TYPED["name"])
        good = {"legal_form": "company", "representative_capacity": "Gérante", "acts_as": "agent"}
        self._post("/my/aptic/join", **TYPED, **good)
        self.assertEqual(self.env["aptic.join.draft"]._of(self.stranger), {})
        member = self.env["aptic.member"].search([("user_id", "=", self.stranger.id)])
        self.assertEqual((member.role, member.acts_as), ("manager", "agent"))

    def test_a_draft_is_its_owners_alone(self):
        self.env["aptic.join.draft"]._keep(self.stranger, TYPED)
        self.env["aptic.join.draft"]._keep(self.stranger, {**TYPED, "name": "Autre"})
        self.assertEqual(self.env["aptic.join.draft"]._of(self.stranger)["name"], "Autre")
        for user in (self.stranger, self.manager, self.staff, self.reviewer, self.staff_manager):
            with self.assertRaises(AccessError):
                self.env["aptic.join.draft"].with_user(user).search([])

    def test_odd_drafts_break_nothing(self):
        self._as(self.stranger)
        for values in (None, [], "x", {}, {"name": ["x"]}, {"name": "a\0b" * 500}):
            self.assertEqual(self.make_jsonrpc_request("/my/aptic/join/draft", {"values": values}), {"saved": True})
        self.assertLessEqual(len(self.env["aptic.join.draft"]._of(self.stranger)["name"]), 120)

    # ------------------------------------------------------------------ mandate
    def _mandate(self, user):
        files = [Upload(b"%PDF-1.7 mandat", "mandat.pdf", "application/pdf", 1)]
        papers = self.env["aptic.paper"].with_user(user)._receive(self.provider, self.provider._mandate_type(), files)
        return self.env["aptic.paper"].browse(papers.ids)

    def _sign_on_screen(self):
        form = {"name": "Claire Dupont", "capacity": "Directrice", "signature": drawn_signature()}
        return self.make_jsonrpc_request(f"{self.base}/charter/sign", form)

    def test_who_acts_for_the_representative_signs_with_an_accepted_mandate(self):
        self.provider._guarded_write({"state": "eligible"})
        self._as(self.manager)
        self._post(f"{self.base}/account/signatory", acts_as="agent")
        self.assertEqual(self.provider.member_ids.filtered(lambda m: m.user_id == self.manager).acts_as, "agent")
        self.assertIn("mandate has been received and accepted", self._sign_on_screen()["error"])
        dossier = self.url_open(self.base).text
        self.assertIn("mandate has been received and accepted", dossier)
        self.assertIn(f"{self.base}/account", dossier)
        pdf = self.url_open(f"{self.base}/account/mandate")
        self.assertEqual(pdf.headers["Content-Type"], "application/pdf")
        self.assertTrue(pdf.content.startswith(b"%PDF-"))
        paper = self._mandate(self.manager)
        self.assertIn('data-state="received"', self.url_open(f"{self.base}/account").text)
        self.assertIn("error", self._sign_on_screen())
        paper.reason = "Signature illisible."
        paper._refuse()
        self.assertIn("Signature illisible.", self.url_open(f"{self.base}/account").text)
        self.assertIn("error", self._sign_on_screen())
        self.assertFalse(self.provider.charter_signature_ids)
        self._mandate(self.manager)._accept()
        self.assertIn("redirect_url", self._sign_on_screen())
        self.assertEqual(self.provider.state, "chartered")

    def test_a_mandate_is_of_one_person(self):
        self.provider._guarded_write({"state": "eligible"})
        second, member = self._member(self.provider, "manager", "second_new")
        member.acts_as = "agent"
        self._mandate(self.manager)._accept()
        self.assertTrue(self.provider._signing_blocker(second))
        self._mandate(second)._accept()
        self.assertIsNone(self.provider._signing_blocker(second))

    def test_another_representative_gives_another_mandate(self):
        member = self.provider.member_ids.filtered(lambda m: m.user_id == self.manager)
        member.acts_as = "agent"
        paper = self._mandate(self.manager)
        paper._accept()
        values = self.provider._account_values()
        self.provider.with_user(self.manager).sudo()._change_account({**values, "phone": "05 56 00 00 01"})
        self.assertEqual(paper.state, "accepted")
        self.provider.with_user(self.manager).sudo()._change_account({**values, "representative_name": "Une Autre"})
        self.assertEqual(paper.state, "refused")
        self.assertTrue(self.provider._signing_blocker(self.manager))

    def test_who_was_invited_says_first_for_whom_he_signs(self):
        invited = (
            self.env["aptic.member"]
            .with_user(self.manager)
            ._invite(self.provider, "invitee@example.org", "Invitée", "manager")
        )
        invited._accept(invited.user_id)
        self.assertIn("Say first", self.provider._signing_blocker(invited.user_id))
        with self.assertRaisesRegex(UserError, "Say whether"):
            invited._declare("unsaid")
        invited._declare("representative")
        self.assertIsNone(self.provider._signing_blocker(invited.user_id))
