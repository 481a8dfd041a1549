from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents

from .. import coverage


class ApticCoverageLine(models.Model):
    """One line of a proof: the same thing seen by the ledger, by accounting and by the bank."""

    _name = "aptic.coverage.line"
    _description = "Line of a proof of coverage"
    _log_access = False
    _order = "coverage_id, sequence, id"
    _rec_name = "kind"

    coverage_id = fields.Many2one("aptic.coverage", required=True, readonly=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="coverage_id.currency_id")
    sequence = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("unactivated", "Received, not yet activated"),
            ("active", "Active vouchers"),
            ("scans_due", "Redeemed, to be settled"),
            ("payable", "Due to providers, in transit included"),
            ("fund", "Territorial fund"),
            ("to_return", "To be returned to sponsors"),
            ("fees_out", "Fees to transfer out"),
            ("recover", "To be recovered from providers"),
            ("overpaid", "Paid out twice, or on its way back"),
            ("unmatched", "Receipts not yet attributed"),
            ("total", "Total"),
            ("book", "Segregated account in our books"),
            ("outflow", "Left the account without explanation"),
            ("typed", "Bank lines typed by hand"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    ledger_cents = Cents(required=True, readonly=True)
    accounting_cents = Cents(required=True, readonly=True)
    bank_cents = Cents(required=True, readonly=True)
    difference_cents = Cents(required=True, readonly=True)
    ledger = fields.Monetary(compute="_compute_amounts")
    accounting = fields.Monetary(compute="_compute_amounts")
    bank = fields.Monetary(compute="_compute_amounts")
    difference = fields.Monetary(compute="_compute_amounts")

    @api.depends("ledger_cents", "accounting_cents", "bank_cents", "difference_cents")
    def _compute_amounts(self):
        for line in self:
            line.ledger = line.ledger_cents / 100
            line.accounting = line.accounting_cents / 100
            line.bank = line.bank_cents / 100
            line.difference = line.difference_cents / 100

    @api.model
    def _owed_kinds(self):
        return coverage.OWED

    @api.model
    def _others_kinds(self):
        return (*coverage.OTHERS, "unmatched")

    def action_open(self):
        """Open what the line is made of: journal items, the bank's statements or the lines typed by hand."""
        self.ensure_one()
        company, day = self.coverage_id.company_id, self.coverage_id.day
        journal = company.aptic_bank_journal_id
        accounts = {
            "unactivated": company.aptic_unactivated_account_id,
            "active": company.aptic_funds_account_id,
            "scans_due": company.aptic_scans_due_account_id,
            "payable": company.aptic_payable_account_id + company.aptic_transit_account_id,
            "fund": company.aptic_fund_account_id,
            "to_return": company.aptic_to_return_account_id,
            "fees_out": company.aptic_fees_out_account_id,
            "recover": company.aptic_recover_account_id,
            "book": journal.default_account_id,
        }
        action = {
            "type": "ir.actions.act_window",
            "name": dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            "view_mode": "list,form",
            "views": [[False, "list"], [False, "form"]],
        }
        accounts["overpaid"] = accounts["payable"]
        if self.kind in accounts:
            domain = [
                ("account_id", "in", accounts[self.kind].ids),
                ("date", "<=", day),
                ("parent_state", "=", "posted"),
            ]
            if self.kind == "overpaid":
                domain += [("balance", ">", 0), ("reconciled", "=", False)]
            return {**action, "res_model": "account.move.line", "domain": domain}
        if self.kind == "total":
            domain = [("journal_id", "=", journal.id), ("aptic_closing_day", "<=", day)]
            return {**action, "res_model": "account.bank.statement", "domain": domain, "views": [[False, "list"]]}
        domain = [("journal_id", "=", journal.id), ("date", "<=", day)]
        if self.kind == "typed":
            domain.append(("aptic_from_bank", "=", False))
        else:
            domain += [("is_reconciled", "=", False), ("amount", ">" if self.kind == "unmatched" else "<", 0)]
        return {**action, "res_model": "account.bank.statement.line", "domain": domain}
