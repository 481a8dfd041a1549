import io
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from PIL import Image

from .common import ApticCase


def picture():
    """A small PNG."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 90)).save(data, "PNG")
    return data.getvalue()


@tagged("post_install", "-at_install")
class TestThread(ApticCase, HttpCase):
    """Members and the team write to each other; notes stay with the team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        for user in (cls.manager_a, cls.mediator_a, cls.accountant_a, cls.manager_b, cls.stranger, cls.sponsor_user_a):
            user.lang = "en_US"
        cls.base = f"/my/aptic/provider/{cls.provider_a.id}"
        cls.url = f"{cls.base}/messages"
        cls.offer_url = f"{cls.base}/offers/{cls.offer_a.id}/messages"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, files=None, **values):
        return self.url_open(url, data={"csrf_token": Request.csrf_token(self), **values}, files=files)

    def _help(self, record):
        return record.sudo().activity_search(["aptic_base.activity_help"])

    def test_a_manager_asks_and_the_team_answers(self):
        self._as(self.manager_a)
        self.assertIn(self.url, self.url_open("/my/aptic").text)
        self.assertIn(self.offer_url, self.url_open(f"{self.base}/offers/{self.offer_a.id}").text)
        for url, thread in ((self.url, self.provider_a), (self.offer_url, self.offer_a)):
            answer = self._post(url, body="Quel prix <b>proposer</b> ?\nMerci")
            self.assertIn("Your message was sent", answer.text)
            self.assertIn("Quel prix &lt;b&gt;proposer&lt;/b&gt; ?<br", answer.text)
            message = thread.message_ids[:1]
            self.assertEqual(message.author_id, self.manager_a.partner_id)
            self.assertEqual(len(self._help(thread)), 1)
            self.assertTrue(self._help(thread).user_id.has_group("aptic_base.group_aptic_user"))
            self._post(url, body="Encore une question")
            self.assertEqual(len(self._help(thread)), 1)
            self.assertNotIn(self.manager_a.partner_id, thread.message_partner_ids)
            reply = thread.with_user(self.staff).message_post(
                body="Dix euros conviennent.", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
            self.assertEqual(reply.notified_partner_ids & self.manager_a.partner_id, self.manager_a.partner_id)
            self.assertFalse(reply.notified_partner_ids & self.mediator_a.partner_id)
            self.assertFalse(self._help(thread))
            page = self.url_open(url).text
            self.assertIn("Dix euros conviennent.", page)
            self.assertIn("(#APTIC team)", page)
            self._post(url, body="Et après ?")
            self.assertEqual(self._help(thread).user_id, self.staff, "who answered last answers again")

    def test_notes_and_logs_never_show(self):
        self._as(self.manager_a)
        staff = self.provider_a.with_user(self.staff)
        staff.message_post(body="À surveiller de près", subtype_xmlid="mail.mt_note")
        staff.message_post(body="À surveiller encore", message_type="comment", subtype_xmlid="mail.mt_note")
        staff.message_post(
            body="Interne aussi", message_type="comment", subtype_xmlid="mail.mt_comment", is_internal=True
        )
        staff._message_log(body="À surveiller toujours")
        self.offer_a.with_user(self.staff).message_post(body="Prix suspect", subtype_xmlid="mail.mt_note")
        for url in (self.url, self.offer_url):
            page = self.url_open(url).text
            for text in ("surveiller", "Interne aussi", "suspect"):
                self.assertNotIn(text, page)

    def test_files_are_checked_and_given_to_managers_alone(self):
        self._as(self.manager_a)
        answer = self._post(self.url, {"files": ("page.html", b"<script>x</script>", "text/html")}, body="Voici")
        self.assertIn("neither a PDF nor a picture", answer.text)
        self.assertIn("Voici", answer.text)
        self.assertFalse(self._help(self.provider_a))
        self._post(self.url, {"files": ("photo.png", picture(), "image/png")}, body="Voici")
        message = self.provider_a.message_ids.filtered("attachment_ids")
        file = message.attachment_ids
        url = f"{self.url}/{message.id}/file/{file.id}"
        self.assertIn(url, self.url_open(self.url).text)
        answer = self.url_open(url)
        self.assertEqual(answer.content, file.raw)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        other = self.env["ir.attachment"].create({"name": "autre.txt", "raw": b"autre"})
        for number in (other.id, 10**12):
            self.assertEqual(self.url_open(f"{self.url}/{message.id}/file/{number}").status_code, 403)
        for user in (self.mediator_a, self.manager_b):
            self._as(user)
            self.assertEqual(self.url_open(url).status_code, 403)
            with self.assertRaises(AccessError):
                file.with_user(user).read(["raw"])

    def test_what_the_team_attaches_is_closed_to_members(self):
        for thread in (self.provider_a, self.offer_a):
            note = thread.with_user(self.staff).message_post(
                body="Note", subtype_xmlid="mail.mt_note", attachments=[("note.txt", b"interne")]
            )
            file = note.attachment_ids
            self.assertEqual(file.with_user(self.staff).raw, b"interne")
            for user in (self.manager_a, self.mediator_a, self.accountant_a, self.manager_b):
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])
                self._as(user)
                self.assertNotEqual(self.url_open(f"/web/content/{file.id}").content, b"interne")

    def test_bad_messages_are_explained_and_kept(self):
        self._as(self.manager_a)
        self.assertIn("Write your message", self._post(self.url, body="  ").text)
        answer = self._post(self.url, body="x" * 5001)
        self.assertIn("too long", answer.text)
        self.assertIn("x" * 100, answer.text)
        page = self.url_open(self.url).text
        token = page.partition('name="form_token" value="')[2].partition('"')[0]
        before = len(self.provider_a.message_ids)
        for _time in range(2):
            self.assertIn("was sent", self._post(self.url, body="Une fois", form_token=token).text)
        self.assertEqual(len(self.provider_a.message_ids), before + 1)

    def test_nobody_writes_without_end(self):
        for number in range(40):
            self.provider_a._write_to_team(self.manager_a, f"Message {number}")
        with self.assertRaisesRegex(UserError, "a lot here today"):
            self.provider_a._write_to_team(self.manager_a, "Encore")
        self.offer_a._write_to_team(self.manager_a, "Ailleurs")
        for message in self.provider_a.message_ids:
            message.date -= timedelta(days=2)
        self.provider_a._write_to_team(self.manager_a, "Demain")

    def test_others_neither_read_nor_write(self):
        self.provider_a._write_to_team(self.manager_a, "Notre secret")
        self.offer_a._write_to_team(self.manager_a, "Notre secret")
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            self._as(user)
            for url in (self.url, self.offer_url):
                for answer in (self.url_open(url), self._post(url, body="Bonjour")):
                    self.assertEqual(answer.status_code, 403, user.login)
                    self.assertNotIn("Notre secret", answer.text)
        self._as(self.manager_b)
        for url in (
            f"/my/aptic/provider/{self.provider_b.id}/offers/{self.offer_a.id}/messages",
            f"{self.base}/offers/{self.offer_b.id}/messages",
        ):
            self.assertEqual(self.url_open(url).status_code, 403)
        self.assertEqual(len(self.provider_a.message_ids.filtered(lambda one: "Bonjour" in one.body)), 0)

    def test_members_neither_read_nor_write_by_odoos_own_ways(self):
        message = self.provider_a._write_to_team(self.manager_a, "Notre secret")
        tell = self.provider_a._tell_managers("Objet", "Un mot aux responsables")
        for user in (self.mediator_a, self.manager_b, self.stranger):
            found = self.env["mail.message"].with_user(user).search([("model", "=", "aptic.provider")])
            self.assertFalse(found & (message | tell), user.login)
            with self.assertRaises(AccessError):
                message.with_user(user).read(["body"])
            self._as(user)
            for route, more in (
                ("/mail/message/post", {"post_data": {"body": "Intrus", "message_type": "comment"}}),
                ("/mail/chatter_fetch", {}),
            ):
                values = {"thread_model": "aptic.provider", "thread_id": self.provider_a.id, **more}
                with mute_logger("odoo.http"):
                    text = self.url_open(route, json={"jsonrpc": "2.0", "method": "call", "params": values}).text
                self.assertNotIn("Notre secret", text)
        self.assertFalse(self.provider_a.message_ids.filtered(lambda one: "Intrus" in (one.body or "")))

    def test_the_link_of_a_mail_leads_to_the_page(self):
        for thread, url in ((self.provider_a, self.url), (self.offer_a, self.offer_url)):
            self.assertEqual(thread._get_access_action(self.manager_a.id)["url"], url)
            self.assertNotEqual(thread.with_user(self.staff)._get_access_action(self.staff.id).get("url"), url)
        self._as(self.manager_a)
        answer = self.url_open(f"/mail/view?model=aptic.provider&res_id={self.provider_a.id}")
        self.assertTrue(answer.url.endswith(self.url), answer.url)
