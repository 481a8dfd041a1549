import base64
import itertools
from contextlib import contextmanager
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..demo.bank_answers import Told, camt054, pain002
from ..demo.camt import Entry, camt053
from .test_payout import PayoutCase

IBAN = "FR7630006000011234567890189"
NEW_IBAN = "FR7630004000031234567890143"


class AnswerCase(PayoutCase):
    """A payment order for two providers (28.80 and 48.00), and the bank's answers to it, as files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal.bank_account_id.acc_number = IBAN
        cls.numbers = itertools.count(1)
        cls.today = date.today()
        cls.env["account.move"].flush_model()
        cls._redeem(vouchers=3)
        cls._redeem(cls.place_b, vouchers=5)
        cls.settlement = cls._settlement(approved=True)
        cls.first, cls.second = cls.settlement.statement_ids.sorted("id")
        cls.payout = cls.settlement.with_user(cls.accountant)._pay().sudo()

    # ------------------------------------------------------------------- bank
    def _answer(self, data, user=None, name="reponse.xml"):
        wizard = self.env["payment.return.import"].with_user(user or self.accountant)
        values = {"data_file": base64.b64encode(data), "data_filename": name}
        return wizard.create(values).import_file()["params"]["message"]

    def _report(self, *told, **options):
        options = {"group": "PART" if told else "ACCP", **options}
        name = f"REP-{next(self.numbers)}"
        return pain002(name, self.payout.aptic_message, self.today, told, **options)

    def _refused(self, statement, code="AC01", **options):
        return self._report(Told(statement.name, code=code, cents=statement.due_cents), **options)

    def _closing(self):
        return round(self.env["account.bank.statement"]._aptic_last(self.journal).balance_end_real * 100)

    def _bank(self, *entries, **options):
        """The next statement of the segregated account, as its file; import it with ``_bring``."""
        number = f"RLV-{next(self.numbers):05d}"
        return camt053(IBAN, number, options.pop("day", self.today), self._closing(), entries, **options)

    def _bring(self, data, user=None):
        wizard = self.env["account.statement.import"].with_user(user or self.accountant)
        values = {"statement_file": base64.b64encode(data), "statement_filename": "releve.xml"}
        return self.env["account.bank.statement"].browse(wizard.create(values)._import_file()["statement_ids"])

    def _paid(self, *statements, references=None, **options):
        """What the bank books of these statements: one line, a batch of the order."""
        names = references or [statement.name for statement in statements]
        parts = tuple(
            Entry(-statement.due_cents, end_to_end=name) for statement, name in zip(statements, names, strict=True)
        )
        cents = -sum(statement.due_cents for statement in statements)
        return Entry(cents, text="VIREMENTS SEPA", batch=parts, order=self.payout.aptic_message, **options)

    def _one(self, statement, reference=None):
        return Entry(-statement.due_cents, text="VIR", end_to_end=reference or statement.name)

    def _back(self, statement, reference=None, code="AC04"):
        return Entry(statement.due_cents, text="RETOUR", end_to_end=reference or statement.name, return_code=code)

    # ------------------------------------------------------------------ agree
    def _cents(self, account):
        items = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted"), ("company_id", "=", self.company.id)]
        )
        return round(sum(items.mapped("balance")) * 100)

    def assertAgree(self, **states):
        """Claims, what is in transit and the bank's own closing balance make what was owed, to the cent."""
        self.env.invalidate_all()
        owed = 0
        for statement in (self.first, self.second):
            open_cents = -round(sum(statement._payable_item().mapped("amount_residual")) * 100)
            self.assertEqual(open_cents, 0 if statement.state in ("sent", "paid") else statement.due_cents)
            owed += open_cents
        company = self.company
        self.assertEqual(self._cents(company.aptic_payable_account_id), -owed)
        self.assertEqual(self._cents(self.journal.default_account_id), self._closing())
        transit = self._cents(company.aptic_transit_account_id)
        self.assertEqual(owed - transit - self._closing(), 7680)
        self.assertEqual((self.first.state, self.second.state), (states["first"], states["second"]))
        lines = self.env["account.bank.statement.line"].search([("journal_id", "=", self.journal.id)])
        self.assertTrue(all(lines.mapped("is_reconciled")))
        return transit


