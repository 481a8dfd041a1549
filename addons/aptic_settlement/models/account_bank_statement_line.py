import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .account_bank_statement import FROM_BANK, _refuse_changes, _refuse_marks


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    aptic_from_bank = fields.Boolean(
        string="Read from the bank's file", readonly=True, copy=False, help="Only the import of a bank's file sets it."
    )
    aptic_end_to_end = fields.Char(string="End-to-end reference", readonly=True, copy=False)

    _aptic_marks = frozenset({"aptic_from_bank", "aptic_end_to_end"})
    _aptic_locked = _aptic_marks | {
        "statement_id",
        "journal_id",
        "date",
        "amount",
        "amount_currency",
        "foreign_currency_id",
        "account_number",
        "partner_name",
        "payment_ref",
        "unique_import_id",
    }

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Refuse lines that claim to come from the bank."""
        _refuse_marks(self, vals_list)
        self._aptic_refuse_joining(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Refuse to change what the bank said."""
        _refuse_marks(self, [vals])
        _refuse_changes(self.filtered("aptic_from_bank"), vals)
        if not all(self.mapped("aptic_from_bank")):
            self._aptic_refuse_joining([vals])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_from_bank(self):
        if self.filtered("aptic_from_bank"):
            raise UserError(self.env._("A line read from the bank's file is evidence: it cannot be deleted."))

    def _aptic_refuse_joining(self, vals_list):
        """No line typed by hand slips into a statement of the bank."""
        if self.env.context.get("aptic_from_bank") is FROM_BANK:
            return
        ids = [vals["statement_id"] for vals in vals_list if vals.get("statement_id")]
        if self.env["account.bank.statement"].browse(ids).filtered("aptic_file_hash"):
            raise UserError(self.env._("A statement read from the bank's file takes no other lines."))

    # --------------------------------------------------------------- receipts
    def _is_aptic_receipt(self):
        """Money really received: credits of proven bank statements on the segregated journal, untouched since.

        A line or a statement typed by hand proves nothing.
        """
        lines = self.sudo().filtered(
            lambda line: (
                line.aptic_from_bank
                and line.amount > 0
                and line.journal_id == line.company_id.aptic_bank_journal_id
                and line.move_id.state == "posted"
            )
        )
        proven = lines.statement_id._aptic_proven()
        receipts = lines.filtered(
            lambda line: (
                line.statement_id in proven
                and not line.currency_id.compare_amounts(sum(line._seek_for_lines()[0].mapped("balance")), line.amount)
            )
        )
        return self.browse(receipts.ids)

    # ------------------------------------------------------------------ match
    def _auto_reconcile(self):
        """On the segregated account nothing is guessed: the likeness of labels is not proof enough."""
        segregated = self.filtered(lambda line: line.journal_id == line.company_id.aptic_bank_journal_id)
        return super(AccountBankStatementLine, self - segregated)._auto_reconcile()

    def _do_auto_reconcile_invoices_query(self):
        """Face value is paid on the segregated account only: money that arrives elsewhere pays no such document."""
        query = super()._do_auto_reconcile_invoices_query()
        companies = self.company_id
        if companies.aptic_face_journal_id:
            query.add_where(
                SQL(
                    "(%s = ANY(%s) OR %s <> ALL(%s))",
                    SQL.identifier(self._table, "journal_id"),
                    companies.aptic_bank_journal_id.ids,
                    SQL.identifier(self.env["account.move"]._table, "journal_id"),
                    companies.aptic_face_journal_id.ids,
                )
            )
        return query

    def _aptic_match(self):
        """Reconcile the lines that name exactly one open item of exactly their amount.

        Credits: the face value document of an order, by the name of the order or of the document. Debits: a payment in
        transit by its end-to-end reference, the payments of one order booked together by its name and total, the
        credit notes of an order alone or together by its name or theirs, the fees by a transfer to another account of
        the operator.

        :return: the lines reconciled
        """
        matched = self.browse()
        for company, lines in self.grouped("company_id").items():
            lines = lines.filtered(
                lambda line, company=company: (
                    line.aptic_from_bank and not line.is_reconciled and line.journal_id == company.aptic_bank_journal_id
                )
            ).sorted("id")
            credits = lines.filtered(lambda line: line.amount > 0)
            matched += credits._aptic_match_items(credits._aptic_open_face_documents(company))
            debits = lines - credits
            matched += debits._aptic_match_items(debits._aptic_open_payments(company))
            matched += (debits - matched)._aptic_match_items((debits - matched)._aptic_open_credit_notes(company))
            matched += (debits - matched)._aptic_match_fees(company)
        return matched

    def _aptic_match_items(self, candidates):
        """:param candidates: list of ``(names, journal items)``; an item is used once."""
        matched = self.browse()
        by_cents = defaultdict(list)
        for names, items in candidates:
            by_cents[_cents(sum(items.mapped("amount_residual")))].append((names, items))
        used = set()
        for line in self:
            told = _words(line.payment_ref, line.ref, line.narration, line.aptic_end_to_end)
            found = [
                items
                for names, items in by_cents[_cents(line.amount)]
                if not used.intersection(items.ids) and any(_phrase(name) in told for name in names if name)
            ]
            if len(found) == 1:
                line._aptic_reconcile_with(found[0])
                used.update(found[0].ids)
                matched += line
        return matched

    def _aptic_open_face_documents(self, company):
        """``([names], receivable item)`` of each open face value document whose amount is among the lines'."""
        if not self:
            return []
        orders = self.env["aptic.order"].search(
            [
                ("company_id", "=", company.id),
                ("face_move_id.state", "=", "posted"),
                ("face_move_id.payment_state", "in", ("not_paid", "partial")),
                ("face_move_id.amount_residual", "in", self.mapped("amount")),
            ]
        )
        result = []
        for order in orders:
            move = order.face_move_id
            items = move.line_ids.filtered(lambda item: item.account_id.account_type == "asset_receivable")
            result.append(([order.name, move.name, move.payment_reference], items))
        return result

    def _aptic_open_payments(self, company):
        """``([names], transit items)`` of each payment in transit and of each payment order as a whole."""
        if not self:
            return []
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", company.aptic_transit_account_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("payment_id", "!=", False),
            ]
        )
        result = [([item.payment_id._aptic_end_to_end()], item) for item in items]
        for order, together in items.grouped(lambda item: item.payment_id.payment_order_id).items():
            if order and len(together) > 1:
                result.append(([order.name], together))
        return result

    def _aptic_open_credit_notes(self, company):
        """``([names], receivable items)`` of open credit notes of orders: each alone, and both of an order together."""
        if not self:
            return []
        orders = self.env["aptic.order"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "expired"),
                "|", ("return_move_id", "!=", False), ("surplus_move_id", "!=", False),
            ]
        )  # fmt: skip
        result = []
        for order in orders:
            notes = [
                (move, items)
                for move in (order.return_move_id, order.surplus_move_id)
                if (
                    items := move.line_ids.filtered(
                        lambda item: item.account_id.account_type == "asset_receivable" and not item.reconciled
                    )
                )
            ]
            result += [([order.name, move.name], items) for move, items in notes]
            if len(notes) > 1:
                (first, items), (second, others) = notes
                result.append(([order.name, first.name, second.name], items | others))
        return result

    def _aptic_match_fees(self, company):
        """A debit to another bank account of the operator, of exactly the fees that may leave.

        What covers open claims on providers stays on the account: a transfer of the rest pays the oldest fees first.
        """
        own = self.env["account.journal"].search([("company_id", "=", company.id), ("type", "=", "bank")])
        own -= company.aptic_bank_journal_id
        numbers = set(own.bank_account_id.mapped("sanitized_acc_number"))
        matched = self.browse()
        for line in self:
            if line.account_number not in numbers:
                continue
            items = self.env["account.move.line"].search(
                [
                    ("account_id", "=", company.aptic_fees_out_account_id.id),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                ],
                order="date, id",
            )
            if not items:
                continue
            may_leave = -_cents(sum(items.mapped("amount_residual")))
            may_leave -= self.env["aptic.coverage"].sudo()._claims(line.date, company)
            if -_cents(line.amount) == may_leave:
                line._aptic_reconcile_with(*line._aptic_oldest(items))
                matched += line
        return matched

    def _aptic_oldest(self, items):
        """Of open items, oldest first, those that this debit pays: what lessens them counts whole, the last is cut.

        :return: ``(items, {the item that is paid in part: amount, signed as the line})``
        """
        self.ensure_one()
        taken = items.filtered(lambda item: item.amount_residual > 0)
        left = _cents(sum(taken.mapped("amount_residual"))) - _cents(self.amount)
        for item in items - taken:
            cents = -_cents(item.amount_residual)
            if left < cents:
                return (taken | item, {item: -left / 100}) if left else (taken, {})
            taken |= item
            left -= cents
        return taken, {}

    def _aptic_reconcile_with(self, items, parts=None):
        """Reconcile the line with open journal items, as a person does in the reconciliation screen.

        A line that is smaller than its one item pays a part of it. Several items are paid whole, whatever their signs.

        :param parts: ``{item: amount, signed as the line}`` of those among several that are paid in part
        """
        self.ensure_one()
        liquidity, _suspense, _others = self._seek_for_lines()
        number, data = self._get_reconcile_line(liquidity, "liquidity", reconcile_auxiliary_id=1, move=True)
        parts = {items: self.amount} if len(items) == 1 else parts or {}
        for item in items:
            number, values = self._get_reconcile_line(
                item,
                "other",
                is_counterpart=True,
                max_amount=parts.get(item, False),
                reconcile_auxiliary_id=number,
                move=True,
            )
            data += values
        self.reconcile_data_info = self._recompute_suspense_line(data, number, self.manual_reference)
        self.reconcile_bank_line()


def _cents(amount):
    return round(amount * 100)


def _phrase(text):
    """``text`` as upper-case words between single spaces: ``BON/2026-1`` and ``bon 2026 1`` are the same phrase."""
    words = re.findall(r"[^\W_]+", text.upper())
    return f" {' '.join(words)} "


def _words(*texts):
    return _phrase(" ".join(str(text) for text in texts if text))
