from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import EligibilityCase, drawn_signature

JOIN = {
    "siret": "44306184100047",
    "legal_form": "company",
    "name": "Les Connectés (test)",
    "representative_name": "Ada",
    "representative_capacity": "Gérante",
    "acts_as": "representative",
}


@tagged("post_install", "-at_install")
class TestPortalForms(EligibilityCase, HttpCase):
    """Forms of the dossier sent twice, or filled in by two people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        (cls.manager | cls.stranger).lang = "en_US"
        cls.base = f"/my/aptic/provider/{cls.provider.id}"

    def _open(self, user, url):
        self.authenticate(user.login, user.login)
        text = self.url_open(url).text
        names = ("form_version", "form_token")
        return {name: text.partition(f'name="{name}" value="')[2].partition('"')[0] for name in names}

    def _send(self, url, hidden, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **hidden, **values})

    def test_joining_twice_makes_one_organisation(self):
        hidden = self._open(self.stranger, "/my/aptic/join")
        self.assertTrue(hidden["form_token"])
        for _time in range(2):
            answer = self._send("/my/aptic/join", hidden, **JOIN)
            self.assertNotIn("registered already", answer.text)
            self.assertIn("Les Connectés (test)", answer.text)
        self.assertEqual(self.env["aptic.provider"].search_count([("siret", "=", JOIN["siret"])]), 1)

    def test_starting_the_questionnaire_twice_makes_one_application(self):
        self.authenticate(self.manager.login, self.manager.login)
        for _time in range(2):
            self.assertIn("/survey/", self._send(f"{self.base}/eligibility", {}).url)
        self.assertEqual(len(self.provider.application_ids), 1)

    def test_signing_twice_is_one_signature(self):
        self.provider._guarded_write({"state": "eligible"})
        self.authenticate(self.manager.login, self.manager.login)
        self.assertIn("formToken", self.url_open(f"{self.base}/charter").text)
        form = {"name": "Ada Martin", "capacity": "Présidente", "signature": drawn_signature(), "form_token": "t"}
        for _time in range(2):
            answer = self.make_jsonrpc_request(f"{self.base}/charter/sign", form)
            self.assertEqual(answer, {"redirect_url": f"{self.base}/charter"})
        self.assertEqual(len(self.provider.charter_signature_ids), 1)

    def test_a_plan_that_another_manager_changed_is_shown_first(self):
        self.provider._guarded_write({"state": "chartered"})
        url = f"{self.base}/subscription"
        self._send(url, self._open(self.manager, url), plan="monthly")
        subscription = self.provider.subscription_ids
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_subscription SET write_date = write_date - interval '1 minute'")
        subscription.invalidate_recordset(["write_date"])
        hidden = self._open(self.manager, url)
        self._send(url, self._open(self.manager, url), plan="yearly")
        self.assertEqual(subscription.plan, "yearly")
        self.assertIn("changed this while you were typing", self._send(url, hidden, plan="monthly").text)
        self.assertEqual(subscription.plan, "yearly")
