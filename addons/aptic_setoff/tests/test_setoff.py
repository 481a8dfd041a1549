"""An overdue subscription invoice is taken from a counter-payment by agreement and setting only, and to the cent."""

import io
from datetime import timedelta

from odoo.addons.aptic_settlement.tests.money import OPERATOR_IBAN, Entry
from odoo.addons.aptic_settlement.tests.test_reversal import ReversalCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from pdfminer.high_level import extract_text
from psycopg2 import IntegrityError

from ..models.aptic_setoff_agreement import VERSION


class SetoffCase(ReversalCase):
    """Provider A has scanned three vouchers (28,80 € net) and owes one month of its subscription (8,40 €)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.aptic_setoff_subscriptions = True
        cls.subscription = cls.env["aptic.subscription"]._choose(cls.provider_a, "monthly")

    @classmethod
    def _invoice(cls, days_late=20, cents=700, post=True):
        """An invoice of the subscription that was due so many days ago; its VAT is 20 %."""
        due = cls.today - timedelta(days=days_late)
        tax = cls.env["account.tax"].search(
            [
                ("company_id", "=", cls.company.id),
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 20),
                ("price_include_override", "!=", "tax_included"),
                ("tax_exigibility", "=", "on_invoice"),
            ],
            limit=1,
        )
        move = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.provider_a.partner_id.id,
                "aptic_subscription_id": cls.subscription.id,
                "invoice_date": due,
                "date": due,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Abonnement", "price_unit": cents / 100, "tax_ids": [Command.set(tax.ids)]})
                ],
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _agree(cls, provider=None, user=None, **values):
        options = {"name": "Ada Martin", "capacity": "Présidente", "shown": VERSION, **values}
        agreements = cls.env["aptic.setoff.agreement"].with_user(user or cls.manager_a)
        return agreements._sign(provider or cls.provider_a, user or cls.manager_a, **options)

    def _month(self, vouchers=3):
        self._spend(vouchers)
        settlement = self._first()
        return self._statement(settlement, self.provider_a)


@tagged("post_install", "-at_install")
class TestSetoff(SetoffCase):
    def test_by_agreement_it_is_set_off_and_the_rest_is_paid(self):
        agreement = self._agree()
        invoice = self._invoice()
        statement = self._month()
        offset = statement.set_off_ids
        self.assertRecordValues(
            offset,
            [
                {
                    "invoice_id": invoice.id,
                    "agreement_id": agreement.id,
                    "agreed_on": self.today,
                    "amount_cents": 840,
                    "claim_statement_id": False,
                }
            ],
        )
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0))
        self.assertEqual(
            (statement.due, statement.set_off, statement.payable, statement.to_pay), (28.8, -8.4, 20.4, 20.4)
        )
        proof = self._owed(active=47000, payable=2040, fund=30, fees_out=930)
        self.assertEqual(proof.transferable, 9.3, "it leaves with the fees")
        self.assertIn(invoice.name, self.provider_a.message_ids[0].body)
        self.assertRegex(self.provider_a.message_ids[0].body, "8[,.]40.*20[,.]40")
        self.assertRegex(statement.settlement_id.message_ids[0].body, "8[,.]40")
        batch = self._pay(statement.settlement_id)
        self.assertEqual(batch.payment_line_ids.amount_currency, 20.4)
        statement.settlement_id.with_user(self.accountant).action_file_sent()
        fees = Entry(-930, text="frais", iban=OPERATOR_IBAN)
        lines = self._bank(*self._paid_by_the_bank(batch.payment_ids), fees).line_ids
        self.assertEqual(lines.mapped("is_reconciled"), [True, True])
        self.assertEqual((statement.state, statement.settlement_id.state), ("paid", "done"))
        self._owed(active=47000, fund=30)

    def _nothing(self, invoice, told):
        statement = self._month()
        self.assertFalse(statement.set_off_ids, told)
        self.assertEqual(invoice.amount_residual, invoice.amount_total, told)
        self.assertEqual((statement.payable, statement.to_pay), (28.8, 28.8), told)
        self._owed(active=47000, payable=2880, fund=30, fees_out=90)

    def test_without_an_agreement_nothing_is_set_off(self):
        self._agree(self.provider_b, self.manager_b)
        self._nothing(self._invoice(), "another provider has agreed")

    def test_without_the_operator_s_setting_nothing_is_set_off(self):
        self._agree()
        self.company.aptic_setoff_subscriptions = False
        self._nothing(self._invoice(), "the setting is off")

    def test_a_withdrawn_agreement_sets_nothing_off(self):
        self._agree().with_user(self.manager_a)._withdraw()
        self._nothing(self._invoice(), "withdrawn")

    def test_withdrawn_between_the_computation_and_the_approval_nothing_is_set_off(self):
        agreement, invoice = self._agree(), self._invoice()
        self._spend(3)
        settlement = self._settled(3, approved=False)
        agreement.with_user(self.manager_a)._withdraw()
        settlement.with_user(self.second_accountant)._approve()
        self.assertFalse(settlement.statement_ids.set_off_ids)
        self.assertEqual(invoice.amount_residual, 8.4)

    def test_what_was_set_off_stays_when_the_agreement_is_withdrawn(self):
        agreement, invoice = self._agree(), self._invoice()
        statement = self._month()
        agreement.with_user(self.manager_a)._withdraw()
        self.assertEqual((invoice.payment_state, statement.to_pay), ("paid", 20.4))
        later = self._invoice(5)
        self._spend(1, at=self.before)
        self._second()
        self.assertEqual(later.amount_residual, 8.4)

    def test_a_disputed_invoice_a_draft_and_one_not_due_yet_are_never_set_off(self):
        self._agree()
        disputed, draft, coming = self._invoice(), self._invoice(post=False), self._invoice(0)
        disputed.payment_state = "blocked"
        cancelled = self._invoice()
        cancelled.button_draft()
        cancelled.button_cancel()
        credited = self._invoice()
        credited._reverse_moves(cancel=True)
        other = self._invoice(post=False)
        other.aptic_subscription_id = False
        other.action_post()
        statement = self._month()
        self.assertFalse(statement.set_off_ids)
        self.assertEqual((disputed.amount_residual, draft.state, coming.amount_residual), (8.4, "draft", 8.4))
        self.assertEqual(other.amount_residual, 8.4, "no invoice of the subscription")

    def test_an_invoice_paid_in_between_is_not_paid_twice(self):
        self._agree()
        whole, part = self._invoice(), self._invoice(19)
        self._spend(3)
        settlement = self._settled(3, approved=False)
        for invoice, amount in ((whole, 8.4), (part, 5)):
            payment = self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            )
            payment.create({"amount": amount, "payment_difference_handling": "open"})._create_payments()
        settlement.with_user(self.second_accountant)._approve()
        offset = settlement.statement_ids.set_off_ids
        self.assertEqual((offset.invoice_id, offset.amount_cents), (part, 340))
        self.assertEqual((whole.amount_residual, part.amount_residual), (0, 0))

    def test_never_more_than_is_paid_and_the_oldest_first(self):
        self._agree()
        younger, older = self._invoice(10, 7700), self._invoice(40)
        statement = self._month(1)
        self.assertEqual([(one.invoice_id, one.amount_cents) for one in statement.set_off_ids.sorted("id")], [
            (older, 840), (younger, 120),
        ])  # fmt: skip
        self.assertEqual((statement.state, statement.to_pay, statement.settlement_id.state), ("nil", 0, "done"))
        self.assertTrue(statement._payable_item().reconciled)
        self.assertEqual((younger.payment_state, younger.amount_residual), ("partial", 91.2))
        self._owed(active=49000, fund=10, fees_out=990)
        self._spend(2, at=self.before)
        second = self._statement(self._second(), self.provider_a)
        self.assertEqual((second.state, second.set_off_ids.amount_cents), ("nil", 1920))
        self.assertEqual(younger.amount_residual, 72)
        self.assertFalse(self._pay(second.settlement_id), "nothing is to be paid")
        self._owed(active=47000, fund=30, fees_out=2970)

    def test_what_is_carried_over_comes_first(self):
        """A claim for vouchers that were reversed is set against the statement before the operator's own invoice."""
        act = self._spend(1)
        self._spend(2)
        first = self._statement(self._first(), self.provider_a)
        self._reverse(act)
        self._agree()
        invoice = self._invoice()
        second = self._statement(self._second(), self.provider_a)
        self.assertEqual(second.carried_out_cents, 960)
        self.assertEqual(
            (first.to_pay, first.set_off_cents), (19.2, 0), "approved before: its provider was told 28,80 €"
        )
        self.assertEqual((second.set_off_cents, invoice.amount_residual), (0, 8.4), "it pays nothing")
        self._owed(active=48000, payable=1920, fund=20, fees_out=60)

    def test_the_bank_sends_it_back_and_the_set_off_stays(self):
        self._agree()
        invoice = self._invoice()
        statement = self._month()
        batch = self._pay(statement.settlement_id)
        statement.settlement_id.with_user(self.accountant).action_file_sent()
        self._bank(*self._paid_by_the_bank(batch.payment_ids))
        name = batch.payment_ids._aptic_end_to_end()
        self._bank(Entry(2040, end_to_end=name, return_code="AC04"))
        self.assertEqual((statement.state, statement.to_pay, invoice.amount_residual), ("returned", 20.4, 0))
        self._owed(active=47000, payable=2040, fund=30, fees_out=930)
        self._account(self.provider_a, "FR7630004000031234567890143")
        self._invoice(15)
        again = self._pay(statement.settlement_id)
        self.assertEqual(again.payment_line_ids.amount_currency, 20.4, "what is late since waits for the next approval")

    def test_a_scan_reversed_later_leaves_the_set_off(self):
        self._agree()
        invoice = self._invoice()
        act = self._spend(1)
        statement = self._month(2)
        self._paid_out(statement.settlement_id)
        self._reverse(act)
        self._spend(3, at=self.before)
        second = self._statement(self._second(), self.provider_a)
        self.assertEqual((second.correction_cents, second.due_cents, second.set_off_cents), (1000, 1920, 0))
        self.assertEqual((statement.set_off_cents, invoice.amount_residual), (840, 0))
        self._owed(active=45000, payable=1920, fund=50, fees_out=990)

    def test_a_suspended_provider_s_statement_too_which_ends_its_suspension(self):
        self._agree()
        invoice = self._invoice(60)
        self._spend(3)
        self.env["aptic.subscription"]._follow_unpaid(self.provider_a, invoice, self.today)
        self.assertEqual(self.provider_a.state, "suspended")
        statement = self._statement(self._first(), self.provider_a)
        self.assertEqual((statement.set_off_cents, invoice.amount_residual), (840, 0))
        late = self.env["aptic.subscription"]._overdue_by_provider(self.today)
        none = self.env["account.move"]
        self.env["aptic.subscription"]._follow_unpaid(self.provider_a, late.get(self.provider_a, none), self.today)
        self.assertEqual(self.provider_a.state, "active")

    def test_fees_that_sponsors_pay_leave_room_for_it(self):
        """What the fund is owed is netted with the money set off, so that one transfer takes out what is left."""
        first = (self.today - timedelta(days=60)).replace(day=1)  # rules are of whole months
        self.env["aptic.fee.rule"].search([]).write({"date_to": first - timedelta(days=1)})
        self.env.flush_all()
        self.env["aptic.fee.rule"].create({"name": "Sponsor", "date_from": first, "payer": "sponsor"})
        self._agree()
        self._invoice()
        statement = self._month()
        self.assertEqual((statement.due_cents, statement.set_off_cents), (3000, 840))
        proof = self._owed(active=47000, payable=2160, fund=30, fees_out=810)
        self.assertEqual(proof.transferable, 8.1)
        self.assertTrue(self._bank(Entry(-810, iban=OPERATOR_IBAN)).line_ids.is_reconciled)

    # -------------------------------------------------------------------- papers
    def test_the_papers_say_which_invoice_by_which_agreement(self):
        self._agree()
        invoice = self._invoice()
        statement = self._month()
        text = extract_text(io.BytesIO(statement._pdf()))
        theirs = statement.with_context(lang=self.provider_a.partner_id.lang or self.env.lang)
        rows = list(theirs._spreadsheet_rows())
        [(label, cents)] = theirs._set_off_lines()
        self.assertIn(invoice.name, label)
        self.assertEqual(cents, 840)
        self.assertIn(label, text)
        self.assertRegex(text, r"-\D?8[,.]40")
        self.assertRegex(text, "20[,.]40")
        self.assertRegex(text, "vingt euros et quarante centimes|Twenty")
        self.assertEqual([row[6] for row in rows if row[0] == label], [-8.4])
        self.assertEqual(rows[-1][6], 20.4)
        self.assertEqual(round(sum(row[6] for row in rows[1:-1]), 2), 20.4, "the table adds up to what is paid")


