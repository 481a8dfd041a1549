"""Subscription invoices debited by mandate: the bank's file, what is asked for meanwhile, what ends a mandate."""

import base64
from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.addons.aptic_settlement.demo.history import OPERATOR_IBAN
from odoo.addons.aptic_settlement.tests.test_fee_invoice import printed
from odoo.addons.aptic_settlement.tests.test_payout import PayoutCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import file_open, format_date

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.02"}
SCHEMA = "account_banking_sepa_direct_debit/data/pain.008.001.02.xsd"
CREDITOR = "FR72ZZZ123456"
OTHER_IBAN = "FR7630004000031234567890143"
NOTICE, TRANSFER = "//div[@id='aptic_debit']", "//p[@name='payment_communication']"


class DebitCase(PayoutCase):
    """Provider A has an account in force, and its subscription runs; the operator has a creditor identifier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env["res.partner"].with_context(tz="Europe/Paris"))
        cls.own = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank"), ("id", "!=", cls.journal.id)], limit=1
        )
        cls.own.bank_account_id = cls.env["res.partner.bank"].create(
            {"acc_number": OPERATOR_IBAN, "partner_id": cls.company.partner_id.id}
        )
        cls.company.write({"sepa_creditor_identifier": CREDITOR, "aptic_debit_journal_id": cls.own.id})
        subscriptions = cls.env["aptic.subscription"]
        cls.subscription = subscriptions._choose(cls.provider_a, "monthly")
        subscriptions._wake(cls.provider_a.id, cls.today - timedelta(days=40))
        cls.subscription._start()

    @classmethod
    def _draft(cls, provider=None):
        action = (provider or cls.provider_a).with_user(cls.accountant).action_debit_mandate()
        return cls.env["account.banking.mandate"].browse(action["res_id"])

    @classmethod
    def _mandate(cls, provider=None):
        """A valid mandate, signed ten days ago."""
        mandate = cls._draft(provider)
        own = mandate.with_user(cls.accountant)
        own.signature_date = cls.today - timedelta(days=10)
        own.validate()
        return mandate

    @classmethod
    def _invoice(cls, days_late=20):
        """The subscription's next invoice, made by its contract and due so many days ago."""
        invoice = cls.subscription.contract_id._recurring_create_invoice()
        invoice.invoice_date_due = cls.today - timedelta(days=days_late)
        cls.env.flush_all()
        return invoice

    def _debit(self, state="uploaded"):
        """A debit order of what OCA's wizard finds, brought to a state by the accountant."""
        orders = self.env["account.payment.order"].with_user(self.accountant)
        order = orders.create({"payment_mode_id": self.company.aptic_debit_mode_id.id})
        wizard = (
            self.env["account.payment.line.create"]
            .with_user(self.accountant)
            .with_context(active_model=order._name, active_id=order.id)
            .create({"filter_date": self.today})
        )
        wizard.populate()
        wizard.create_payment_lines()
        if state != "draft":
            order.draft2open()
        if state in ("generated", "uploaded"):
            order.open2generated()
        if state == "uploaded":
            order.generated2uploaded()
        return order.sudo()

    def _late(self):
        self.env.flush_all()
        return self.env["aptic.subscription"]._overdue_by_provider(self.today).get(self.provider_a)

    def _back(self, payment):
        """The bank sends a debit back: the accountant records it by its EndToEndId."""
        record = self.env["payment.return"].create(
            {
                "journal_id": self.own.id,
                "name": "RETURN",
                "line_ids": [Command.create({"reference": str(payment.id), "amount": payment.amount})],
            }
        )
        record.button_match()
        record.action_confirm()
        return record


