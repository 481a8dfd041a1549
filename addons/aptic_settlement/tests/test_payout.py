import itertools
from datetime import date

from lxml import etree
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .common import SettlementCase

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
SCHEMA = "account_banking_sepa_credit_transfer/data/pain.001.001.09.xsd"


def luhn(digits):
    """The digits and their check digit, as a SIREN or a SIRET ends."""
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))]
    return digits + str(-sum(sum(divmod(value, 10)) for value in doubled) % 10)


def french_iban(number):
    """An account number with both its keys, of a branch that no bank has."""
    bban = f"3000600000{number:011d}"
    bban += f"{97 - int(bban + '00') % 97:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


@tagged("post_install", "-at_install")
class TestEntries(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sirets = (luhn(luhn(f"9{number:07d}") + "0001") for number in itertools.count(1))

    def _balances(self, statement):
        sums = {}
        for item in (statement.move_id + statement.fee_move_id).line_ids:
            sums[item.account_id] = sums.get(item.account_id, 0) + round(item.balance * 100)
        return sums

    def test_the_entries_of_a_statement_to_the_cent(self):
        self._redeem(vouchers=3)
        statement = self._settlement(approved=True).statement_ids
        company = self.company
        sums = self._balances(statement)
        self.assertEqual(sums[company.aptic_scans_due_account_id], 3000)
        self.assertEqual(sums[company.aptic_payable_account_id], -2880)
        self.assertEqual(sums[company.aptic_fund_account_id], -30)
        self.assertEqual(sums[company.aptic_fund_expense_account_id], 30)
        self.assertEqual(sums[company.aptic_fees_in_account_id], 90)
        self.assertEqual(sums[company.aptic_fees_out_account_id], -90)
        self.assertEqual(statement.move_id.journal_id, company.aptic_ledger_journal_id)
        self.assertEqual(statement.move_id.state, "posted")
        self.assertEqual(len(statement._payable_item()), 1)
        self.assertEqual(statement._payable_item().partner_id, self.provider_a.partner_id)
        due = self.env["account.move.line"].search([("account_id", "=", company.aptic_scans_due_account_id.id)])
        self.assertEqual(round(sum(due.mapped("balance")), 2), 0, "the scans were booked up to the cut-off before")

    def test_the_fee_invoice_is_paid_by_the_statement(self):
        self._redeem(vouchers=3)
        statement = self._settlement(approved=True).statement_ids
        invoice = statement.fee_move_id
        self.assertEqual((invoice.move_type, invoice.state), ("out_invoice", "posted"))
        self.assertEqual(invoice.amount_total, 1.2)
        self.assertEqual(invoice.amount_tax, 0.2)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(invoice.partner_id, self.provider_a.partner_id)
        self.assertNotEqual(invoice.journal_id, self.company.aptic_face_journal_id)
        self.assertTrue(all(item.reconciled for item in statement._receivable_items()))

    def test_invoices_agree_with_the_statement_for_any_cents(self):
        for cents in (13, 38, 75, 88, 113, 138, 163, 1234, 5001, 99_999):
            self._redeem(self._another_place(), face_cents=cents)
        for statement in self._settlement(approved=True).statement_ids:
            invoice = statement.fee_move_id
            self.assertEqual(round(invoice.amount_total * 100), statement.fee_cents)
            self.assertEqual(round(invoice.amount_tax * 100), statement.tax_cents, statement.gross_cents)

    def _another_place(self):
        provider = self._provider("Acteur", next(self.sirets))
        self._offer(provider, self.service, 1000)
        return self._place(provider, "Lieu", self.bordeaux, self.library)

    def test_a_fee_paid_by_the_sponsor_is_not_withheld(self):
        self.env.ref("aptic_settlement.fee_rule_default").date_to = date(2026, 1, 31)
        self.env.flush_all()
        self.env["aptic.fee.rule"].create({"name": "Sponsor", "date_from": date(2026, 2, 1), "payer": "sponsor"})
        self._redeem()
        statement = self._settlement(approved=True).statement_ids
        self.assertFalse(statement.fee_move_id)
        self.assertEqual(self._balances(statement)[self.company.aptic_payable_account_id], -1000)
        self.assertEqual(self._balances(statement)[self.company.aptic_fees_out_account_id], 10)

    def test_the_ledger_says_settled_once_by_order(self):
        self._redeem(vouchers=2)
        self._redeem(vouchers=3)
        self._redeem(vouchers=1, order=self.other_order)
        settlement = self._settlement()
        events = self.env["aptic.event"].search([("kind", "=", "settle")])
        settlement.with_user(self.second_accountant)._approve()
        events = self.env["aptic.event"].search([("kind", "=", "settle")]) - events
        self.assertEqual(
            {(event.order_id, event.quantity, event.amount_cents, event.reason) for event in events},
            {
                (self.order, 5, 5000, settlement.statement_ids.name),
                (self.other_order, 1, 1000, settlement.statement_ids.name),
            },
        )
        settlement.with_user(self.second_accountant)._approve()
        self.assertEqual(len(self.env["aptic.event"].search([("kind", "=", "settle")]) - events), 0)

    def test_a_ledger_that_disagrees_stops_the_approval(self):
        redemption = self._redeem()
        settlement = self._settlement()
        self.env["aptic.event"]._append(
            [
                {
                    "kind": "redeem",
                    "order_id": self.order.id,
                    "quantity": 1,
                    "amount_cents": 1,
                    "redemption_id": redemption.id,
                }
            ]
        )
        with self.assertRaisesRegex(UserError, "nothing was approved"):
            settlement.with_user(self.second_accountant)._approve()

    def test_missing_accounts_are_named(self):
        self._redeem()
        settlement = self._settlement()
        self.company.aptic_fund_account_id = False
        with self.assertRaisesRegex(UserError, "Territorial fund"):
            settlement.with_user(self.second_accountant)._approve()


class PayoutCase(SettlementCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write({"city": "Bordeaux", "country_id": cls.env.ref("base.fr").id})
        cls.journal = cls.company.aptic_bank_journal_id
        if not cls.journal.bank_account_id:
            cls.journal.bank_account_id = cls.env["res.partner.bank"].create(
                {"acc_number": "FR7630006000011234567890189", "partner_id": cls.company.partner_id.id}
            )
        cls._account(cls.provider_a, "FR7630001007941234567890185")
        cls._account(cls.provider_b, "FR7610107001011234567890129")

    @classmethod
    def _account(cls, provider, iban):
        provider.partner_id.write({"city": "Bègles", "country_id": cls.env.ref("base.fr").id})
        account = cls.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": provider.partner_id.id, "acc_holder_name": f"Titulaire & {provider.id}"}
        )
        provider._guarded_write({"bank_account_id": account.id})
        return account

    def _pay(self, settlement):
        return settlement.with_user(self.accountant)._pay().sudo()

    def _file(self, order):
        return etree.fromstring(order.sudo()._aptic_bytes())

    def _texts(self, tree, path):
        return [node.text for node in tree.iterfind(f".//p:{path.replace('/', '/p:')}", PAIN)]

    def _bank_line(self, cents, **vals):
        """A line of the bank on the segregated account, reconciled with ``items``."""
        return self.env["account.bank.statement.line"].create(
            {"journal_id": self.journal.id, "date": date.today(), "payment_ref": "BANK", "amount": cents / 100, **vals}
        )

    def _book(self, payments, sign=-1):
        """The bank books one line a payment; the accountant reconciles it."""
        for payment in payments:
            transit = payment._seek_for_lines()[0]
            line = self._bank_line(sign * round(payment.amount * 100))
            counterpart = line.move_id.line_ids.filtered(
                lambda item: item.account_id != self.journal.default_account_id
            )
            counterpart.with_context(skip_readonly_check=True).account_id = transit.account_id
            (counterpart | transit).reconcile()


@tagged("post_install", "-at_install")
class TestPayoutCost(PayoutCase):
    def test_a_provider_more_costs_few_queries(self):
        sirets = (luhn(luhn(f"8{number:07d}") + "0001") for number in itertools.count(1))
        places = [self.place_a, self.place_b]
        few = self._queries(places, 4)
        for number, siret in enumerate(itertools.islice(sirets, 8)):
            provider = self._provider(f"Acteur {number}", siret)
            self._offer(provider, self.service, 1000)
            places.append(self._place(provider, "Lieu", self.bordeaux, self.library))
            self._account(provider, french_iban(number))
        many = self._queries(places, 5)
        self.assertLessEqual((many - few) / 8, 12, "queries for each provider more")

    def _queries(self, places, month):
        """How many queries the order and the file of a month's settlement cost."""
        for place in places:
            self._redeem(place)
        settlement = self._settlement(date(2026, month, 1), approved=True)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        order = self._pay(settlement)
        self.env.flush_all()
        self.assertEqual(len(order.payment_line_ids), len(places))
        return self.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestPayout(PayoutCase):
    def test_one_order_and_one_valid_file(self):
        self._redeem(vouchers=3)
        self._redeem(self.place_b, vouchers=5)
        settlement = self._settlement(approved=True)
        order = self._pay(settlement)
        tree = self._file(order)
        with file_open(SCHEMA) as schema:
            etree.XMLSchema(etree.parse(schema)).assertValid(tree)
        names = settlement.statement_ids.sorted("id").mapped("name")
        self.assertEqual(self._texts(tree, "PmtId/EndToEndId"), names)
        self.assertEqual(self._texts(tree, "Amt/InstdAmt"), ["28.80", "48.00"])
        self.assertEqual(self._texts(tree, "GrpHdr/CtrlSum"), ["76.80"])
        self.assertEqual(self._texts(tree, "Cdtr/PstlAdr/TwnNm"), ["Begles", "Begles"])
        self.assertEqual(self._texts(tree, "Cdtr/PstlAdr/Ctry"), ["FR", "FR"])
        self.assertEqual(self._texts(tree, "Cdtr/Nm")[0], f"Titulaire + {self.provider_a.id}")
        self.assertFalse(tree.findall(".//p:AdrLine", PAIN))
        self.assertEqual(settlement.statement_ids.mapped("state"), ["approved"] * 2)
        self.assertFalse(self._pay(settlement), "what is in an order is not ordered again")

    def test_sent_then_paid_when_the_bank_has_booked_it(self):
        self._redeem(vouchers=3)
        self._redeem(self.place_b)
        settlement = self._settlement(approved=True)
        order = self._pay(settlement)
        settlement.with_user(self.accountant).action_file_sent()
        self.assertEqual(order.state, "uploaded")
        self.assertEqual(settlement.statement_ids.mapped("state"), ["sent"] * 2)
        self.assertEqual(settlement.state, "sent")
        for statement in settlement.statement_ids:
            self.assertEqual(statement._payable_item().amount_residual, 0)
            self.assertEqual(statement._payment().memo, statement.name)
        first, second = order.payment_ids.sorted("id")
        self._book(first)
        self.assertEqual(first._aptic_statements().state, "paid")
        self.assertEqual(second._aptic_statements().state, "sent")
        self.assertEqual(settlement.state, "sent")
        self._book(second)
        self.assertEqual(settlement.state, "done")
        self.assertEqual(self._in_transit(), 0)

    def _in_transit(self):
        transit = [("account_id", "=", self.company.aptic_transit_account_id.id)]
        return round(sum(self.env["account.move.line"].search(transit).mapped("balance")), 2)

    def test_undoing_the_bank_s_line_undoes_paid(self):
        self._redeem()
        settlement = self._settlement(approved=True)
        order = self._pay(settlement)
        order.generated2uploaded()
        self._book(order.payment_ids)
        self.assertEqual(settlement.statement_ids.state, "paid")
        order.payment_ids._seek_for_lines()[0].remove_move_reconcile()
        self.assertEqual(settlement.statement_ids.state, "sent")
        self.assertEqual(settlement.state, "sent")

    def test_a_suspended_provider_is_paid_unless_the_operator_lets_it_wait(self):
        self._redeem()
        self.provider_a._suspend("conduct", "Prix différents")
        self.provider_b._strike_off("request", "Cessation d'activité")
        self._redeem(self.place_b)
        settlement = self._settlement(approved=True)
        self.assertEqual(settlement.statement_ids.mapped("payout_blocker"), ["", ""])
        order = self._pay(settlement)
        self.assertEqual(order.payment_line_ids.partner_id, (self.provider_a | self.provider_b).partner_id)

    def test_payments_of_suspended_providers_wait_where_the_operator_says_so(self):
        self.env["res.config.settings"].create({"aptic_hold_suspended": True}).execute()
        self._redeem()
        self._redeem(self.place_b)
        self.provider_a._suspend("conduct", "Prix différents")
        self.provider_b._strike_off("request", "Cessation d'activité")
        settlement = self._settlement(approved=True)
        a, b = (self._statement(settlement, provider) for provider in (self.provider_a, self.provider_b))
        self.assertIn("suspended", a.payout_blocker)
        before = self.provider_a.message_ids
        order = self._pay(settlement)
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_b.partner_id, "no fraud: paid as usual")
        self.assertIn("stays owed to you", (self.provider_a.message_ids - before).body)
        self.assertIn(a.name, settlement.message_ids[0].body, "the team reads it too")
        self.assertEqual((a.state, b.state), ("approved", "approved"))
        self.provider_a._lift("conduct", "Prix corrigés")
        self.assertFalse(a.payout_blocker)
        self.assertEqual(self._pay(settlement).payment_line_ids.partner_id, self.provider_a.partner_id)

    def test_payments_of_who_was_struck_off_for_fraud_wait_with_the_same_setting(self):
        self._redeem()
        self.provider_a._strike_off("fraud", "Chèques rachetés")
        settlement = self._settlement(approved=True)
        self.env["ir.config_parameter"].set_param("aptic_settlement.hold_suspended", "True")
        settlement.statement_ids.invalidate_recordset(["payout_blocker"])
        self.assertIn("struck off", settlement.statement_ids.payout_blocker)
        self.assertNotIn("fraud", settlement.statement_ids.payout_blocker)
        self.assertFalse(self._pay(settlement))
        self.env["res.config.settings"].create({"aptic_hold_suspended": False}).execute()
        settlement.statement_ids.invalidate_recordset(["payout_blocker"])
        self.assertTrue(self._pay(settlement))

    def test_a_provider_without_bank_account_waits_and_is_told(self):
        self.provider_b._guarded_write({"bank_account_id": False})
        self._redeem()
        self._redeem(self.place_b)
        settlement = self._settlement(approved=True)
        before = self.provider_b.message_ids
        order = self._pay(settlement)
        waiting = self._statement(settlement, self.provider_b)
        self.assertEqual(order.payment_line_ids.partner_id, self.provider_a.partner_id)
        self.assertEqual(waiting.state, "approved")
        self.assertIn("RIB", waiting.payout_blocker)
        self.assertEqual(settlement.blocked_count, 1)
        told = self.provider_b.message_ids - before
        self.assertIn(waiting.name, told.body)
        self.assertEqual(told.partner_ids, self.manager_b.partner_id)
        self.assertIn(waiting.name, settlement.message_ids[0].body)
        self._pay(settlement)
        self.assertEqual(self.provider_b.message_ids - before, told, "the same is not told twice")
        order.generated2uploaded()
        self._account(self.provider_b, "FR7630004000031234567890143")
        later = self._settlement(date(2026, 4, 1), approved=True)
        self.assertEqual(self._pay(later).payment_line_ids.aptic_statement_id, waiting)

    def test_a_frozen_provider_waits(self):
        self.env["aptic.bank.change"]._request(self.provider_a, "FR7630004000031234567890143", "Acteur A")
        self._redeem()
        settlement = self._settlement(approved=True)
        self.assertFalse(self._pay(settlement))
        self.assertIn("decision", settlement.statement_ids.payout_blocker)
        self.assertEqual(settlement.statement_ids.state, "approved")

    def test_a_cancelled_file_is_made_again_under_another_reference(self):
        self._redeem()
        settlement = self._settlement(approved=True)
        self._pay(settlement).action_cancel()
        again = self._pay(settlement)
        name = settlement.statement_ids.name
        self.assertEqual(self._texts(self._file(again), "PmtId/EndToEndId"), [f"{name}-2"])
        self.assertLessEqual(len(f"{name}-2"), 35)
        again.generated2uploaded()
        with self.assertRaisesRegex(UserError, "payment return"):
            again.action_cancel()

    def test_only_accountants_pay(self):
        self._redeem()
        settlement = self._settlement(approved=True)
        for verb in ("action_make_payment_order", "action_file_sent"):
            with self.assertRaisesRegex(UserError, "accountant"):
                getattr(settlement.with_user(self.staff_manager), verb)()

    def test_the_mode_of_payment_is_made_once(self):
        mode = self.company._aptic_payment_mode()
        self.assertEqual(self.company._aptic_payment_mode(), mode)
        line = self.journal.outbound_payment_method_line_ids.filtered(lambda line: line.code == "sepa_credit_transfer")
        self.assertEqual(line.payment_account_id, self.company.aptic_transit_account_id)
        self.assertEqual(mode.payment_method_id.pain_version, "pain.001.001.09")


