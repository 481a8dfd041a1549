from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import ApticCase

GOOD = {
    "name": "Acteur A (test)",
    "representative_name": "Ada Martin",
    "representative_capacity": "Présidente",
    "phone": "05 56 00 00 00",
    "email": "contact@example.org",
    "website": "example.org/nous",
    "street": "12 rue des Bassins",
    "zip": "33300",
    "city": "Bordeaux",
}


@tagged("post_install", "-at_install")
class TestAccount(ApticCase, HttpCase):
    """The data of an organisation, on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.second, cls.second_member = cls._member(cls.provider_a, "manager", "second_manager")
        for user in (cls.manager_a, cls.second, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.stranger):
            user.lang = "en_US"
        cls.url = f"/my/aptic/provider/{cls.provider_a.id}/account"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values})

    def test_a_manager_changes_the_data_and_it_is_traced(self):
        self._as(self.manager_a)
        self.assertIn(self.url, self.url_open("/my/aptic").text)
        self.assertTrue(self._post(self.url, **GOOD).url.endswith("saved=1"))
        provider = self.provider_a
        self.assertEqual((provider.representative_name, provider.phone), ("Ada Martin", "05 56 00 00 00"))
        self.assertEqual(provider.website, "https://example.org/nous")
        trace = provider.message_ids.filtered("body")[:1].body
        self.assertIn("Ada Martin", trace)
        self.assertIn(self.manager_a.name, trace)
        self.assertNotIn("Name (", trace, "what did not change is not traced")
        self.env.flush_all()
        count = len(provider.message_ids.filtered("body"))
        self._post(self.url, **GOOD)
        self.assertEqual(len(provider.message_ids.filtered("body")), count)

    def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_written(self):
        self._as(self.manager_a)
        for field, value, words in (
            ("name", "  ", "Fill in this field"),
            ("representative_name", "", "Fill in this field"),
            ("email", "pas une adresse", "not complete"),
            ("website", "javascript:alert(1)", "as in your browser"),
            ("website", "javascript://x.fr/%0aalert(1)", "as in your browser"),
        ):
            with self.subTest(field=field, value=value):
                answer = self._post(self.url, **{**GOOD, field: value})
                self.assertIn(words, answer.text)
                self.assertIn(f'id="error_{field}"', answer.text)
                self.assertIn("12 rue des Bassins", answer.text)
        self.assertFalse(self.provider_a.phone)

    def test_siret_and_legal_form_are_fixed_from_the_application_on(self):
        self._as(self.manager_a)
        siret = self.provider_a.siret
        self._post(self.url, **GOOD, siret="44306184100047", legal_form="public")
        self.assertEqual((self.provider_a.siret, self.provider_a.legal_form), (siret, "association"))
        self.assertNotIn('name="siret"', self.url_open(self.url).text)
        self.provider_a._guarded_write({"state": "draft"})
        for number, words in (
            ("44306184100048", "14 digits"),
            (self.provider_b.siret, "registered already"),
            ("", "14 digits"),
        ):
            answer = self._post(self.url, **GOOD, siret=number, legal_form="public")
            self.assertIn(words, answer.text)
            self.assertNotIn(self.provider_b.name, answer.text)
        self._post(self.url, **GOOD, siret="35600000049837", legal_form="public")
        self.assertEqual((self.provider_a.siret, self.provider_a.legal_form), ("35600000049837", "public"))

    def test_la_poste_counts_otherwise(self):
        for number in ("35600000000048", "35600000049837"):
            self.provider_a.siret = number
        with self.assertRaises(ValidationError):
            self.provider_a.siret = "35600000000049"

    def test_a_struck_off_organisation_changes_nothing(self):
        self.provider_a._guarded_write({"state": "struck_off"})
        self._as(self.manager_a)
        self.assertIn("has left #APTIC", self._post(self.url, **GOOD).text)
        self.assertFalse(self.provider_a.phone)

    def test_two_managers_do_not_undo_each_other(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_provider SET write_date = write_date - interval '1 minute'")
        self.env.invalidate_all()
        self._as(self.second)
        page = self.url_open(self.url).text
        version = page.partition('name="form_version" value="')[2].partition('"')[0]
        self.assertTrue(version)
        self._as(self.manager_a)
        self._post(self.url, **GOOD, form_version=version)
        self._as(self.second)
        answer = self._post(self.url, **{**GOOD, "phone": "06"}, form_version=version)
        self.assertIn("changed this while you were typing", answer.text)
        self.assertEqual(self.provider_a.phone, GOOD["phone"])

    def test_the_bank_knows_the_holder_by_the_name_that_was_approved(self):
        change = self.env["aptic.bank.change"].with_user(self.manager_a)
        change = change._request(self.provider_a, "FR76 2004 1010 0100 0010 0111 185", "Acteur A (test)")
        self.env["aptic.bank.change"].browse(change.id).with_user(self.accountant)._approve()
        self.provider_a.with_user(self.manager_a).sudo()._change_account({**GOOD, "name": "Autre nom"})
        self.assertEqual(self.provider_a.name, "Autre nom")
        self.assertEqual(self.provider_a.bank_account_id.acc_holder_name, "Acteur A (test)")

    def test_others_are_refused(self):
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.stranger):
            self._as(user)
            for answer in (
                self.url_open(self.url),
                self.url_open(f"{self.url}/mandate"),
                self._post(self.url, **{**GOOD, "name": "Détourné"}),
                self._post(f"{self.url}/signatory", acts_as="representative"),
            ):
                self.assertEqual(answer.status_code, 403, user.login)
        self.assertEqual(self.provider_a.name, "Acteur A (test)")

    # ------------------------------------------------------------------- e-mail
    def test_the_address_is_bound_to_the_account(self):
        manager = self.manager_a
        for change in (
            lambda: manager.with_user(manager).write({"email": "autre@example.org"}),
            lambda: manager.partner_id.with_user(manager).sudo().write({"email": "autre@example.org"}),
            lambda: manager.partner_id.with_user(self.staff_manager).write({"email": False}),
            lambda: manager.with_user(self.staff_manager).sudo().write({"login": "autre@example.org"}),
        ):
            with self.assertRaisesRegex(UserError, "bound to it for good"), self.cr.savepoint():
                change()
        manager.with_user(manager).write({"email": manager.email.upper(), "name": "Même personne"})
        self.staff.with_user(self.staff).write({"email": "staff.autre@example.org"})

    def test_the_account_page_of_odoo_refuses_another_address(self):
        self._as(self.manager_a)
        self.assertIn("aptic_email_bound", self.url_open("/my/account").text)
        partner = self.manager_a.partner_id
        form = {"name": "Autre nom", "phone": "06", "street": "x", "city": "Pau", "zip": "64000"}
        country = self.env.ref("base.fr").id
        values = {**form, "country_id": country, "partner_id": partner.id, "address_type": "billing"}
        answer = self._post("/my/address/submit", **values, email="autre@example.org")
        self.assertIn("bound to it for good", answer.text)
        self.assertEqual(partner.email, "manager_a@example.org")
        self._post("/my/address/submit", **values, email=partner.email)
        self.assertEqual(partner.name, "Autre nom")

    def _change(self, user=None, staff=None, **values):
        wizard = self.env["aptic.email.change"].with_user(staff or self.staff_manager)
        values = {"new_email": "Nouvelle@example.org", "reason": "Reconnue au téléphone", **values}
        wizard.create({"user_id": (user or self.manager_a).id, **values}).action_change()

    def test_staff_change_the_address_with_a_reason_and_a_mail_to_both(self):
        self._change()
        user = self.manager_a
        self.assertEqual((user.login, user.email, user.partner_id.email), ("nouvelle@example.org",) * 3)
        self.assertIn("Reconnue au téléphone", str(self.provider_a.message_ids.mapped("body")))
        mails = self.env["mail.mail"].sudo().search([("subject", "ilike", "another e-mail address")])
        self.assertEqual(set(mails.mapped("email_to")), {"manager_a@example.org", "nouvelle@example.org"})
        self.assertEqual(len(mails), 2)
        self.assertNotIn("Reconnue", str(mails.mapped("body_html")))

    def test_a_change_of_address_is_refused_in_words(self):
        for values, words in (
            ({"new_email": "n'importe quoi"}, "complete e-mail"),
            ({"new_email": "MANAGER_B@example.org"}, "in use by another"),
            ({"new_email": self.staff.email}, "in use by another"),
            ({"reason": "  "}, "Say why"),
            ({"user": self.staff}, "Only portal accounts"),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self._change(**values)
        for user in (self.staff, self.reviewer, self.accountant, self.manager_a):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.manager_a.with_user(user)._change_email("autre@example.org", "Parce que")
        self.assertEqual(self.manager_a.email, "manager_a@example.org")
