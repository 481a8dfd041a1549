from datetime import date

from freezegun import freeze_time
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .test_subscription_terms import NOON, TermsCase


class PortalCase(TermsCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.url = f"/my/aptic/provider/{cls.provider.id}"

    def _login(self, user):
        user.lang = "en_US"
        self.authenticate(user.login, user.login)

    def _post(self, page, status=200, **data):
        response = self.url_open(f"{self.url}{page}", data={"csrf_token": Request.csrf_token(self), **data})
        self.assertEqual(response.status_code, status, page)
        return response.text


@tagged("post_install", "-at_install")
class TestSubscriptionPortal(PortalCase):
    def test_a_manager_changes_the_plan_and_takes_it_back(self):
        subscription = self._start()
        self._login(self.manager_a)
        page = self._post("/subscription", plan="yearly")
        self.assertIn("aptic_next_plan", page)
        self.assertEqual(subscription.next_plan, "yearly")
        self.assertNotIn("aptic_next_plan", self._post("/subscription", plan="monthly"))
        self.assertIn("Choose the monthly or the yearly plan", self._post("/subscription", plan="weekly"))

    def test_a_manager_ends_it_once_confirmed_and_goes_on(self):
        subscription = self._start()
        self._login(self.manager_a)
        self.assertIn("Tick the box", self._post("/subscription/terminate"))
        self.assertFalse(subscription.ends_on)
        page = self._post("/subscription/terminate", confirmed="1")
        self.assertIn("aptic_ends", page)
        self.assertNotIn("aptic_terminate", page)
        self.assertTrue(subscription.ends_on)
        self._post("/subscription/go_on")
        self.assertFalse(subscription.ends_on)

    def test_asleep_it_ends_at_once_and_one_comes_back(self):
        self.Subscription._choose(self.provider, "monthly")
        self._login(self.manager_a)
        self.assertIn("it ends at once", self.url_open(f"{self.url}/subscription").text)
        self.assertIn("aptic_ended", self._post("/subscription/terminate", confirmed="1"))
        self.assertEqual(self.provider.state, "suspended")
        self.assertIn("choose a plan to come back", self._post("/subscription/go_on"))
        self._post("/subscription", plan="yearly")
        self.assertEqual(self.provider.state, "active")

    def test_other_hands_are_noticed_and_a_form_counts_once(self):
        subscription = self._start()
        self._login(self.manager_a)
        page = self._post("/subscription/terminate", confirmed="1", form_version="2020-01-01T00:00:00")
        self.assertIn("changed this while you were typing", page)
        self.assertFalse(subscription.ends_on)
        for _again in range(2):
            self._post("/subscription", plan="yearly", form_token="one")
            subscription.sudo()._change_plan("monthly")
        self.assertFalse(subscription.next_plan)

    def test_others_read_or_find_nothing(self):
        subscription = self._start()
        for user in (self.mediator_a, self.accountant_a):
            self._login(user)
            self.assertNotIn("aptic_terminate", self.url_open(f"{self.url}/subscription").text)
            for page in ("/subscription", "/subscription/terminate", "/subscription/go_on"):
                self._post(page, 403, plan="yearly", confirmed="1")
        for user in (self.manager_b, self.stranger, self.sponsor_user_a):
            self._login(user)
            self.assertEqual(self.url_open(f"{self.url}/subscription").status_code, 403)
            self._post("/subscription/terminate", 403, confirmed="1")
        self.assertRecordValues(subscription, [{"next_plan": False, "ends_on": False}])


@tagged("post_install", "-at_install")
class TestInvoices(PortalCase):
    def setUp(self):
        super().setUp()
        self.subscription = self._start()
        self._invoice("2026-03-14")
        self.move = self.subscription.move_ids
        other = self.Subscription._choose(self.provider_b.with_env(self.env), "monthly")
        self.Subscription._wake(self.provider_b.id, date(2026, 3, 14))
        with freeze_time(f"2026-03-14 {NOON}"):
            self.Subscription._cron_start()
        self._invoice("2026-03-14")
        self.other = other.move_ids
        self.env["ir.mail_server"].create({"name": "Test", "smtp_host": "mail.example", "smtp_authentication": "login"})

    def test_those_who_deal_with_money_see_and_download(self):
        self.assertNotEqual(self.move.partner_id, self.accountant_a.partner_id)
        for user in (self.manager_a, self.accountant_a):
            self._login(user)
            page = self.url_open(f"{self.url}/invoices").text
            self.assertIn(self.move.name, page)
            self.assertNotIn(f"/invoices/{self.other.id}/", page)
            paper = self.url_open(f"{self.url}/invoices/{self.move.id}/pdf")
            self.assertEqual(paper.status_code, 200)
            self.assertEqual(paper.headers["Content-Type"], "application/pdf")
            self.assertIn(self.move.name.replace("/", "_"), paper.headers["Content-Disposition"])
        self.assertTrue(self.move.aptic_to_mail, "its mail still waits")
        self.env["account.move"]._cron_aptic_mail()
        paper = self.url_open(f"{self.url}/invoices/{self.move.id}/pdf")
        self.assertEqual(paper.content, self.move.invoice_pdf_report_id.raw)

    def test_a_credit_note_is_there_and_a_draft_is_not(self):
        with freeze_time(f"2026-03-20 {NOON}"):
            note = self.move._reverse_moves(cancel=True)
        draft = self.move.copy()
        self._login(self.manager_a)
        page = self.url_open(f"{self.url}/invoices").text
        self.assertIn("Credit note", page)
        self.assertIn("Settled", page)
        self.assertIn(f"/invoices/{note.id}/", page)
        self.assertNotIn(f"/invoices/{draft.id}/", page)
        self.assertEqual(self.url_open(f"{self.url}/invoices/{draft.id}/pdf").status_code, 403)

    def test_nobody_else_does(self):
        theirs = f"/my/aptic/provider/{self.provider_b.id}/invoices/{self.move.id}/pdf"
        for user in (self.mediator_a, self.manager_b, self.stranger, self.sponsor_user_a):
            self._login(user)
            self.assertEqual(self.url_open(f"{self.url}/invoices").status_code, 403)
            for path in (f"{self.url}/invoices/{self.move.id}/pdf", theirs):
                self.assertEqual(self.url_open(path).status_code, 403, path)
        self._login(self.manager_a)
        for number in (self.other.id, 2**31 - 1, 2**40):
            self.assertEqual(self.url_open(f"{self.url}/invoices/{number}/pdf").status_code, 403)

    def test_it_is_mailed_once_to_each_address(self):
        self.manager_a.partner_id.email = self.provider.email
        self.assertTrue(self.move.aptic_to_mail)
        for _again in range(2):
            self.env["account.move"]._cron_aptic_mail()
        self.assertTrue(self.move.is_move_sent)
        self.assertFalse(self.move.aptic_to_mail)
        mails = self.move.message_ids.filtered("attachment_ids")
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails.partner_ids, self.provider.partner_id | self.accountant_a.partner_id)
        self.move._aptic_queue_mail()
        self.assertFalse(self.move.aptic_to_mail)

    def test_without_a_mail_server_it_waits(self):
        self.env["ir.mail_server"].search([]).unlink()
        self.env["account.move"]._cron_aptic_mail()
        self.assertRecordValues(self.move, [{"aptic_to_mail": True, "is_move_sent": False}])

    def test_a_member_who_left_receives_nothing(self):
        self.accountant_a_member.active = False
        self.env["account.move"]._cron_aptic_mail()
        partners = self.move.message_ids.filtered("attachment_ids").partner_ids
        self.assertNotIn(self.accountant_a.partner_id, partners)
        self.assertIn(self.manager_a.partner_id, partners)