@tagged("post_install", "-at_install")
class TestDebit(DebitCase):
    def _texts(self, tree, path):
        return [node.text for node in tree.iterfind(f".//p:{path.replace('/', '/p:')}", PAIN)]

    def _file(self, order):
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", order._name), ("res_id", "=", order.id)], order="id desc", limit=1
        )
        return etree.fromstring(base64.b64decode(attachment.datas))

    # --------------------------------------------------------------- the file
    def test_the_bank_s_file_first_and_next(self):
        mandate = self._mandate()
        invoice = self._invoice()
        self.assertEqual((invoice.payment_mode_id, invoice.mandate_id), (self.company.aptic_debit_mode_id, mandate))
        order = self._debit()
        tree = self._file(order)
        with file_open(SCHEMA, "rb") as schema:
            etree.XMLSchema(etree.parse(schema)).assertValid(tree)
        self.assertEqual(self._texts(tree, "MndtId"), [mandate.unique_mandate_reference])
        self.assertEqual(self._texts(tree, "DtOfSgntr"), [str(mandate.signature_date)])
        self.assertEqual(self._texts(tree, "CdtrSchmeId/Id/PrvtId/Othr/Id"), [CREDITOR])
        self.assertEqual(self._texts(tree, "SeqTp"), ["FRST"])
        self.assertEqual(self._texts(tree, "LclInstrm/Cd"), ["CORE"])
        self.assertEqual(self._texts(tree, "InstdAmt"), [f"{invoice.amount_total:.2f}"])
        self.assertEqual(self._texts(tree, "EndToEndId"), [str(order.payment_ids.id)])
        self.assertEqual(self._texts(tree, "CdtrAcct/Id/IBAN"), [OPERATOR_IBAN])
        self.assertEqual(self._texts(tree, "DbtrAcct/Id/IBAN"), ["FR7630001007941234567890185"])
        self.assertIn(invoice.name, self._texts(tree, "Ustrd")[0])
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("in_payment", 0))
        second = self._invoice(0)
        self.assertEqual(self._texts(self._file(self._debit()), "SeqTp"), ["RCUR"])
        self.assertEqual(second.amount_residual, 0)

    def test_without_a_valid_mandate_nothing_is_debited(self):
        self._draft()
        invoice = self._invoice()
        self.assertFalse(invoice.payment_mode_id or invoice.mandate_id)
        self.company.aptic_debit_journal_id = False
        draft = self._draft()
        draft.signature_date = self.today
        draft.validate()
        self.assertFalse(self._invoice().payment_mode_id, "nor where the operator does not debit")

    def test_other_invoices_of_the_provider_are_not_debited(self):
        self._mandate()
        fees = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.provider_a.partner_id.id,
                "invoice_line_ids": [Command.create({"name": "Frais", "price_unit": 10})],
            }
        )
        self.assertFalse(fees.payment_mode_id or fees.mandate_id)
        fees.action_post()
        self.assertEqual(printed(fees, NOTICE), "", "nor do they say so")

    # ------------------------------------------------------------- reminders
    def test_what_is_on_its_way_to_the_bank_is_not_asked_for(self):
        self._mandate()
        invoice = self._invoice()
        order = self._debit("draft")
        self.assertEqual(self._late(), invoice)
        order.draft2open()
        order.open2generated()
        self.assertFalse(self._late(), "generated")
        order.generated2uploaded()
        self.assertFalse(self._late(), "uploaded")

    def test_a_debit_that_comes_back_is_asked_for_again(self):
        mandate = self._mandate()
        invoice = self._invoice(60)
        order = self._debit()
        record = self._back(order.payment_ids)
        self.assertEqual(record.line_ids.partner_id, self.provider_a.partner_id)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("not_paid", invoice.amount_total))
        self.assertEqual(self._late(), invoice)
        self.env["aptic.subscription"]._follow_unpaid(self.provider_a, invoice, self.today)
        self.assertEqual(self.provider_a.state, "suspended")
        again = self._debit("draft")
        self.assertEqual((again.payment_line_ids.mandate_id, mandate.state), (mandate, "valid"))

    def test_what_was_paid_meanwhile_is_not_debited(self):
        self._mandate()
        invoice = self._invoice()
        order = self._debit("open")
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"amount": 1, "journal_id": self.own.id}
        )._create_payments()
        with self.assertRaisesRegex(UserError, invoice.name):
            order.with_user(self.accountant).open2generated()

    # --------------------------------------------------------- end of mandates
    def test_new_bank_details_end_the_mandate(self):
        mandate = self._mandate()
        invoice = self._invoice()
        order = self._debit("draft")
        change = self.env["aptic.bank.change"].with_user(self.manager_a)._request(self.provider_a, OTHER_IBAN, "A")
        self.assertEqual(mandate.state, "valid", "not before it is accepted")
        change.sudo(False).with_user(self.accountant)._approve()
        self.assertEqual(mandate.state, "cancel")
        self.assertFalse(invoice.payment_mode_id or invoice.mandate_id)
        self.assertFalse(order.payment_line_ids)
        self.assertIn(mandate.unique_mandate_reference, order.message_ids[0].body)
        self.assertIn("bank account", mandate.message_ids.filtered("body")[0].body)
        told = self.provider_a.message_ids.filtered(lambda message: mandate.unique_mandate_reference in message.body)[0]
        self.assertRegex(told.body, "bank account|compte bancaire")
        self.assertEqual(told.partner_ids, (self.manager_a | self.accountant_a).partner_id)
        mandate.back2draft()
        with self.assertRaisesRegex(ValidationError, "no longer the one in force"):
            mandate.validate()
        self.assertNotEqual(self._draft(), mandate, "a mandate of the new account is another one")

    def test_a_confirmed_order_makes_no_file_after_the_end_of_a_mandate(self):
        mandate = self._mandate()
        self._invoice()
        order = self._debit("open")
        self._account(self.provider_a, OTHER_IBAN)
        self.assertIn(mandate.unique_mandate_reference, order.message_ids[0].body)
        with self.assertRaisesRegex(UserError, mandate.unique_mandate_reference):
            order.open2generated()

    def test_a_provider_that_leaves_is_not_debited(self):
        mandate, draft = self._mandate(), self._draft(self.provider_b)
        for provider in self.provider_a, self.provider_b:
            provider._strike_off("conduct", "Test")
        self.assertEqual((mandate.state, draft.state), ("cancel", "cancel"))
        self.assertIn("no longer a member", mandate.message_ids.filtered("body")[0].body)
        with self.assertRaisesRegex(UserError, "has left"):
            self._draft()

    def test_a_suspension_leaves_it(self):
        mandate = self._mandate()
        self.provider_a._suspend("unpaid", "Test")
        self.assertEqual(mandate.state, "valid")

    def test_who_revokes_pays_by_transfer_again(self):
        mandate = self._mandate()
        invoice = self._invoice()
        mandate.with_user(self.accountant).cancel()
        self.assertFalse(invoice.mandate_id)
        self.assertRegex(self.provider_a.message_ids[0].body, "revoked|révoqué")
        self.assertFalse(self._invoice(0).mandate_id)

    # --------------------------------------------------------------- face value
    def test_never_to_the_segregated_account(self):
        mode = self.company.aptic_debit_mode_id
        self.assertEqual(mode.fixed_journal_id, self.own)
        words = "face value"
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            self.company.aptic_debit_journal_id = self.journal
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            mode.fixed_journal_id = self.journal
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            mode.write({"bank_account_link": "variable", "variable_journal_ids": [Command.set(self.journal.ids)]})
        self._mandate()
        self._invoice()
        order = self._debit("draft")
        self.assertEqual(order.journal_id, self.own)
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            order.journal_id = self.journal
        with self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
            self.company.aptic_bank_journal_id = self.own

    def test_the_mode_is_made_once(self):
        mode = self.company.aptic_debit_mode_id
        self.company.aptic_debit_journal_id = False
        self.company.aptic_debit_journal_id = self.own
        self.assertEqual(self.company.aptic_debit_mode_id, mode)
        self.assertEqual((mode.payment_type, mode.group_lines), ("inbound", False))

    # ---------------------------------------------------------------- its notice
    def test_the_invoice_says_that_it_is_debited(self):
        mandate = self._mandate()
        invoice = self._invoice()
        text = printed(invoice, NOTICE)
        day = format_date(self.env(context={"lang": self.provider_a.lang}), invoice.invoice_date_due)
        for told in (mandate.unique_mandate_reference, CREDITOR, "FR76 **** **** 0185", "8,40", day):
            self.assertIn(told, text)
        self.assertEqual(printed(invoice, TRANSFER), "")
        mandate.cancel()
        self.assertEqual(printed(invoice, NOTICE), "")
        self.assertIn(invoice.payment_reference, printed(invoice, TRANSFER))


