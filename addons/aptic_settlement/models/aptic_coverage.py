from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import coverage

RECENT_DAYS = 7


class ApticCoverage(models.Model):
    """One closed day's proof: what the bank states, what accounting holds and what the ledger says, side by side."""

    _name = "aptic.coverage"
    _description = "Proof of coverage"
    _inherit = ["aptic.guarded.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "day desc, id desc"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        [
            ("ok", "Covered to the cent"),
            ("gap", "Gap"),
            ("short", "Money is missing"),
            ("stale", "Bank's word is old"),
        ],
        string="Result",
        required=True,
        readonly=True,
        tracking=True,
    )
    bank_day = fields.Date(string="Bank's closing balance of", readonly=True)
    statement_id = fields.Many2one("account.bank.statement", readonly=True, ondelete="restrict", index=True)
    checked_at = fields.Datetime(string="Checked", readonly=True)
    bank_cents = Cents(readonly=True)
    owed_cents = Cents(readonly=True)
    gap_cents = Cents(readonly=True)
    fees_cents = Cents(readonly=True, help="The operator's own money on the account, in cents.")
    claims_cents = Cents(readonly=True, help="What providers have to give back, in cents.")
    lacking_cents = Cents(readonly=True, help="What the account lacks of what it owes to others, in cents.")
    bank = fields.Monetary(compute="_compute_amounts", help="Closing balance of the segregated account, by the bank.")
    owed = fields.Monetary(
        compute="_compute_amounts",
        help="All that the account owes to others, and what is left of the operator's fees; no claim lessens it.",
    )
    gap = fields.Monetary(compute="_compute_amounts", help="Sum of all differences; zero, or something is wrong.")
    fees = fields.Monetary(string="Operator's fees on the account", compute="_compute_amounts")
    claims = fields.Monetary(string="To be given back by providers or the bank", compute="_compute_amounts")
    lacking = fields.Monetary(string="Missing", compute="_compute_amounts")
    transferable = fields.Monetary(
        string="Fees that may be transferred",
        compute="_compute_amounts",
        help="What the operator may take out: its fees, less what covers claims on providers.",
    )
    line_ids = fields.One2many("aptic.coverage.line", "coverage_id", readonly=True)

    _guarded_fields = frozenset(
        {"company_id", "day", "state", "bank_day", "statement_id", "checked_at", "bank_cents", "owed_cents"}
        | {"gap_cents", "fees_cents", "claims_cents", "lacking_cents", "line_ids"}
    )

    _day_unique = models.Constraint("UNIQUE(company_id, day)", "This day has its proof already.")

    @api.depends("bank_cents", "owed_cents", "gap_cents", "fees_cents", "claims_cents", "lacking_cents")
    def _compute_amounts(self):
        for proof in self:
            proof.bank = proof.bank_cents / 100
            proof.owed = proof.owed_cents / 100
            proof.gap = proof.gap_cents / 100
            proof.fees = proof.fees_cents / 100
            proof.claims = proof.claims_cents / 100
            proof.lacking = proof.lacking_cents / 100
            proof.transferable = max(0, proof.fees_cents - proof.claims_cents) / 100

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A proof of coverage is kept."))

    # ------------------------------------------------------------------ prove
    @api.model
    def _prove(self, day, company=None):
        """Compare bank, accounting and ledger at the end of ``day`` and keep the result.

        A closed day that was covered to the cent keeps its proof; an open day, a gap, missing money or an old word of
        the bank is looked at again.

        :param day: today at the latest
        :return: the proof
        """
        company = company or self.env.company
        today = paris_day(fields.Datetime.now())
        if day > today:
            raise UserError(self.env._("%(day)s is not over yet.", day=format_date(self.env, day)))
        self.env["aptic.posting"]._post_until(day, company)
        proofs = self.sudo().with_company(company)
        proof = proofs.search([("company_id", "=", company.id), ("day", "=", day)])
        if proof.state == "ok" and day < today and paris_day(proof.checked_at) > day:
            return proof.sudo(False)
        vals = proofs._prepare_proof_vals(day, company)
        if proof:
            before = (proof.gap_cents, proof.lacking_cents)
            proof.line_ids.sudo().unlink()
            proof._guarded_write(vals)
            proof._note_change(*before)
        else:
            proof = proofs._guarded_create([vals])
        proof._alarm()
        return proof.sudo(False)

    def _prepare_proof_vals(self, day, company):
        statement = self.env["account.bank.statement"]._aptic_last(company.aptic_bank_journal_id, day)
        figures = self._figures(day, company, statement)
        rows = coverage.rows(figures)
        return {
            "company_id": company.id,
            "day": day,
            "state": coverage.status(figures, company.aptic_bank_stale_days),
            "statement_id": statement.id,
            "bank_day": statement.aptic_closing_day,
            "checked_at": fields.Datetime.now(),
            "bank_cents": figures.bank,
            "owed_cents": coverage.owed(figures),
            "gap_cents": sum(abs(row.difference) for row in rows),
            "fees_cents": figures.accounting["fees_out"],
            "claims_cents": coverage.claims(figures),
            "lacking_cents": coverage.lacking(figures),
            "line_ids": [
                fields.Command.create(
                    {
                        "sequence": sequence,
                        "kind": row.kind,
                        "ledger_cents": row.ledger or 0,
                        "accounting_cents": row.accounting or 0,
                        "bank_cents": row.bank or 0,
                        "difference_cents": row.difference,
                    }
                )
                for sequence, row in enumerate(rows, start=1)
            ],
        }

    # ---------------------------------------------------------------- actions
    def action_check(self):
        """Button: look at this day again."""
        for proof in self:
            self._check_may_prove()
            proof._prove(proof.day, proof.company_id)

    @api.model
    def action_check_yesterday(self):
        """Button and menu: the proof of yesterday, on a screen."""
        self._check_may_prove()
        return self._prove(paris_day(fields.Datetime.now()) - timedelta(days=1)).action_open()

    @api.model
    def action_check_today(self):
        """Button: the proof of the running day, to be looked at again."""
        self._check_may_prove()
        return self._prove(paris_day(fields.Datetime.now())).action_open()

    def action_open(self):
        """Open the proof."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }

    def _check_may_prove(self):
        if not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise UserError(self.env._("The proof is made by accountants: ask for the #APTIC accountant role."))

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_prove(self):
        """Prove yesterday, and look again at the days that were not covered."""
        yesterday = paris_day(fields.Datetime.now()) - timedelta(days=1)
        for company in self.env["res.company"].search([("aptic_ledger_journal_id", "!=", False)]):
            open_days = self.search(
                [("company_id", "=", company.id), *self._to_look_at_again(yesterday)], order="day", limit=31
            ).mapped("day")
            for day in [*open_days, yesterday]:
                self._prove(day, company)

    @api.model
    def _to_look_at_again(self, day):
        """Domain of the proofs before ``day`` that later facts may change.

        A day on which money was missing stays what it was, once the bank's last word on it is there.
        """
        return [
            ("day", "<", day),
            "|", ("state", "in", ("gap", "stale")),
            "&", ("state", "=", "short"), ("day", ">=", day - timedelta(days=RECENT_DAYS)),
        ]  # fmt: skip
