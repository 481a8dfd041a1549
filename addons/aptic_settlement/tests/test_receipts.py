from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .money import IBAN, OPERATOR_IBAN, Entry, MoneyCase, camt053


@tagged("post_install", "-at_install")
class TestReceipts(MoneyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=20, state="delivered")
        cls.today = fields.Date.context_today(cls.order)

    # ----------------------------------------------------------------- import
    def test_a_receipt_that_names_the_order_funds_it(self):
        statement = self._bank(self._pays(self.order))
        self.assertTrue(statement.line_ids.is_reconciled)
        self.assertEqual(self.order.funded_cents, 20000)
        self.order._activate()
        self.assertEqual(self.order.state, "active")

    def test_the_newer_version_of_the_file_is_read_too(self):
        self._bank(self._pays(self.order), version="08")
        self.assertEqual(self.order.funded_cents, 20000)

    def test_an_accountant_imports(self):
        data = camt053(IBAN, "RLV-A", self.today, 0, [self._pays(self.order)])
        self._import(data, self.accountant)
        self.assertEqual(self.order.funded_cents, 20000)

    def test_the_menus_lead_to_the_segregated_account(self):
        journals = self.env["account.journal"].with_user(self.accountant)
        self.assertEqual(journals.action_aptic_import()["context"]["journal_id"], self.journal.id)
        self.assertEqual(journals.action_aptic_reconcile()["context"]["active_id"], self.journal.id)

    def test_what_is_not_exact_is_left_to_a_person(self):
        other = self._order(quantity=20, state="delivered")
        statement = self._bank(
            Entry(19999, text=self.order.name),
            Entry(20000, text=f"{self.order.name}0"),
            Entry(20000, text=f"{self.order.name} et {other.name}"),
            Entry(20000, text=self.order.name),
            Entry(20000, text=self.order.name),
        )
        matched = statement.line_ids.sorted("sequence").mapped("is_reconciled")
        self.assertEqual(matched, [False, False, False, True, False])
        self.assertEqual((self.order.funded_cents, other.funded_cents), (20000, 0))
        self.assertEqual(statement.action_aptic_match(), 1, "the line names one open document now")
        self.assertEqual(other.funded_cents, 20000)
        self.assertEqual(statement.action_aptic_match(), 0)

    def test_a_person_reconciles_the_rest(self):
        statement = self._bank(Entry(5000, text="sans référence"), Entry(15000))
        for line in statement.line_ids:
            self._reconcile(line, self.order.face_move_id)
        self.assertEqual(self.order.funded_cents, 20000)

    def test_money_on_another_account_pays_no_face_value(self):
        own = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "bank"), ("id", "!=", self.journal.id)], limit=1
        )
        own.bank_account_id = self._own_account(OPERATOR_IBAN)
        face = self.order.face_move_id
        entries = [Entry(20000, text=face.payment_reference, name=self.order.sponsor_id.name)]
        statement = self._import(camt053(OPERATOR_IBAN, "PROPRE-1", self.today, 0, entries))
        self.assertEqual(statement.journal_id, own)
        self.assertEqual((face.payment_state, self.order.funded_cents), ("not_paid", 0))
        self._bank(self._pays(self.order))
        self.assertEqual((face.payment_state, self.order.funded_cents), ("paid", 20000))

    def test_what_is_no_statement_is_refused_in_words(self):
        for data in (b"hello", b"<a/>", b"\x89PNG\r\n"):
            with self.subTest(data), self.assertRaisesRegex(UserError, "camt.053"):
                self._import(data)

    def test_the_name_of_the_document_is_as_good(self):
        self._bank(Entry(20000, text=f"Règlement {self.order.face_move_id.name.replace('/', ' ')}"))
        self.assertEqual(self.order.funded_cents, 20000)

    def test_the_same_file_twice_is_refused(self):
        data = camt053(IBAN, "RLV-1", self.today, 0, [self._pays(self.order)])
        self._import(data)
        with self.assertRaisesRegex(UserError, "imported already"):
            self._import(data)
        again = camt053(IBAN, "RLV-1", self.today, 20000, [self._pays(self.order)])
        with self.assertRaisesRegex(UserError, "imported already"):
            self._import(again)

    def test_a_statement_that_does_not_follow_is_refused(self):
        self._bank(Entry(500), day=self.today)
        for opening, day in ((0, self.today), (499, self.today), (500, self.today - timedelta(days=1))):
            with self.assertRaisesRegex(UserError, "in order"):
                self._import(camt053(IBAN, "RLV-X", day, opening, [self._pays(self.order)]))
        self._import(camt053(IBAN, "RLV-X", self.today, 500, [self._pays(self.order)]))
        self.assertEqual(self.order.funded_cents, 20000)

    def test_a_statement_that_is_not_whole_is_refused(self):
        data = camt053(IBAN, "RLV-1", self.today, 0, [self._pays(self.order)], closing=19999)
        with self.assertRaisesRegex(UserError, "not whole"):
            self._import(data)

    @mute_logger("odoo.addons.account_statement_import_file.wizard.account_statement_import")
    def test_a_statement_of_another_account_is_no_receipt(self):
        data = camt053(OPERATOR_IBAN, "RLV-1", self.today, 0, [self._pays(self.order)])
        with self.assertRaises(UserError):
            self._import(data)
        own = self.env["account.journal"].create({"name": "Banque courante", "type": "bank", "code": "BQC"})
        own.bank_account_id = self._own_account(OPERATOR_IBAN)
        statement = self._import(data)
        self.assertEqual(statement.journal_id, own)
        self.assertFalse(statement.aptic_file_hash)
        self.assertFalse(statement.line_ids._is_aptic_receipt())

    def test_a_quiet_day_is_the_word_of_the_bank_too(self):
        self._bank(self._pays(self.order), day=self.today - timedelta(days=3))
        quiet = self._bank(day=self.today - timedelta(days=1))
        self.assertEqual((quiet.journal_id, quiet.balance_end_real, len(quiet.line_ids)), (self.journal, 200, 0))
        self.assertEqual(self.env["account.bank.statement"]._aptic_last(self.journal), quiet)
        self.assertTrue(quiet._aptic_proven())
        self.assertTrue(self._bank(Entry(100), day=self.today)._aptic_proven())

    # ------------------------------------------------------------ typed by hand
    def test_a_line_typed_by_hand_funds_nothing(self):
        line = self._line(20000, payment_ref=self.order.name)
        self._reconcile(line, self.order.face_move_id)
        self.assertEqual(self.order.funded_cents, 0)
        with self.assertRaises(UserError):
            self.order._activate()

    def test_a_statement_made_by_hand_funds_nothing(self):
        line = self._line(20000, payment_ref=self.order.name)
        statement = self.env["account.bank.statement"].create(
            {"name": "RLV-1", "balance_start": 0, "balance_end_real": 200, "line_ids": [Command.set(line.ids)]}
        )
        self.assertTrue(statement.is_complete)
        self._reconcile(line, self.order.face_move_id)
        self.assertEqual(self.order.funded_cents, 0)

    def test_nobody_marks_a_line_as_read_from_the_bank(self):
        line = self._line(20000)
        for user in (self.env.user, self.accountant):
            for values in ({"aptic_from_bank": True}, {"aptic_end_to_end": "1"}):
                with self.assertRaises(UserError):
                    line.with_user(user).write(values)
        with self.assertRaises(UserError):
            self._line(20000, aptic_from_bank=True)
        with self.assertRaises(UserError):
            self._line(20000).with_context(aptic_from_bank=True).write({"aptic_from_bank": True})
        statement = self.env["account.bank.statement"].create({"name": "RLV", "line_ids": [Command.set(line.ids)]})
        with self.assertRaises(UserError):
            statement.write({"aptic_file_hash": "0" * 64})
        with self.assertRaises(UserError):
            self.env["account.bank.statement"].create({"name": "RLV", "aptic_file_hash": "0" * 64})

    # ---------------------------------------------------------------- evidence
    def test_what_the_bank_said_does_not_change(self):
        statement = self._bank(self._pays(self.order))
        line = statement.line_ids
        for values in (
            {"amount": 100.0},
            {"partner_name": "Un autre"},
            {"account_number": OPERATOR_IBAN},
            {"date": self.today - timedelta(days=1)},
            {"statement_id": False},
        ):
            with self.assertRaises(UserError, msg=str(values)):
                line.write(values)
        for values in ({"balance_start": 5.0}, {"balance_end_real": 5.0}, {"line_ids": [Command.clear()]}):
            with self.assertRaises(UserError, msg=str(values)):
                statement.write(values)
        for record in (line, statement):
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaises(UserError):
            self._line(100, statement_id=statement.id)
        with self.assertRaises(UserError):
            self._line(100).write({"statement_id": statement.id})
        line.write({"date": line.date, "partner_id": self.sponsor_a.partner_id.id})
        self.assertFalse(line.copy_data()[0].get("aptic_from_bank"))

    def test_undoing_the_reconciliation_takes_the_funds_back(self):
        statement = self._bank(self._pays(self.order))
        statement.line_ids.action_undo_reconciliation()
        self.assertEqual(self.order.funded_cents, 0)
        self.assertEqual(statement.action_aptic_match(), 1)
        self.assertEqual(self.order.funded_cents, 20000)

    def test_the_chain_of_statements_is_checked_again_when_asked(self):
        first = self._bank(Entry(500))
        second = self._bank(self._pays(self.order))
        self.assertTrue(second.line_ids._is_aptic_receipt())
        self.env.cr.execute("UPDATE account_bank_statement SET balance_end_real = 4 WHERE id = %s", [first.id])
        first.invalidate_recordset()
        self.assertFalse(second.line_ids._is_aptic_receipt())
