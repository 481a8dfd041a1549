import contextlib
import socketserver
import threading
from unittest.mock import patch

import psycopg2
from lxml import html
from odoo import http
from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models import aptic_redemption_receipt
from .common import DeskCase

SEND_EMAIL = IrMail_Server.send_email


class Refusing(socketserver.StreamRequestHandler):
    """A mail server that knows nobody, and quotes who it does not know."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            refused = line.upper().startswith(b"RCPT")
            self.wfile.write(b"550 nobody: %s\r\n" % line.strip() if refused else b"250 yes\r\n")
            if line.upper().startswith(b"QUIT"):
                return


@contextlib.contextmanager
def refusing():
    """Run it; gives its port."""
    with socketserver.TCPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@tagged("post_install", "-at_install")
class TestReceipt(DeskCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.company.email = "equipe@aptic.example"
        self.authenticate(self.mediator_a.login, self.mediator_a.login)
        answer = self._redeem(self.codes[:1])
        self.redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.home = f"/my/aptic/redemptions/{self.redemption.id}/receipt"
        self.sent = []

        def send(_servers, message, *_args, **_kw):
            self.sent.append(message)
            return message["Message-Id"]

        self.startPatcher(patch.object(self.env.registry["ir.mail_server"], "send_email", send))

    def _page(self, user=None, query=""):
        if user:
            self.authenticate(user.login, user.login)
        return self.url_open(self.home + query)

    def _post(self, way, user=None, **form):
        if user:
            self.authenticate(user.login, user.login)
        return self.url_open(f"{self.home}/{way}", data={"csrf_token": http.Request.csrf_token(self), **form})

    def _copies(self):
        return self.env["aptic.receipt"].search([("redemption_id", "=", self.redemption.id)], order="id")

    def _ticket(self, response):
        (ticket,) = html.fromstring(response.text).find_class("o_aptic_receipt")
        return " ".join(ticket.text_content().split())

    def test_the_page_says_both_parts_and_whose_it_is(self):
        text = self._ticket(self._page())
        serial = f"{int(self.redemption.serials):010d}"
        for said in ("Acteur A (test)", "802 954 784 00012", "Lieu A, Bordeaux", "12 €", "10 €", "2 €", serial):
            self.assertIn(said, text)
        for said in ("ne vaut pas facture", "n'est pas soumis à la TVA", "Aperçu à l'écran"):
            self.assertIn(said, text)
        self.assertFalse(self.codes[0][10:22] in self._page().text)
        self.assertFalse(self._copies())

    def test_a_pathway_is_named(self):
        self._pathway(
            self.provider_a, "Premiers pas", [self.offer_a, *[self._offer(self.provider_a, self.service, 900)] * 4]
        )
        self.assertIn("Premiers pas, séance 1 sur 5", self._ticket(self._page()))

    def test_the_first_is_the_receipt_and_the_next_a_duplicate(self):
        first = self._post("print")
        self.assertIn("?copy=", first.url)
        self.assertNotIn("uplicata", self._ticket(first))
        self.assertNotIn("Aperçu", self._ticket(first))
        second = self._post("print", self.manager_a)
        self.assertIn("Duplicata n° 1", self._ticket(second))
        copies = self._copies()
        self.assertEqual(copies.mapped("number"), [1, 2])
        self.assertEqual(copies.user_id, self.mediator_a | self.manager_a)
        self.assertIn("Aperçu", self._ticket(self._page(self.mediator_a, f"?copy={copies[1].id}")))

    def test_the_same_form_twice_is_one_copy(self):
        for _time in range(2):
            self.assertIn("?copy=", self._post("print", form_token="once").url)
        self.assertEqual(len(self._copies()), 1)

    def test_a_copy_is_shown_to_be_printed_for_ten_minutes(self):
        copy = self.redemption.with_user(self.mediator_a)._hand_out_receipt("print")
        self.assertNotIn("Aperçu", self._ticket(self._page(query=f"?copy={copy.id}")))
        with patch("odoo.addons.aptic_pos.controllers.receipts.SHOWN_MINUTES", 0):
            self.assertIn("Aperçu", self._ticket(self._page(query=f"?copy={copy.id}")))
        for hostile in ("x", "999999999999999999999", "-1", "%00"):
            self.assertEqual(self._page(query=f"?copy={hostile}").status_code, 200)

    def test_the_pdf(self):
        response = self._post("pdf")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertTrue(response.content.startswith(b"%PDF"))
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(self._copies().way, "pdf")

    def test_a_mail_keeps_no_address(self):
        response = self._post("mail", address=" Ada.Martin@example.org ")
        self.assertIn("?notice=sent", response.url)
        (mail,) = self.sent
        self.assertEqual(mail["To"], "Ada.Martin@example.org")
        (paper,) = mail.iter_attachments()
        self.assertEqual(paper.get_content_type(), "application/pdf")
        self.assertIn("Auto-Submitted", mail)
        for table, column in (("mail_mail", "email_to"), ("mail_message", "body"), ("aptic_receipt", "way")):
            self.env.cr.execute(f"SELECT count(*) FROM {table} WHERE {column}::text ILIKE '%ada.martin%'")
            self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.assertEqual(self._copies().mapped("way"), ["mail"])

    def test_what_is_no_address_is_refused(self):
        for address in (
            "",
            "ada",
            "a@b@c",
            "a@example.org, b@example.org",
            "a@example.org\nBcc: x@y.fr",
            "é@x.fr",
            "a" * 250 + "@example.org",
            "x\0@example.org",
        ):
            with self.subTest(address=address):
                response = self._post("mail", address=address)
                self.assertEqual(response.status_code, 422)
                self.assertTrue("pas une adresse" in response.text)
        self.assertFalse(self.sent)
        self.assertFalse(self._copies())

    def test_mails_are_bounded(self):
        for _time in range(3):
            self._post("mail", address="ada@example.org")
        self.assertEqual(self._post("mail", address="ada@example.org").status_code, 422)
        self.assertEqual(len(self.sent), 3)
        other = self.env["aptic.redemption"].browse(self._redeem(self.codes[1:2])["redemption_id"])
        self.home = f"/my/aptic/redemptions/{other.id}/receipt"
        with patch.object(aptic_redemption_receipt, "MOST_A_DAY", 3):
            self.assertEqual(self._post("mail", address="ada@example.org").status_code, 422)
        self.assertIn("notice=sent", self._post("mail", address="ada@example.org").url)

    def test_a_mail_that_no_server_takes(self):
        def refuse(*_args, **_kw):
            raise OSError("no server")

        with patch.object(self.env.registry["ir.mail_server"], "send_email", refuse):
            response = self._post("mail", address="ada@example.org")
        self.assertEqual(response.status_code, 503)
        self.assertTrue("ada@example.org" in response.text)
        self.assertEqual(self._copies().mapped("number"), [0])
        self.assertNotIn("uplicata", self._ticket(self._post("print")))

    def test_the_address_that_a_server_refuses_is_not_logged(self):
        servers = self.env["ir.mail_server"]
        with refusing() as port, patch.object(self.env.registry["ir.mail_server"], "send_email", SEND_EMAIL):
            servers.search([]).active = False
            servers.create({"name": "Refuse", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_debug": True})
            with (
                patch.object(self.env.registry["ir.mail_server"], "_disable_send", lambda *_: False),
                self.assertLogs(level="DEBUG") as logs,
            ):
                copy = self.redemption.with_user(self.mediator_a)._mail_receipt("ada.martin@example.org")
        self.assertFalse(copy.number)
        told = [line for line in logs.output if "aptic_redemption_receipt" in line]
        self.assertEqual(len(told), 1)
        self.assertIn("MailDeliveryException", told[0])
        self.assertTrue(any("SMTPRecipientsRefused" in line for line in logs.output), "the server was really asked")
        self.assertFalse([line for line in logs.output if "ada.martin" in line.lower()])

    def test_a_cancelled_act_says_so(self):
        self.redemption._cancel("Wrong service")
        self.assertIn("ANNULÉ le", self._ticket(self._page()))
        self.assertIn("ANNULÉ le", self._ticket(self._post("print")))
        self._post("mail", address="ada@example.org")
        self.assertIn("ANNULÉ", self.sent[0].get_body(("plain",)).get_content())

    def test_others_find_nothing(self):
        mine = self._post("print", self.manager_a)
        self.assertEqual(mine.status_code, 200)
        by_manager = self._redeem(self.codes[1:2])["redemption_id"]
        reads = {
            self.mediator_a: self.redemption.id, self.manager_a: by_manager, self.accountant_a: by_manager,
        }  # fmt: skip
        denied = [(user, self.redemption.id) for user in (self.manager_b, self.sponsor_user_a, self.stranger)]
        denied += [
            (self.mediator_a, by_manager),
            (self.manager_a, 2**31 - 1),
            (self.manager_a, 10**30),
            (self.manager_a, 0),
        ]
        for user, number in reads.items():
            self.home = f"/my/aptic/redemptions/{number}/receipt"
            self.assertEqual(self._page(user).status_code, 200)
        for user, number in denied:
            self.home = f"/my/aptic/redemptions/{number}/receipt"
            with self.subTest(user=user.login, number=number):
                self.assertEqual(self._page(user).status_code, 403)
                for way in ("print", "pdf", "mail"):
                    self.assertEqual(self._post(way, address="ada@example.org").status_code, 403)
        self.assertEqual(len(self._copies()), 1)
        self.assertFalse(self.sent)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(f"/my/aptic/redemptions/{self.redemption.id}/receipt").url)

    def test_rows_are_written_once(self):
        self._post("print")
        for query in ("UPDATE aptic_receipt SET number = 9", "DELETE FROM aptic_receipt"):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
                self.env.cr.execute(query)
