import base64
import hashlib
import io
from datetime import timedelta
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger
from PIL import Image
from psycopg2 import errors

from .. import clock
from .common import VoucherCase


def _png(colour="#1b2a57"):
    stream = io.BytesIO()
    Image.new("RGB", (300, 120), colour).save(stream, "PNG")
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestProof(VoucherCase):
    def _events(self, order):
        return self.env["aptic.event"].search([("order_id", "=", order.id), ("kind", "=", "proof")])

    def _return(self, order, reason="Le logo est trop petit."):
        return order._return_proof(order.proof_id.id, reason, self.sponsor_user_a)

    # ---------------------------------------------------------------- versions
    def test_the_confirmation_offers_the_first_version(self):
        order = self._order(state="confirmed", message="Merci")
        proof = order.proof_id
        self.assertEqual((proof.number, proof.state, proof.message), (1, "waiting", "Merci"))
        self.assertEqual(proof.due_on, clock.today() + timedelta(days=10))
        self.assertEqual(proof.sha256, hashlib.sha256(proof.attachment_id.raw).hexdigest())
        self.assertEqual(proof.attachment_id.raw, order._proof_pdf())
        told = order.message_ids.filtered(lambda message: proof.name in (message.subject or ""))
        self.assertEqual(told.notified_partner_ids, self.sponsor_user_a.partner_id)

    def test_the_settings_say_how_long_a_sponsor_has(self):
        self.env["ir.config_parameter"].set_param("aptic_voucher.proof_days", "4")
        self.assertEqual(self._order(state="confirmed").proof_id.due_on, clock.today() + timedelta(days=4))

    def test_sent_back_answered_approved(self):
        order = self._order(state="confirmed", message="Merci")
        first = order.proof_id
        self._return(order)
        self.assertEqual((first.state, first.reason, first.decided_by_id), (
            "returned", "Le logo est trop petit.", self.sponsor_user_a))  # fmt: skip
        self.assertTrue(order.activity_search(["aptic_base.activity_help"]))
        with self.assertRaisesRegex(UserError, "wait for the next version"):
            order._approve_proof()
        second = order._offer_proof(message="Merci beaucoup", note="Message changé")
        self.assertEqual((first.state, second.number, order.message), ("replaced", 2, "Merci beaucoup"))
        order.with_user(self.sponsor_user_a).sudo()._approve_proof(second.id)
        self.assertEqual((order.state, second.state), ("proofed", "approved"))
        self.assertEqual(second.decided_by_id, self.sponsor_user_a)
        self.assertTrue(second.decided_at)
        event = self._events(order)
        self.assertEqual((event.quantity, event.amount_cents, event.user_id), (10, 0, self.sponsor_user_a))
        self.assertIn(second.sha256, event.reason)

    def test_approving_twice_is_one_row_of_the_ledger(self):
        order = self._order(state="confirmed")
        order._approve_proof(order.proof_id.id)
        order._approve_proof(order.proof_id.id)
        self.assertEqual(len(self._events(order)), 1)

    def test_what_was_shown_is_what_is_approved(self):
        order = self._order(state="confirmed")
        shown = order.proof_id.id
        order._offer_proof(note="Une coquille")
        for attempt in (lambda: order._approve_proof(shown), lambda: order._return_proof(shown, "Non")):
            with self.assertRaisesRegex(UserError, "Another version"):
                attempt()
        self.assertEqual((order.state, order.proof_id.state), ("confirmed", "waiting"))

    def test_a_reason_is_needed_and_bounded(self):
        order = self._order(state="confirmed")
        for reason in ("", "  ", None, "\0", "x" * 2001):
            with self.assertRaises(UserError):
                self._return(order, reason)
        self.assertEqual(order.proof_id.state, "waiting")

    def test_sending_back_twice_is_once(self):
        order = self._order(state="confirmed")
        self._return(order)
        before = len(order.message_ids)
        self._return(order, "Encore")
        self.assertEqual((order.proof_id.reason, len(order.message_ids)), ("Le logo est trop petit.", before))

    def test_no_version_after_the_approval_or_before_the_confirmation(self):
        for state in ("draft", "proofed", "printed"):
            order = self._order(state=state)
            with self.subTest(state), self.assertRaisesRegex(UserError, "not waiting"):
                order._offer_proof(message="x")

    def test_message_and_logo_change_with_a_version_only(self):
        order = self._order(state="confirmed", message="Merci")
        for vals in ({"message": "Autre"}, {"logo": base64.b64encode(_png())}):
            for record in (order, order.with_context(aptic_proof=True), order.with_user(self.staff)):
                with self.assertRaisesRegex(UserError, "can no longer change"):
                    record.write(vals)
        order._offer_proof(logo=base64.b64encode(_png()))
        self.assertTrue(order.logo and order.proof_id.logo)
        self.assertEqual(order.message, "Merci")
        self.assertNotEqual(order.proof_ids[0].sha256, order.proof_ids[1].sha256)

    def test_what_is_printed_is_what_was_approved(self):
        self.sponsor_a.image_1920 = base64.b64encode(_png())
        order = self._order(state="proofed", message="Merci")
        approved = order.proof_id.attachment_id.raw
        self.sponsor_a.write({"name": "Un autre nom", "image_1920": base64.b64encode(_png("#ff0000"))})
        self.assertEqual(order._prepare_sheet().sponsor, "Commanditaire A (test)")
        self.assertEqual(order._proof_pdf(), approved)

    @mute_logger("odoo.sql_db")
    def test_the_database_keeps_one_version_open(self):
        order = self._order(state="confirmed")
        first = order.proof_id
        order._offer_proof()
        with self.assertRaises(errors.UniqueViolation), self.env.cr.savepoint():
            first._guarded_write({"state": "waiting"})
            first.flush_recordset()

    def test_a_cancelled_order_takes_its_proof_along(self):
        order = self._order(state="confirmed")
        order._cancel()
        self.assertEqual(order.proof_id.state, "cancelled")
        approved = self._order(state="proofed")
        approved._cancel()
        self.assertEqual(approved.proof_id.state, "approved")

    # --------------------------------------------------------------- reminders
    def test_reminders_three_days_before_and_on_the_day_once_each(self):
        order = self._order(state="confirmed")
        proof = order.proof_id

        def told(days):
            before = len(order.message_ids)
            day = proof.due_on - timedelta(days=days)
            with (
                patch.object(clock, "today", return_value=day),
                patch("odoo.fields.Date.context_today", return_value=day),
                patch.object(self.env.registry["ir.cron"], "_commit_progress", return_value=1),
            ):
                self.env["aptic.proof"]._cron_remind()
                self.env["aptic.proof"]._cron_remind()
            return len(order.message_ids) - before

        self.assertEqual([told(days) for days in (5, 3, 2, 0, -4)], [0, 1, 0, 1, 0])
        order._approve_proof()
        proof._guarded_write({"reminded_days": -1})
        self.assertEqual(told(0), 0)

    def test_delays_are_counted(self):
        proof = self._order(state="confirmed").proof_id
        with patch.object(clock, "today", return_value=proof.due_on + timedelta(days=1)):
            proof.invalidate_recordset()
            self.assertEqual((proof.waiting_days, proof.is_late), (11, True))
        with patch.object(clock, "today", return_value=proof.due_on):
            proof.invalidate_recordset()
            self.assertFalse(proof.is_late)

    # ------------------------------------------------------------------- staff
    def test_staff_answers_with_a_new_version(self):
        order = self._order(state="confirmed", message="Merci")
        self._return(order)
        wizard = Form(self.env["aptic.proof.version"].with_user(self.staff).with_context(default_order_id=order.id))
        self.assertEqual((wizard.message, wizard.reason), ("Merci", "Le logo est trop petit."))
        wizard.message = "Merci à tous"
        wizard.note = "Voici"
        wizard.save().action_send()
        self.assertEqual((order.message, order.proof_id.note, order.proof_id.number), ("Merci à tous", "Voici", 2))

    def test_the_overview_counts_what_waits(self):
        counts = lambda: {  # noqa: E731
            row["key"]: row["count"] for row in self.env["aptic.queue"].with_user(self.staff).overview()
        }
        before = counts()
        order = self._order(state="confirmed")
        self.assertEqual(counts()["proof_waiting"], before["proof_waiting"] + 1)
        self._return(order)
        after = counts()
        self.assertEqual(after["proof_waiting"], before["proof_waiting"])
        self.assertEqual(after["proof_returned"], before["proof_returned"] + 1)
        draft = self._order(state="draft")
        self.assertEqual(counts()["order_draft"], before["order_draft"] + 1)
        draft._make_quote(self.staff)
        self.assertEqual(counts()["order_draft"], before["order_draft"])
        self.assertEqual(counts()["order_quoted"], before["order_quoted"] + 1)

    # ----------------------------------------------------------------- access
    def test_proofs_are_written_by_verbs_and_read_by_staff(self):
        order = self._order(state="confirmed")
        proof = order.proof_id
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger):
            with self.subTest(user.login), self.assertRaises(AccessError):
                proof.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                self.env["aptic.proof.version"].with_user(user).create({"order_id": order.id})
        self.assertEqual(proof.with_user(self.reviewer).state, "waiting")
        for vals in ({"state": "approved"}, {"message": "x"}, {"sha256": "x"}):
            with self.assertRaises(UserError):
                proof.with_user(self.staff_manager).write(vals)


