"""Messages to a sponsor's server: what is told, to whom, how often; against a real server on 127.0.0.1."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import threading
from datetime import datetime, time, timedelta
from unittest.mock import patch

from odoo import fields
from odoo import http as odoo_http
from odoo.addons.queue_job.tests.common import trap_jobs
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .. import clock, webhooks
from .common import VoucherCase


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets and answers as it was told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words):
        """Be silent."""


class WebhookCase(VoucherCase):
    """``receiver`` is a real server; ``_hook`` makes a webhook to it; ``_deliver`` sends what is waiting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ, {webhooks.LOOPBACK: "1"}))
        cls.receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        cls.addClassCleanup(cls.receiver.server_close)
        thread = threading.Thread(target=cls.receiver.serve_forever, daemon=True)
        thread.start()
        cls.addClassCleanup(cls.receiver.shutdown)

    def setUp(self):
        super().setUp()
        self.receiver.got, self.receiver.status = [], 200

    def _url(self):
        return f"http://127.0.0.1:{self.receiver.server_port}/hook?from=aptic"

    def _hook(self, sponsor=None, user=None, events=("order.funded", "order.activated", "order.expiring")):
        hooks = self.env["aptic.webhook"].with_user(user or self.sponsor_user_a)
        return hooks._make(sponsor or self.sponsor_a, self._url(), events)

    def _waiting(self):
        return self.env["aptic.webhook.delivery"].search([("state", "=", "waiting")], order="id")

    def _deliver(self):
        for message in self._waiting():
            message._send()


