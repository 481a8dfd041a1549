import re

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase

REASON = "Prix plus haut pour les porteurs de chèques"


@tagged("post_install", "-at_install")
class TestMeasurePortal(ApticCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/measure"
        cls.provider_a.with_user(cls.staff_manager)._suspend("conduct", REASON)
        cls.measure = cls.provider_a.measure_ids

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, url=None, status=200):
        answer = self.url_open(url or self.url)
        self.assertEqual(answer.status_code, status)
        return answer.text

    def _appeal(self, status=200, **values):
        data = {"csrf_token": Request.csrf_token(self), "measure_id": self.measure.id, "appeal": "Corrigé", **values}
        answer = self.url_open(self.url, data=data)
        self.assertEqual(answer.status_code, status)
        return answer.text

    def test_the_manager_reads_why_and_appeals(self):
        self._as(self.manager_a)
        self.assertIn("aptic_measure_notice", self._get("/my/aptic"))
        page = self._get()
        self.assertIn(REASON, page)
        self.assertIn("stays due", page)
        page = self._appeal(appeal="Nos tarifs sont <b>corrigés</b>.")
        self.assertIn("Your appeal was received", page)
        self.assertIn("Nos tarifs sont &lt;b&gt;corrigés&lt;/b&gt;.", page)
        self.assertRecordValues(
            self.measure, [{"appeal": "Nos tarifs sont <b>corrigés</b>.", "appealed_by_id": self.manager_a.id}]
        )

    def test_an_empty_appeal_is_explained_beside_its_field(self):
        self._as(self.manager_a)
        page = self._appeal(appeal="  ")
        self.assertIn("Write why the measure should be lifted.", page)
        self.assertRegex(page, r'aria-invalid="true"')
        long = "x" * 5001
        self.assertIn(long, self._appeal(appeal=long))
        self.assertFalse(self.measure.appeal)

    def test_a_form_sent_twice_is_one_appeal(self):
        self._as(self.manager_a)
        token = re.search(r'name="form_token" value="([^"]+)"', self._get()).group(1)
        for _time in range(2):
            self.assertIn("Your appeal was received", self._appeal(form_token=token))
        self.assertIn("written already", self._appeal(appeal="Autre"))
        self.assertEqual(self.measure.appeal, "Corrigé")

    def test_other_members_see_that_it_is_suspended_not_why(self):
        for user in (self.mediator_a, self.accountant_a):
            self._as(user)
            page = self._get()
            self.assertNotIn(REASON, page)
            self.assertNotIn("<textarea", page)
            self._appeal(status=403)
        self.assertFalse(self.measure.appeal)

    def test_strangers_see_and_write_nothing(self):
        for user in (self.manager_b, self.stranger):
            self._as(user)
            self.assertNotIn(REASON, self._get(status=403))
            self._appeal(status=403)
        self._as(self.manager_b)
        other = f"/my/aptic/provider/{self.provider_b.id}/measure"
        data = {"csrf_token": Request.csrf_token(self), "measure_id": self.measure.id, "appeal": "x"}
        self.assertEqual(self.url_open(other, data=data).status_code, 403)
        self.assertFalse(self.measure.appeal)

    def test_a_struck_off_provider_still_reads_its_dossier(self):
        self.provider_a._strike_off("conduct", "Récidive")
        self._as(self.manager_a)
        page = self._get()
        self.assertIn("Récidive", page)
        self.assertIn("No new application is possible", page)
        self.assertIn(REASON, page)
        self.assertEqual(self.url_open(f"/my/aptic/provider/{self.provider_a.id}/places").status_code, 200)
        self.assertEqual(self.url_open(f"/my/aptic/provider/{self.provider_a.id}/bank").status_code, 200)