@tagged("post_install", "-at_install")
class TestAgreement(SetoffCase):
    def test_it_is_a_fact_that_nobody_rewrites(self):
        agreement = self._agree()
        self.assertEqual((agreement.name, agreement.capacity, agreement.version), ("Ada Martin", "Présidente", VERSION))
        self.assertEqual(agreement.user_id, self.manager_a)
        self.assertEqual(agreement.body.split("\n"), self.env["aptic.setoff.agreement"]._clauses())
        for values in ({"name": "Eve"}, {"withdrawn_at": "2026-01-01"}):
            with self.assertRaises(UserError):
                agreement.with_user(self.accountant).sudo().write(values)
        with self.assertRaises(UserError):
            agreement.unlink()
        for statement in ("UPDATE aptic_setoff_agreement SET name = 'Eve'", "DELETE FROM aptic_setoff_agreement"):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
                self.cr.execute(statement)

    def test_asked_for_twice_it_is_one(self):
        agreement = self._agree()
        self.assertEqual(self._agree(), agreement)
        agreement.with_user(self.manager_a)._withdraw()
        at, by = agreement.withdrawn_at, agreement.withdrawn_by_id
        agreement.with_user(self.accountant).sudo(False)._withdraw()
        self.assertEqual((agreement.withdrawn_at, agreement.withdrawn_by_id, by), (at, by, self.manager_a))
        self.assertNotEqual(self._agree(), agreement, "who has withdrawn may agree again")

    def test_both_are_told(self):
        agreement = self._agree()
        self.assertIn("Ada Martin", self.provider_a.message_ids[0].body)
        self.assertEqual(self.provider_a.message_ids[0].partner_ids, (self.manager_a | self.accountant_a).partner_id)
        agreement.with_user(self.manager_a)._withdraw()
        self.assertIn(self.manager_a.name, self.provider_a.message_ids[0].body)

    def test_who_may_not_sign_for_the_provider_does_not(self):
        member = self.env["aptic.member"]._find(self.provider_a, ("manager",), self.manager_a).sudo()
        member.acts_as = "agent"
        with self.assertRaisesRegex(UserError, "mandate"):
            self._agree()
        member.acts_as = "representative"
        self.assertTrue(self._agree())

    def test_without_the_setting_another_text_or_a_name_nothing_is_signed(self):
        with self.assertRaisesRegex(UserError, "name and the capacity"):
            self._agree(name=" ")
        with self.assertRaisesRegex(UserError, "text has changed"):
            self._agree(shown="2025-01")
        self.company.aptic_setoff_subscriptions = False
        with self.assertRaisesRegex(UserError, "nothing to sign"):
            self._agree()

    def test_staff_reads_and_accountants_withdraw(self):
        agreement = self._agree()
        self.assertEqual(agreement.with_user(self.staff).name, "Ada Martin")
        for user in (self.manager_a, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                agreement.with_user(user).sudo(False).read(["name"])
        with self.assertRaises(AccessError):
            agreement.with_user(self.staff).sudo(False).action_withdraw()
        agreement.with_user(self.accountant).sudo(False).action_withdraw()
        self.assertEqual(agreement.withdrawn_by_id, self.accountant)

    def test_the_setting_leaves_a_trace(self):
        contact = self.company.partner_id
        count = len(contact.message_ids)
        self.company.with_user(self.env.ref("base.user_admin")).aptic_setoff_subscriptions = False
        self.company.aptic_setoff_subscriptions = False
        self.assertEqual(len(contact.message_ids), count + 1)
        self.assertEqual(contact.message_ids[0].author_id, self.env.ref("base.user_admin").partner_id)

    def test_the_paper_of_the_agreement(self):
        agreement = self._agree()
        text = extract_text(io.BytesIO(agreement._pdf()))
        for word in ("Ada Martin", "Présidente", VERSION, self.provider_a.siret):
            self.assertIn(word, text)
        self.assertEqual(agreement._pdf(), agreement._pdf())