@tagged("post_install", "-at_install")
class TestProofPortal(VoucherCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(state="confirmed", message="Merci")
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.manager_a):
            user.password = user.login
        cls.url = f"/my/aptic/orders/{cls.order.id}"

    def _as(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, files=None, **data):
        data = {"csrf_token": http.Request.csrf_token(self), **data}
        return self.url_open(url, data=data, files=files, allow_redirects=False)

    def test_a_version_is_sent_back_commented_and_the_next_one_approved(self):
        self._as(self.sponsor_user_a)
        first = self.order.proof_id
        text = self.url_open(f"{self.url}/proofs").text
        for words in ("o_aptic_approve_form", "o_aptic_return_form", "o_aptic_delay", first.name):
            self.assertIn(words, text)
        self.assertEqual(self.url_open(f"{self.url}/proofs/{first.id}/pdf").content, first.attachment_id.raw)
        page = self._post(f"{self.url}/proofs/return", proof_id=str(first.id), reason="Trop <b>petit</b>")
        self.assertEqual(page.status_code, 303)
        text = self.url_open(f"{self.url}/proofs").text
        self.assertIn("Trop &lt;b&gt;petit", text)
        self.assertNotIn("o_aptic_approve_form", text)
        files = {"files": ("logo.png", _png(), "image/png")}
        self.assertEqual(
            self._post(f"{self.url}/proofs/comment", files, body="Le logo", form_token="c").status_code, 303
        )
        self.assertEqual(self._post(f"{self.url}/proofs/comment", body="Le logo", form_token="c").status_code, 303)
        message = self.env["mail.message"].search(self.order._thread_domain(), order="id desc", limit=1)
        self.assertIn("Le logo", message.body)
        link = f"{self.url}/proofs/messages/{message.id}/file/{message.attachment_ids.id}"
        self.assertEqual(self.url_open(link).content, message.attachment_ids.raw)
        self.order.with_user(self.staff).message_post(
            body="Voici la suite", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self.order.activity_search(["aptic_base.activity_help"]))
        second = self.order._offer_proof(note="Plus grand")
        text = self.url_open(f"{self.url}/proofs").text
        for words in ("Voici la suite", "Plus grand", second.name):
            self.assertIn(words, text)
        self.assertEqual(self._post(f"{self.url}/approve", proof_id=str(second.id)).status_code, 303)
        self.assertEqual((self.order.state, second.decided_by_id), ("proofed", self.sponsor_user_a))
        self.assertIn("aptic_proof_approved", self.url_open(f"{self.url}/proofs").text)

    def test_an_answer_names_the_version_that_was_read(self):
        self._as(self.sponsor_user_a)
        for proof_id in ("", "x", "0", str(self.order.proof_id.id + 1000), "9" * 30):
            page = self._post(f"{self.url}/approve", proof_id=proof_id)
            self.assertIn("alert-danger", page.text)
            page = self._post(f"{self.url}/proofs/return", proof_id=proof_id, reason="Non")
            self.assertEqual(page.status_code, 422)
        page = self._post(f"{self.url}/proofs/return", proof_id=str(self.order.proof_id.id), reason=" ")
        self.assertIn("proof_error", page.text)
        self.assertEqual((self.order.state, self.order.proof_id.state), ("confirmed", "waiting"))

    def test_others_neither_read_nor_answer(self):
        proof = self.order.proof_id
        for user in (self.sponsor_user_b, self.manager_a):
            self._as(user)
            for page in ("", f"/{proof.id}/pdf"):
                self.assertEqual(self.url_open(f"{self.url}/proofs{page}").status_code, 403)
        for user in (self.sponsor_user_b, self.manager_a, self.accountant_user):
            self._as(user)
            for verb in ("proofs/return", "proofs/comment", "approve"):
                page = self._post(f"{self.url}/{verb}", proof_id=str(proof.id), reason="Non", body="Non")
                with self.subTest(user=user.login, verb=verb):
                    self.assertEqual(page.status_code, 403)
        text = self.url_open(f"{self.url}/proofs").text  # an accountant reads, without the comments
        self.assertNotIn("o_aptic_comment_form", text)
        self.assertEqual(proof.state, "waiting")

    def test_a_version_of_another_order_is_not_sent(self):
        other = self._order(state="confirmed", sponsor=self.sponsor_b)
        self._as(self.sponsor_user_a)
        self.assertEqual(self.url_open(f"{self.url}/proofs/{other.proof_id.id}/pdf").status_code, 403)
        draft = self._order(state="draft")
        self.assertEqual(self.url_open(f"/my/aptic/orders/{draft.id}/proofs").status_code, 403)
