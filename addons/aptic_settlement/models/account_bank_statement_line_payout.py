from odoo import models

from ..bank_answers import Reason, is_double
from .account_bank_statement_line import _cents, _phrase, _words

ORDERS = 200  # of the latest, among which a line of the bank may name one
NOT_NAMED = frozenset({"", "NOTPROVIDED"})


class AccountBankStatementLine(models.Model):
    """Counter-payments on the bank's statements: what it paid, alone or as a batch, and what it sent back."""

    _inherit = "account.bank.statement.line"

    def _aptic_match(self):
        """Match what the bank paid of our payment orders and what it sent back, before everything else."""
        matched = self.browse()
        for company, lines in self.grouped("company_id").items():
            lines = lines.filtered(
                lambda line, company=company: (
                    line.aptic_from_bank and not line.is_reconciled and line.journal_id == company.aptic_bank_journal_id
                )
            ).sorted("id")
            if not lines:
                continue
            payments = lines._aptic_named_payments(company)
            matched += lines.filtered(lambda line: line.amount < 0)._aptic_match_paid(company, payments)
            matched += lines.filtered(lambda line: line.amount > 0)._aptic_match_back(payments)
        return matched + super(AccountBankStatementLine, self - matched)._aptic_match()

    def _aptic_names(self):
        """The end-to-end references that the bank gives for this line, several when it booked a batch silently."""
        self.ensure_one()
        return [name for name in (self.aptic_end_to_end or "").split("\n") if name not in NOT_NAMED]

    def _aptic_named_payments(self, company):
        """``{end-to-end reference: payment}`` of everything that these lines name."""
        names = {name for line in self for name in line._aptic_names()}
        payments = self.env["account.payment"].sudo()
        if names:
            ids = [int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10]
            payments = payments.search(
                [
                    ("company_id", "=", company.id),
                    "|",
                    ("aptic_end_to_end", "in", list(names)),
                    "&",
                    ("aptic_end_to_end", "=", False),
                    ("id", "in", ids),
                ]
            )
        return {payment._aptic_end_to_end(): payment for payment in payments}

    # ------------------------------------------------------------------- paid
    def _aptic_match_paid(self, company, named):
        """Debits: payments by their references; an order's payments booked as one line by its name and total."""
        matched = self.browse()
        if not self:
            return matched
        orders = self.env["account.payment.order"].sudo()
        orders = orders.search_fetch(
            [("company_id", "=", company.id), ("state", "in", ("generated", "uploaded")), ("payment_ids", "!=", False)],
            ["name"], limit=ORDERS, order="id desc",
        )  # fmt: skip
        for line in self:
            names = line._aptic_names()
            payments = self.env["account.payment"].sudo().union(*(named[name] for name in names if name in named))
            if len(payments) < len(names) or not names:
                told = _words(line.payment_ref, line.ref, line.narration)
                found = orders.filtered(lambda order, told=told: _phrase(order.name) in told)
                payments = found.payment_ids if len(found) == 1 else line._aptic_told_payment(company, told)
            items = line._aptic_paid_items(payments)
            if items:
                line._aptic_reconcile_whole(items)
                matched += line
        return matched

    def _aptic_told_payment(self, company, told):
        """The one payment in transit of exactly this amount whose reference stands in the words of the line."""
        payments = self.env["account.payment"].sudo()
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", company.aptic_transit_account_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("payment_id", "!=", False),
                ("balance", "=", self.amount),
            ]
        )
        found = items.payment_id.filtered(lambda payment: _phrase(payment._aptic_end_to_end()) in told)
        return found if len(found) == 1 else payments

    def _aptic_paid_items(self, payments):
        """The items in transit that this debit pays, of these payments.

        What is open; or that less what came back of it before it was booked; or all of it, where the bank refused a
        part and books the whole nevertheless, before it sends that part back. An order that nobody said was sent is
        with the bank when the bank has booked it.
        """
        self.ensure_one()
        waiting = payments.payment_order_id.filtered(lambda order: order.state == "generated")
        if waiting:
            if _cents(sum(payments.mapped("amount"))) != -_cents(self.amount):
                return None
            waiting.generated2uploaded()
        posted = payments.filtered(lambda payment: payment.move_id.state == "posted")
        transit = posted._aptic_transit_items()
        still = transit.filtered(lambda item: not item.reconciled)
        back = posted._aptic_back_items()
        open_back = back.filtered(lambda item: not item.reconciled)
        if self._aptic_makes(still):
            return still
        if open_back and self._aptic_makes(still | open_back):
            return still | open_back
        refused = transit.filtered(lambda item: item.reconciled and item.matched_debit_ids.debit_move_id <= back)
        if refused and -_cents(self.amount) == -_cents(sum((still | refused).mapped("balance"))):
            refused.remove_move_reconcile()
            return still | refused
        return None

    # ------------------------------------------------------------------- back
    def _aptic_match_back(self, named):
        """Credits: a counter-payment that the bank sends back; what it says is recorded, once."""
        matched = self.browse()
        for line in self:
            names = line._aptic_names()
            payments = self.env["account.payment"].sudo().union(*(named[name] for name in names if name in named))
            if (
                not payments
                or len(payments) != len(names)
                or not all(payments.mapped("aptic_end_to_end"))
                or _cents(sum(payments.mapped("amount"))) != _cents(line.amount)
            ):
                continue
            known = payments._aptic_came_back()
            codes = dict(
                zip(line.aptic_end_to_end.split("\n"), (line.aptic_return_code or "").split("\n"), strict=False)
            )
            # A second copy that the bank sends back leaves the first one paid: a person decides.
            if known != payments and (not line.aptic_return_code or any(map(is_double, codes.values()))):
                continue
            (payments - known)._aptic_come_back(
                {
                    payment: Reason(codes.get(payment.aptic_end_to_end, ""), line.aptic_return_text or "")
                    for payment in payments - known
                },
                source=line.statement_id.name,
                day=line.date,
            )
            items = payments._aptic_back_items()
            if line._aptic_makes(items):
                line._aptic_reconcile_whole(items)
                matched += line
        return matched

    # -------------------------------------------------------------- reconcile
    def _aptic_makes(self, items):
        """Whether what is open of these items makes exactly the amount of the line."""
        self.ensure_one()
        return bool(items) and _cents(sum(items.mapped("amount_residual"))) == _cents(self.amount)

    def _aptic_reconcile_whole(self, items):
        """Reconcile the line with items that make its amount, whatever their signs."""
        self.ensure_one()
        liquidity, _suspense, _others = self._seek_for_lines()
        number, data = self._get_reconcile_line(liquidity, "liquidity", reconcile_auxiliary_id=1, move=True)
        for item in items:
            number, values = self._get_reconcile_line(
                item, "other", is_counterpart=True, reconcile_auxiliary_id=number, move=True
            )
            data += values
        self.reconcile_data_info = self._recompute_suspense_line(data, number, self.manual_reference)
        self.reconcile_bank_line()
