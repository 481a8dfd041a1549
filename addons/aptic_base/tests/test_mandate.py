from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .test_papers import PaperCase, small_pdf


@tagged("post_install", "-at_install")
class TestMandate(PaperCase, HttpCase):
    """The mandate of a manager who acts for the legal representative, among the papers of the dossier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.boss.lang = "en_US"
        cls.kind = cls.company._mandate_type()

    def _need(self):
        return next((need for need in self.company._paper_needs()[self.company.id] if need.kind == self.kind.id), None)

    def test_it_is_asked_of_those_alone_who_act_for_somebody(self):
        self.assertIsNone(self._need())
        self.assertNotIn(self.kind, self.company.missing_paper_type_ids)
        self.boss_member.acts_as = "agent"
        self.assertTrue(self._need().required)
        self.assertIn(self.kind, self.company.missing_paper_type_ids)
        self.assertIn("Mandate of the legal representative", " ".join(self.company._activation_blockers()))
        self._receive(self.kind)._accept()
        self.assertTrue(self._need().is_fulfilled)
        self.assertNotIn("Mandate", " ".join(self.company._activation_blockers()))
        self.assertIsNone(self.company._signing_blocker(self.boss))

    def test_it_is_not_required_where_the_representative_is_a_manager_too(self):
        self.boss_member.acts_as = "agent"
        self._member(self.company, "manager", "representative")
        self.assertFalse(self._need().required)
        self.assertTrue(self.company._signing_blocker(self.boss))

    def test_it_is_sent_on_the_page_of_papers_and_refused_with_a_reason(self):
        self.authenticate(self.boss.login, self.boss.login)
        base = f"/my/aptic/provider/{self.company.id}"
        self.assertNotIn(f"paper_{self.kind.id}_0", self.url_open(f"{base}/papers").text)
        token = {"csrf_token": Request.csrf_token(self)}
        self.url_open(f"{base}/account/signatory", data={**token, "acts_as": "agent"})
        account = self.url_open(f"{base}/account").text
        self.assertIn(f"{base}/papers#paper_{self.kind.id}_0", account)
        self.assertIn(f"paper_{self.kind.id}_0", self.url_open(f"{base}/papers").text)
        form = {**token, "type_id": self.kind.id, "owner_id": 0}
        answer = self.url_open(f"{base}/papers", data=form, files={"files": ("mandat.exe", b"MZ", "application/pdf")})
        self.assertIn("neither a PDF nor a picture", answer.text)
        self.url_open(f"{base}/papers", data=form, files={"files": ("mandat.pdf", small_pdf(), "application/pdf")})
        paper = self.company._mandate_of(self.boss)
        self.assertEqual((paper.state, paper.received_by_id), ("received", self.boss))
        paper.with_user(self.reviewer).reason = "Signature illisible."
        paper.with_user(self.reviewer).action_refuse()
        self.assertIn("Signature illisible.", self.url_open(f"{base}/account").text)

    def test_two_agents_have_two_mandates(self):
        second, second_member = self._member(self.company, "manager", "second_agent")
        (self.boss_member | second_member).acts_as = "agent"
        first = self._receive(self.kind)
        first._accept()
        other = self._receive(self.kind, user=second)
        other._accept()
        self.assertEqual((first.state, other.state), ("accepted", "accepted"))
        self.assertFalse(self.company._signing_blocker(self.boss) or self.company._signing_blocker(second))