@tagged("post_install", "-at_install")
class TestWebhooks(WebhookCase):
    def test_a_sponsor_is_told_with_a_signature_it_can_check(self):
        _hook, secret = self._hook()
        order = self._order()
        self.assertEqual(self._waiting().mapped("event"), ["order.funded", "order.activated"])
        self._deliver()
        self.assertFalse(self._waiting())
        path, headers, body = self.receiver.got[-1]
        self.assertEqual(path, "/hook?from=aptic")
        headers = {name.lower(): value for name, value in headers.items()}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        self.assertEqual(headers["webhook-signature"], f"v1,{wanted}")
        said = json.loads(body)
        self.assertEqual((said["type"], said["data"]["order"]["id"]), ("order.activated", order.id))
        self.assertEqual(said["data"]["order"]["activated_cents"], order.face_cents)
        for person in (self.sponsor_user_a, self.env.user):
            self.assertNotIn(person.name, body.decode())

    def test_others_are_not_told(self):
        self._hook(self.sponsor_b, self.sponsor_user_b)
        self._hook(events=["order.expired"])
        self._order()
        self.assertFalse(self._waiting())

    def test_an_event_is_told_once(self):
        self._hook()
        order = self._order()
        self.env["aptic.webhook"]._tell("order.activated", order)
        order._update_funding()
        self.assertEqual(len(self._waiting()), 2)

    def test_the_end_that_comes_near_is_told_at_each_delay_once(self):
        self._hook(events=["order.expiring"])
        today = fields.Date.today()
        order, far = (self._order(last_day=today + timedelta(days=days)) for days in (40, 90))

        def told(*left):
            """How many messages there are after a day that is so many days before the last one, each twice."""
            counts = []
            for days in left:
                noon = datetime.combine(order.last_day - timedelta(days=days), time(12))
                with clock.at(noon):
                    self.env["aptic.order"]._cron_tell_expiring()
                    self.env["aptic.order"]._cron_tell_expiring()
                counts.append(len(self._waiting()))
            return counts

        self.assertEqual(told(31, 30, 29, 16, 15, 7, 1, 0, -1), [0, 1, 1, 1, 2, 3, 3, 3, 3])
        order._extend(today + timedelta(days=60), "Plus de temps")
        self.assertEqual(told(31, 30, 15, 7), [3, 4, 5, 6], "another last day is told of again")
        self.assertNotIn(far, self._waiting().order_id)

    def test_the_end_is_told(self):
        self._hook(events=["order.expired"])
        order = self._order()
        self.env.cr.execute("UPDATE aptic_order SET last_day = '2020-01-01' WHERE id = %s", [order.id])
        order.invalidate_recordset()
        order._expire()
        self.assertEqual(self._waiting().mapped("event"), ["order.expired"])
        order._extend(fields.Date.today() + timedelta(days=9), "Plus de temps")
        with clock.at(datetime.combine(order._last_accepted_day() + timedelta(days=1), time(12))):
            order._expire()
        self.assertEqual(self._waiting().mapped("event"), ["order.expired"] * 2, "once for each end")

    def test_a_silent_server_is_asked_again_later_and_later_with_the_same_message(self):
        self._hook(events=["order.activated"])
        self._order()
        message = self._waiting()
        for tries, status in enumerate((500, 302, 404), 1):
            self.receiver.status = status
            with trap_jobs() as trap:
                message._send()
                trap.assert_jobs_count(1, only=message._send)
            self.assertEqual((message.state, message.tries, message.last_status), ("waiting", tries, status))
            wait = message.next_try_at - message.tried_at
            self.assertEqual(wait, timedelta(minutes=webhooks.PAUSES[tries - 1]))
        self.receiver.status = 204
        message._send()
        self.assertEqual((message.state, message.last_error), ("done", False))
        self.assertEqual({path for path, _headers, _body in self.receiver.got}, {"/hook?from=aptic"}, "follows nothing")
        ids = {dict(headers)["webhook-id"] for _path, headers, _body in self.receiver.got}
        self.assertEqual(ids, {message.uid})
        message._send()
        self.assertEqual(len(self.receiver.got), 4, "what was received is not sent again")

    def test_nobody_there(self):
        hook, _secret = self._hook(events=["order.activated"])
        self._order()
        message = self._waiting()
        hook.sudo().url = "http://127.0.0.1:9/"
        message._send()
        self.assertEqual((message.state, message.last_status), ("waiting", 0))
        self.assertTrue(message.last_error)

    def test_an_address_that_became_private_gets_nothing(self):
        self._hook(events=["order.activated"])
        self._order()
        message = self._waiting()
        with patch.dict(os.environ, {webhooks.LOOPBACK: ""}):
            message._send()
        self.assertEqual((self.receiver.got, message.state, message.tries), ([], "waiting", 1))

    def test_after_two_days_of_failures_it_stops_and_the_managers_are_told(self):
        hook, _secret = self._hook()
        self._order()
        message, other = self._waiting()
        self.receiver.status = 503
        for _time in webhooks.PAUSES:
            self.assertFalse(hook.stopped_at)
            message._send()
        self.assertEqual((message.state, other.state), ("failed", "failed"))
        self.assertTrue(hook.stopped_at)
        self.assertIn("503", hook.stop_reason)
        mail = self.sponsor_a.message_ids[0]
        self.assertIn(self.sponsor_user_a.partner_id, mail.partner_ids)
        self._order()
        self.assertFalse(self._waiting(), "nothing is kept for a webhook that has stopped")
        hook._resume()
        self._order()
        self.receiver.status = 200
        self._deliver()
        self.assertEqual(hook.delivery_ids[0].state, "done")

    def test_a_message_whose_job_was_lost_is_sent_all_the_same(self):
        self._hook(events=["order.activated"])
        self._order()
        message, jobs = self._waiting(), self.env["queue.job"].sudo()
        mine = [("identity_key", "=", f"aptic-webhook-{message.id}-0")]
        self.assertEqual(jobs.search_count(mine), 1)
        message._cron_send_late()
        message.next_try_at -= timedelta(hours=2)
        message._cron_send_late()
        self.assertEqual(jobs.search_count(mine), 1, "its job is there")
        jobs.search(mine).unlink()
        message._cron_send_late()
        self.assertEqual(jobs.search_count(mine), 1)

    def test_what_waits_is_not_sent_once_the_address_is_removed(self):
        hook, _secret = self._hook(events=["order.activated"])
        self._order()
        message = self._waiting()
        hook._remove()
        message._send()
        self.assertEqual((message.state, self.receiver.got), ("failed", []))

    def test_a_receiver_that_is_gone_stops_at_once(self):
        hook, _secret = self._hook(events=["order.activated"])
        self._order()
        self.receiver.status = 410
        self._deliver()
        self.assertTrue(hook.stopped_at)

    def test_no_secret_is_kept(self):
        hook, secret = self._hook()
        for table in ("aptic_webhook", "aptic_webhook_delivery", "mail_message", "ir_config_parameter"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{secret[6:40]}%"])
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)
        self.assertEqual(hook._secret(), secret)

    def test_bad_addresses_are_explained(self):
        hooks = self.env["aptic.webhook"].with_user(self.sponsor_user_a)
        for url in ("", "http://tools.example.org/", "https://10.0.0.1/", "https://169.254.169.254/"):
            with self.subTest(url), self.assertRaises(UserError):
                hooks._make(self.sponsor_a, url, ["order.funded"])
        with self.assertRaises(UserError):
            hooks._make(self.sponsor_a, self._url(), ["anything"])
        self.assertFalse(self.env["aptic.webhook"].search([("sponsor_id", "=", self.sponsor_a.id)]))

    def test_who_reads_webhooks_in_the_back_office(self):
        hook, _secret = self._hook()
        self._order()
        message = self._waiting()[0]
        self.assertTrue(message.with_user(self.staff_manager).uid)
        for user in (self.staff, self.accountant, self.sponsor_user_a, self.manager_a, self.stranger):
            for record in (hook, message):
                with self.subTest(user.login, model=record._name), self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
        with self.assertRaises(AccessError):
            hook.with_user(self.staff_manager).write({"url": "https://elsewhere.example.org"})
        with self.assertRaises(AccessError):
            hook.with_user(self.staff_manager).read(["salt"])