@tagged("post_install", "-at_install")
class TestReturn(PayoutCase):
    def _sent(self):
        self.redemption = self._redeem(vouchers=2)
        settlement = self._settlement(approved=True)
        self.order_of_payment = self._pay(settlement)
        self.order_of_payment.generated2uploaded()
        return settlement.statement_ids

    def _return(self, reference, amount=19.2):
        record = self.env["payment.return"].create(
            {
                "journal_id": self.journal.id,
                "line_ids": [
                    (0, 0, {"reference": reference, "amount": amount, "reason_additional_information": "AC04"})
                ],
            }
        )
        record.button_match()
        return record

    def test_a_return_restores_the_claim_and_suspends_the_account(self):
        statement = self._sent()
        payment = self.order_of_payment.payment_ids
        self._book(payment)
        events = self.env["aptic.event"].search_count([])
        before = self.provider_a.message_ids
        self._return(statement.name).action_confirm()
        self.assertEqual(statement.state, "returned")
        self.assertEqual(statement.settlement_id.state, "sent")
        self.assertEqual(statement._payable_item().amount_residual, -19.2)
        self.assertFalse(self.provider_a.bank_account_id)
        self.assertIn("AC04", (self.provider_a.message_ids - before).body)
        self.assertEqual(self.redemption.state, "settled")
        self.assertEqual(self.env["aptic.event"].search_count([]), events)
        transit = self.env["account.move.line"].search(
            [("account_id", "=", self.company.aptic_transit_account_id.id), ("reconciled", "=", False)]
        )
        self.assertEqual(sum(transit.mapped("balance")), 19.2, "the bank's own line of the return will clear it")

    def test_a_returned_statement_is_paid_again_after_new_bank_details(self):
        statement = self._sent()
        self._return(statement.name).action_confirm()
        self.assertFalse(self._pay(statement.settlement_id))
        self._account(self.provider_a, "FR7630004000031234567890143")
        again = self._pay(statement.settlement_id)
        self.assertEqual(again.payment_line_ids.aptic_end_to_end, f"{statement.name}-2")
        again.generated2uploaded()
        self.assertEqual(statement.state, "sent")
        self._book(again.payment_ids)
        self.assertEqual(statement.state, "paid")

    def test_another_amount_or_twice_is_refused(self):
        statement = self._sent()
        with self.assertRaisesRegex(UserError, "as a whole"):
            self._return(statement.name, 10).action_confirm()
        done = self._return(statement.name)
        done.action_confirm()
        with self.assertRaisesRegex(UserError, "unique|stays"):
            self._return(statement.name).action_confirm()
        with self.assertRaisesRegex(UserError, "stays"):
            done.action_cancel()