@tagged("post_install", "-at_install")
class TestAnswers(AnswerCase):
    def test_a_file_accepted_and_booked_as_one_line(self):
        for version in ("03", "10"):
            self.assertIn("nothing is refused", self._answer(self._report(version=version)))
            self.assertEqual(self.assertAgree(first="sent", second="sent"), -7680)
        self._bring(self._bank(self._paid(self.first, self.second)))
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)
        self.assertEqual(self.settlement.state, "done")

    def test_a_batch_without_details_and_one_without_amounts(self):
        for silent, version in ((False, "02"), (True, "02"), (False, "08"), (True, "08")):
            with self.subTest(silent=silent, version=version), self._undone():
                line = self._paid(self.first, self.second, silent=True)
                if not silent:
                    line = Entry(-7680, text="VIREMENTS SEPA", order=self.payout.aptic_message)
                self.assertEqual(len(self._bring(self._bank(line, version=version)).line_ids), 1)
                self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)

    @contextmanager
    def _undone(self):
        """A savepoint that is rolled back at the end."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_a_part_is_refused_and_the_rest_is_paid(self):
        events = self.env["aptic.event"].search_count([])
        before = self.provider_a.message_ids
        self.payout.generated2uploaded()
        self.assertIn("refuses 1 payments", self._answer(self._refused(self.first)))
        self.assertEqual(self.assertAgree(first="returned", second="sent"), -4800)
        self.assertFalse(self.provider_a.bank_account_id)
        self.assertTrue(self.provider_b.bank_account_id)
        told = self.provider_a.message_ids - before
        self.assertIn("AC01", told.body)
        self.assertIn(self.manager_a.partner_id, told.partner_ids)
        transit = self.payout.payment_ids._aptic_transit_items().filtered(lambda item: not item.reconciled)
        self.assertEqual(transit.payment_id.aptic_end_to_end, self.second.name, "what was refused waits for no line")
        self._bring(self._bank(Entry(-4800, text="VIREMENTS SEPA", order=self.payout.aptic_message)))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 0)
        self.assertEqual(self.settlement.state, "sent")
        self.assertEqual(self.env["aptic.event"].search_count([]), events, "no voucher hears of it")
        self.assertEqual(set(self.settlement.statement_ids.redemption_ids.mapped("state")), {"settled"})

    def test_the_bank_books_all_and_sends_the_refused_part_back(self):
        self._answer(self._refused(self.first, version="10"))
        self._bring(self._bank(self._paid(self.first, self.second, silent=True)))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 2880)
        self._bring(self._bank(Entry(2880, text="REJET", end_to_end=self.first.name)))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 0)

    def test_a_refusal_after_the_bank_booked_waits_for_its_credit(self):
        self._bring(self._bank(self._paid(self.first, self.second)))
        self._answer(self._refused(self.second))
        self.assertEqual(self.assertAgree(first="paid", second="returned"), 4800)
        self._bring(self._bank(self._back(self.second)))
        self.assertEqual(self.assertAgree(first="paid", second="returned"), 0)

    def test_a_return_after_some_days_is_paid_again_to_new_bank_details(self):
        self.payout.generated2uploaded()
        self._bring(self._bank(self._one(self.first), self._one(self.second)))
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)
        events = self.env["aptic.event"].search_count([])
        self._bring(self._bank(self._back(self.first), version="08", day=self.today + timedelta(days=3)))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 0)
        self.assertEqual(self.env["aptic.event"].search_count([]), events)
        self.assertFalse(self._pay(self.settlement), "nothing is paid to an account that is suspended")
        self._account(self.provider_a, NEW_IBAN)
        again = self._pay(self.settlement)
        self.assertEqual(again.payment_line_ids.aptic_end_to_end, f"{self.first.name}-2")
        again.generated2uploaded()
        self.assertEqual(self.assertAgree(first="sent", second="paid"), -2880)
        later = self.today + timedelta(days=9)
        self._bring(self._bank(self._one(self.first, f"{self.first.name}-2"), day=later))
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)
        self.assertEqual(self.settlement.state, "done")

    def test_answers_out_of_order(self):
        self._answer(camt054(IBAN, "AVIS-1", self.today, [self._back(self.first)], version="08"))
        self.assertEqual(self.payout.state, "uploaded", "who answers has the file")
        self.assertEqual(self.assertAgree(first="returned", second="sent"), -4800)
        self._answer(self._report())
        self._bring(self._bank(self._one(self.second), self._one(self.first), self._back(self.first)))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 0)
        self._answer(self._refused(self.first))
        self.assertEqual(self.assertAgree(first="returned", second="paid"), 0)
        self.assertEqual(len(self.payout.payment_ids._aptic_return_lines()), 1)

    def test_the_bank_booked_what_nobody_said_was_sent(self):
        self.assertEqual(self.payout.state, "generated")
        self._bring(self._bank(self._paid(self.first, self.second, silent=True)))
        self.assertEqual(self.payout.state, "uploaded")
        self.assertEqual(self.assertAgree(first="paid", second="paid"), 0)

    def test_a_file_refused_as_a_whole_suspends_nobody(self):
        before = self.provider_a.message_ids
        self._answer(self._report(group="RJCT", group_code="DS02"))
        self.assertEqual(self.assertAgree(first="returned", second="returned"), 0)
        self.assertTrue(self.provider_a.bank_account_id and self.provider_b.bank_account_id)
        self.assertIn("nothing for you to do", (self.provider_a.message_ids - before).body)
        again = self._pay(self.settlement)
        self.assertEqual(
            again.payment_line_ids.mapped("aptic_end_to_end"), [f"{self.first.name}-2", f"{self.second.name}-2"]
        )

    def test_a_block_refused_with_one_reason_of_its_own(self):
        block = next(iter(self.payout._aptic_sent()))
        told = Told(self.second.name, code="AC06", text="Compte bloqué")
        self._answer(self._report(told, group="", block=block, block_status="RJCT"))
        self.assertAgree(first="returned", second="returned")
        self.assertTrue(self.provider_a.bank_account_id)
        self.assertFalse(self.provider_b.bank_account_id)

    def test_in_every_order_and_twice(self):
        """The first payment is refused, the second one paid and sent back; nothing depends on what arrives first."""
        refusal = self._refused(self.first)
        notice = camt054(IBAN, "AVIS-1", self.today, [self._back(self.second)])
        ends = set()
        for order in itertools.permutations("RNDC"):
            if order.index("D") > order.index("C"):
                continue  # statements join: the bank's credit cannot come before its debit
            for silent in (False, True):
                with self.subTest(order=order, silent=silent), self._undone():
                    for letter in order:
                        if letter in "RN":
                            data = refusal if letter == "R" else notice
                            self._answer(data)
                            self.assertIn("recorded already", self._answer(data))
                            continue
                        entry = Entry(-4800, text="VIREMENTS SEPA", order=self.payout.aptic_message)
                        entry = self._paid(self.second, silent=True) if silent else entry
                        data = self._bank(self._back(self.second) if letter == "C" else entry)
                        self._bring(data)
                        with self.assertRaisesRegex(UserError, "imported already"):
                            self._bring(data)
                    self.assertEqual(self.assertAgree(first="returned", second="returned"), 0)
                    ends.add(self._counted()[0])
        self.assertEqual(ends, {2})

    # ------------------------------------------------------------------ twice
    def test_the_same_file_twice_changes_nothing(self):
        report = self._refused(self.first)
        self._answer(report)
        notice = camt054(IBAN, "AVIS-2", self.today, [self._back(self.second)])
        self._answer(notice)
        counted = self._counted()
        for data in (report, notice):
            self.assertIn("recorded already", self._answer(data))
        self._answer(self._refused(self.first))
        self._answer(camt054(IBAN, "AVIS-3", self.today, [self._back(self.second)], version="08"))
        self.assertEqual(self._counted()[:-1], counted[:-1], "the same said by another file counts once too")
        self.assertAgree(first="returned", second="returned")
        statement = self._bank(self._one(self.second), self._back(self.second))
        self._bring(statement)
        counted = self._counted()
        with self.assertRaisesRegex(UserError, "imported already"):
            self._bring(statement)
        self.assertEqual(self._counted(), counted)

    def _counted(self):
        names = ("payment.return.line", "account.move.line", "account.partial.reconcile", "account.bank.statement.line")
        told = self.provider_a.message_ids | self.provider_b.message_ids
        return [*(self.env[name].search_count([]) for name in names), len(told), len(self.payout.message_ids)]

    # ---------------------------------------------------------------- foreign
    def test_what_is_not_ours_is_refused_in_words(self):
        own = self.payout.aptic_message
        refusals = {
            "no payment order of ours": pain002("R", "AUTRE-1", self.today, [Told(self.first.name)]),
            "not in the file": pain002("R", own, self.today, [Told("AUTRE")]),
            "“AUTRE”": pain002("R", own, self.today, [Told(self.first.name)], block="AUTRE"),
            f"“{self.first.name}”": pain002("R", own, self.today, [Told(self.first.name, cents=1)]),
            "of the account": camt054(NEW_IBAN, "A", self.today, [self._back(self.first)]),
            "as a whole": camt054(IBAN, "A", self.today, [Entry(1, end_to_end=self.first.name, return_code="AC04")]),
            "says nothing of payments": camt054(IBAN, "A", self.today, [Entry(1, end_to_end="X", return_code="AC04")]),
            "damaged": self._report()[:-20],
            "is empty": b" ",
            "versions 03 and 10": self._report().replace(b"pain.002.001.03", b"pain.002.001.02"),
            "not a message as banks write": self._refused(self.first).replace(b"28.80", b"28,80"),
        }
        with mute_logger("odoo.addons.account_payment_return_import_iso20022.wizard.payment_return_import"):
            for words, data in refusals.items():
                with self.subTest(words), self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                    self._answer(data)
        self.assertEqual(self.payout.state, "generated")
        self.assertFalse(self.payout.payment_ids._aptic_return_lines())

    def test_an_answer_to_a_cancelled_file_is_an_alarm(self):
        self.payout.action_cancel()
        with self.assertRaisesRegex(UserError, "Call the bank"):
            self._answer(self._report())

    def test_money_that_is_no_return_is_left_to_a_person(self):
        self.payout.generated2uploaded()
        self._bring(self._bank(self._one(self.first), self._one(self.second)))
        lines = self._bring(
            self._bank(
                Entry(2880, text="Don", end_to_end=self.first.name),
                Entry(2800, text="RETOUR", end_to_end=self.first.name, return_code="AC04"),
            )
        ).line_ids
        self.assertEqual(lines.mapped("is_reconciled"), [False, False])
        self.assertEqual(self.first.state, "paid")

    def test_the_first_reference_does_not_pay_the_second_try(self):
        self._answer(camt054(IBAN, "AVIS-1", self.today, [self._back(self.first)]))
        self._account(self.provider_a, NEW_IBAN)
        again = self._pay(self.settlement)
        again.generated2uploaded()
        self._bring(self._bank(self._one(self.first)))
        self.assertEqual(self.first.state, "sent")
        self.assertFalse(again.payment_ids._aptic_in_bank())

    def test_who_accepts_a_suspended_account_again_is_told(self):
        iban = self.provider_a.bank_account_id.acc_number
        self._answer(self._refused(self.first, "AC06"))
        other = self.env["aptic.bank.change"]._request(self.provider_b, NEW_IBAN, "Acteur B")
        again = self.env["aptic.bank.change"]._request(self.provider_a, iban, "Acteur A")
        changes = (again + other).with_user(self.second_accountant)
        self.assertEqual(changes[0].suspended_line_ids.reference, self.first.name)
        self.assertFalse(changes[1].suspended_line_ids)
        changes[0]._approve()
        self.assertEqual(self._pay(self.settlement).payment_line_ids.aptic_statement_id, self.first)

    def test_what_came_back_stays_so(self):
        self._answer(self._refused(self.first))
        line = self.payout.payment_ids._aptic_return_lines().with_user(self.accountant)
        record = line.return_id
        for act in (
            record.action_draft,
            record.action_cancel,
            record.unlink,
            lambda: record.write({"state": "draft"}),
            lambda: record.write({"line_ids": [(5,)]}),
            lambda: line.write({"move_line_ids": [(5,)]}),
            line.unlink,
            lambda: line.create({"return_id": record.id, "reference": self.second.name}),
        ):
            with self.assertRaisesRegex(UserError, "stays|Done"), self.env.cr.savepoint():
                act()
        self.assertAgree(first="returned", second="sent")

    def test_only_accountants_bring_answers(self):
        for user in (self.staff_manager, self.manager_a):
            with self.assertRaises(AccessError):
                self._answer(self._report(), user)


@tagged("post_install", "-at_install")
class TestFiles(AnswerCase):
    """Files that are no statements, and statements with what is not booked."""

    def test_a_damaged_statement_is_refused_in_words(self):
        whole = self._bank(self._one(self.first))
        refusals = {
            "is empty": [b" "],
            "damaged": [whole[: -1 * size] for size in (2, 20, 200, len(whole) // 2)],
            "import the bank's answer": [self._report(), camt054(IBAN, "A", self.today, [self._back(self.first)])],
            "neither a movement nor": [whole[: whole.index(b"<Bal>")] + b"</Stmt></BkToCstmrStmt></Document>"],
            "camt.053": [b"<a/>", b"\x00\x01", b'<?xml version="1.0"?><!DOCTYPE a><a/>', b"PK\x03\x04"],
        }
        for words, files in refusals.items():
            for data in files:
                with self.subTest(words, data=data[-40:]), self.assertRaisesRegex(UserError, f"(?i){words}|damaged"):
                    self._bring(data)
        self.assertFalse(self._closing())

    def test_no_file_at_all_is_no_traceback(self):
        wizard = self.env["account.statement.import"].new({"statement_filename": "x"})
        for value in (False, "", "é", b"%%"):
            wizard.statement_file = value
            with self.subTest(value), self.assertRaisesRegex(UserError, "is empty"):
                type(wizard)._import_file(wizard)

    def test_what_is_only_announced_is_not_booked(self):
        for version in ("02", "08"):
            entries = (self._one(self.first), Entry(-999, text="ANNONCE", status="PDNG"))
            lines = self._bring(self._bank(*entries, version=version)).line_ids
            self.assertEqual(len(lines), 1)