@tagged("post_install", "-at_install")
class TestMandate(DebitCase):
    def test_it_is_prepared_on_the_account_in_force(self):
        mandate = self._draft()
        self.assertRecordValues(
            mandate,
            [
                {
                    "state": "draft",
                    "format": "sepa",
                    "type": "recurrent",
                    "scheme": "CORE",
                    "partner_bank_id": self.provider_a.bank_account_id.id,
                    "recurrent_sequence_type": "first",
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertEqual(self._draft(), mandate, "asked for twice it is one")
        other = self._draft(self.provider_b)
        self.assertNotEqual(other.unique_mandate_reference, mandate.unique_mandate_reference)
        self.assertEqual(self.provider_a.debit_mandate_ids, mandate)

    def test_it_is_valid_with_the_day_of_its_signature_only(self):
        mandate = self._draft().with_user(self.accountant)
        with self.assertRaises(ValidationError):
            mandate.validate()
        mandate.invalidate_recordset()
        mandate.signature_date = self.today
        mandate.validate()
        self.assertIn(mandate.unique_mandate_reference, self.provider_a.message_ids[0].body)
        second = mandate.sudo().copy({"signature_date": self.today})
        with self.assertRaisesRegex(ValidationError, "already"):
            second.validate()

    def test_what_is_missing_is_said(self):
        self.provider_b._guarded_write({"bank_account_id": False})
        with self.assertRaisesRegex(UserError, "bank details"):
            self._draft(self.provider_b)
        self.company.write({"sepa_creditor_identifier": False, "aptic_debit_journal_id": False})
        with self.assertRaisesRegex(UserError, "SEPA Creditor Identifier, Bank journal"):
            self._draft()

    def test_who_prepares_reads_and_signs_it_off(self):
        for user in (self.staff, self.reviewer, self.manager_a, self.mediator_a, self.stranger):
            with self.assertRaises(AccessError):
                self.provider_a.with_user(user).sudo(False).action_debit_mandate()
        mandate = self._draft()
        action = self.provider_a.with_user(self.staff_manager).sudo(False).action_debit_mandate()
        self.assertEqual(action["res_id"], mandate.id)
        self.assertTrue(mandate.with_user(self.staff_manager).unique_mandate_reference)
        for user in (self.staff, self.staff_manager):
            with self.assertRaises(AccessError):
                mandate.with_user(user).write({"signature_date": self.today})
        for user in (self.manager_a, self.accountant_a, self.mediator_a, self.manager_b, self.stranger):
            with self.assertRaises(AccessError):
                mandate.with_user(user).read(["unique_mandate_reference"])

    def test_its_reference_is_read_by_no_member_past_the_page(self):
        self._mandate()
        self._invoice()
        for user in (self.manager_a, self.mediator_a, self.manager_b, self.stranger):
            for model in ("aptic.provider", "res.partner", "account.move"):
                names = self.env[model].with_user(user).fields_get()
                self.assertFalse(
                    {"valid_mandate_id", "mandate_count", "mandate_id", "debit_mandate_ids"} & names.keys(), user.login
                )

    def test_the_page_shows_it_masked(self):
        self.assertIsNone(self.provider_a._debit_shown())
        mandate = self._mandate()
        self.assertEqual(
            self.provider_a.with_user(self.manager_a)._debit_shown(),
            {
                "mandate": mandate,
                "reference": mandate.unique_mandate_reference,
                "creditor": CREDITOR,
                "iban": "FR76 **** **** 0185",
                "signed_on": self.today - timedelta(days=10),
            },
        )
        mandate.cancel()
        self.assertIsNone(self.provider_a._debit_shown())
