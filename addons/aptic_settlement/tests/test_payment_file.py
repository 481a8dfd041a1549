import hashlib
from unittest.mock import patch

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open, mute_logger
from psycopg2.errors import CheckViolation

from ..models.res_partner_bank import ACCEPTED
from .test_bank_answers import AnswerCase

SCHEMA = "account_banking_sepa_credit_transfer/data/{format}.xsd"
NAMES = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"}


@tagged("post_install", "-at_install")
class TestPaymentFile(AnswerCase):
    def _again(self):
        """Another order for the same statements, as after a change of settings."""
        self.payout.action_cancel()
        return self._pay(self.settlement)

    def _holder(self, name):
        """Another holder of A's account, as it may have been accepted before names were looked at."""
        self.provider_a.bank_account_id.with_context(aptic_account=ACCEPTED).acc_holder_name = name

    def _bic(self, bic):
        """A's bank, as it may stand in the table."""
        bank = self.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPP"})
        self.env.cr.execute("UPDATE res_bank SET bic = %s WHERE id = %s", [bic, bank.id])
        bank.invalidate_recordset()
        self.provider_a.bank_account_id.with_context(aptic_account=ACCEPTED).bank_id = bank

    def test_the_older_format_on_choice(self):
        settings = self.env["res.config.settings"].create({"aptic_pain_version": "pain.001.001.03"})
        settings.execute()
        self.assertEqual(self.env["res.config.settings"].create({}).aptic_pain_version, "pain.001.001.03")
        self.provider_a.partner_id.write({"street": "1 rue de l'Église", "zip": "33130"})
        self.provider_b.partner_id.city = False
        order = self._again()
        tree = etree.fromstring(order._aptic_bytes())
        with file_open(SCHEMA.format(format="pain.001.001.03")) as schema:
            etree.XMLSchema(etree.parse(schema)).assertValid(tree)
        self.assertEqual(len(tree.findall(".//p:CdtTrfTxInf", NAMES)), 2)
        self.assertFalse(tree.findall(".//p:AdrLine", NAMES), "no address lines, in no format")
        towns = [node.text for node in tree.iterfind(".//p:Cdtr/p:PstlAdr/p:TwnNm", NAMES)]
        self.assertEqual(towns, ["Begles"], "a structured address or none")

    def test_the_characters_of_sepa(self):
        self._holder("«L’Atelier»\n_Œuvres_ & Cie; n° 5 / Ünïcode \U0001f600" + "x" * 90)
        tree = etree.fromstring(self._again()._aptic_bytes())
        [name] = [node.text for node in tree.iter("{*}Nm") if "Atelier" in node.text]
        self.assertRegex(name, r"^[A-Za-z0-9/\-?:().,'+ ]{1,70}$")
        self.assertTrue(name.startswith("L'Atelier"), name)
        self.assertEqual(name, name.strip())

    def test_the_bank_is_asked_to_book_one_line(self):
        tree = etree.fromstring(self.payout._aptic_bytes())
        self.assertEqual([node.text for node in tree.iter("{*}BtchBookg")], ["true"])

    def test_one_provider_s_account_holds_up_nobody_else(self):
        self.payout.action_cancel()
        account = self.provider_a.bank_account_id
        mended = account.acc_holder_name
        for spoil, words in (
            (lambda: self._bic("12345678"), "BIC"),
            (lambda: self._bic("1GRIFRPP"), "BIC"),
            (lambda: self._holder("***"), "holder"),
            (lambda: self._iban("FR7630001007941234567890186"), "IBAN"),
            (lambda: self._iban("12345"), "IBAN"),
        ):
            with self.subTest(words):
                spoil()
                before = self.provider_a.message_ids
                order = self._pay(self.settlement)
                self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id)
                self.assertEqual(order.state, "generated")
                self.assertIn(words, self.first.payout_blocker)
                self.assertIn(self.first.payout_blocker, (self.provider_a.message_ids - before).body)
                order.action_cancel()
                self.first._guarded_write({"payout_told": False})
                account.with_context(aptic_account=ACCEPTED).write(
                    {"acc_holder_name": mended, "acc_number": "FR7630001007941234567890185", "bank_id": False}
                )
        self.assertEqual(len(self._pay(self.settlement).payment_line_ids), 2)

    def _iban(self, number):
        self.provider_a.bank_account_id.with_context(aptic_account=ACCEPTED).acc_number = number

    def test_no_file_that_is_not_valid(self):
        self.payout.action_cancel()
        self._bic("12345678")
        with (
            patch.object(type(self.provider_a), "_payout_blockers", lambda providers: {}),
            self.assertRaisesRegex(UserError, "no file was made"),
        ):
            self._pay(self.settlement)

    def test_no_file_that_does_not_pay_what_is_owed(self):
        order = self.payout
        self.env.cr.execute(
            "UPDATE account_payment_line SET amount_currency = 1 WHERE id = %s", [order.payment_line_ids[0].id]
        )
        order.invalidate_recordset()
        order.payment_line_ids.invalidate_recordset()
        method = order.payment_method_id
        arguments = {"pain_xsd_file": method.get_xsd_file_path(), "pain_flavor": method.pain_version}
        with self.assertRaisesRegex(UserError, "each once"):
            order._validate_xml(order._aptic_bytes(), arguments)

    # ------------------------------------------------------------------- once
    def test_a_new_file_needs_a_cancellation(self):
        order = self.payout.with_user(self.accountant)
        before = order.sudo()._aptic_bytes()
        for verb in ("open2generated", "draft2open"):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                getattr(order, verb)()
        self.assertEqual(order.sudo()._aptic_bytes(), before)
        order.action_cancel()
        for verb in ("open2generated", "cancel2draft", "generated2uploaded", "draft2open"):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                getattr(order, verb)()
        with self.assertRaisesRegex(UserError, "no file for the bank"):
            order._aptic_download()
        again = self._pay(self.settlement)
        self.assertFalse({*again.payment_line_ids.mapped("aptic_end_to_end")} & {self.first.name, self.second.name})
        again.with_user(self.accountant).generated2uploaded()
        with self.assertRaises(UserError):
            again.generated2uploaded()

    def test_nothing_of_it_is_changed_by_hand(self):
        order = self.payout.with_user(self.accountant)
        line, payment = order.payment_line_ids[0], order.payment_ids[0]
        other = self.provider_b.bank_account_id
        refused = [
            lambda: order.write({"state": "uploaded"}),
            lambda: order.write({"state": "draft"}),
            lambda: order.write({"aptic_file_hash": "0" * 64}),
            lambda: order.with_context(aptic_verb=True).write({"state": "cancel"}),
            order.unlink,
            lambda: line.write({"amount_currency": 1}),
            lambda: line.write({"partner_bank_id": other.id}),
            line.unlink,
            lambda: payment.write({"amount": 1}),
            lambda: payment.write({"partner_bank_id": other.id}),
            payment.action_cancel,
            payment.action_draft,
            payment.unlink,
            lambda: line.create({"order_id": order.id, "partner_id": line.partner_id.id, "amount_currency": 1}),
            lambda: line.create({"aptic_statement_id": self.first.id, "partner_id": line.partner_id.id}),
        ]
        for number, act in enumerate(refused):
            with self.subTest(number), self.assertRaises(UserError), self.env.cr.savepoint():
                act()
        self.assertEqual(order.state, "generated")

    def test_a_reference_is_one_of_sepa(self):
        for bad in ("/A", "A/", "A//B", "é", "A" * 36):
            refused = self.assertRaises(CheckViolation)
            with self.subTest(bad), refused, mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE account_payment_line SET aptic_end_to_end = %s WHERE id = %s",
                    [bad, self.payout.payment_line_ids[0].id],
                )

    # --------------------------------------------------------------- download
    def test_each_download_is_written_down(self):
        order = self.payout.with_user(self.accountant)
        before = order.message_ids
        for number in (1, 2):
            name, data = order._aptic_download()
            self.assertEqual(hashlib.sha256(data).hexdigest(), order.aptic_file_hash)
            told = order.message_ids - before
            before = order.message_ids
            self.assertIn(f"no. {number}", told.body)
            self.assertIn(order.aptic_file_hash, told.body)
            self.assertEqual(told.author_id, self.accountant.partner_id)
        self.assertEqual((name, order.aptic_downloads), (order.aptic_file_name, 2))

    def test_nobody_reads_the_file_elsewhere(self):
        order = self.payout.with_user(self.accountant)
        with self.assertRaises(AccessError):
            order.read(["aptic_file"])
        files = self.env["ir.attachment"].with_user(self.accountant).search([("res_model", "=", order._name)])
        self.assertFalse(files)
        for user in (self.staff_manager, self.manager_a):
            with self.assertRaises(AccessError):
                self.payout.with_user(user)._aptic_download()

    def test_a_file_that_was_changed_is_not_handed_out(self):
        self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "account.payment.order"), ("res_field", "=", "aptic_file")]
        ).raw = b"<autre/>"
        self.payout.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "not the one that was made"):
            self.payout.with_user(self.accountant)._aptic_download()


@tagged("post_install", "-at_install")
class TestPaymentFileRoute(HttpCase, AnswerCase):
    def test_the_button_leads_to_the_file(self):
        url = self.payout.action_aptic_download()["url"]
        self.accountant.password = "accountant-of-tests"
        self.authenticate(self.accountant.login, "accountant-of-tests")
        answer = self.url_open(url)
        self.assertEqual(answer.content, self.payout._aptic_bytes())
        self.assertIn(self.payout.aptic_file_name, answer.headers["Content-Disposition"])
        self.assertEqual(self.url_open("/aptic/payment-order/0/file").status_code, 404)
        self.manager_a.password = "manager-of-tests"
        self.authenticate(self.manager_a.login, "manager-of-tests")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 403)
        self.payout.invalidate_recordset()
        self.assertEqual(self.payout.aptic_downloads, 1)