@tagged("post_install", "-at_install")
class TestWebhookPortal(WebhookCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.stranger, cls.manager_a):
            user.write({"password": user.login, "lang": "en_US"})
        cls.page = f"/my/aptic/sponsor/{cls.sponsor_a.id}/webhooks"

    def _post(self, path, /, **data):
        return self.url_open(
            path, data={"csrf_token": odoo_http.Request.csrf_token(self), **data}, allow_redirects=False
        )

    def _hooks(self):
        return self.env["aptic.webhook"].search([("sponsor_id", "=", self.sponsor_a.id)])

    def test_a_manager_adds_tests_and_removes_an_address(self):
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        self.assertIn(self.page, self.url_open("/my/aptic").text)
        form = {"url": self._url(), "events": ["order.funded", "order.closed"], "form_token": "one-hook"}
        answer = self._post(self.page, **form)
        secret = re.search(r'value="(whsec_[^"]{44})"', answer.text).group(1)
        self.assertEqual(self._post(self.page, **form).status_code, 303)
        hook = self._hooks()
        self.assertEqual((hook.events, hook._secret()), ("order.funded order.closed", secret))
        for _time in range(3):  # the second waits for the first: others' messages use the same channel
            self.assertEqual(self._post(f"{self.page}/{hook.id}", act="tested").status_code, 303)
        self._deliver()
        self.assertEqual(json.loads(self.receiver.got[0][2])["type"], "test")
        page = self.url_open(self.page).text
        self.assertIn("aptic_deliveries", page)
        self.assertNotIn(secret, page)
        hook._stop("The server answered 500.")
        self.assertIn("The server answered 500.", self.url_open(self.page).text)
        self.assertEqual(self._post(f"{self.page}/{hook.id}", act="resumed").status_code, 303)
        self.assertFalse(hook.stopped_at)
        self.assertEqual(self._post(f"{self.page}/{hook.id}", act="removed").status_code, 303)
        self.assertFalse(self._hooks())

    def test_bad_input_is_explained(self):
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        for url in ("", "ftp://x", "https://10.0.0.1/", "https://a b"):
            answer = self._post(self.page, url=url, events="order.funded")
            self.assertEqual(answer.status_code, 422)
            self.assertIn("alert-danger", answer.text)
        self.assertFalse(self._hooks())

    def test_others_are_refused(self):
        hook, _secret = self._hook()
        for user in (self.accountant_user, self.sponsor_user_b, self.manager_a, self.stranger):
            self.authenticate(user.login, user.login)
            with self.subTest(user.login):
                self.assertEqual(self.url_open(self.page).status_code, 403)
                self.assertEqual(self._post(self.page, url=self._url(), events="order.funded").status_code, 403)
                self.assertEqual(self._post(f"{self.page}/{hook.id}", act="removed").status_code, 403)
        self.authenticate(self.sponsor_user_b.login, self.sponsor_user_b.login)
        own = f"/my/aptic/sponsor/{self.sponsor_b.id}/webhooks/{hook.id}"
        self.assertEqual(self._post(own, act="removed").status_code, 403)
        self.assertEqual(self._hooks(), hook)
