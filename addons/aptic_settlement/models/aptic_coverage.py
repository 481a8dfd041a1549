from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import coverage


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
        [("ok", "Covered to the cent"), ("gap", "Gap"), ("stale", "Bank's word is old")],
        string="Result",
        required=True,
        readonly=True,
        tracking=True,
    )
    bank_day = fields.Date(string="Bank's closing balance of", readonly=True)
    statement_id = fields.Many2one("account.bank.statement", readonly=True, ondelete="restrict", index=True)
    checked_at = fields.Datetime(string="Checked", readonly=True)
    bank_cents = fields.Integer(readonly=True)
    owed_cents = fields.Integer(readonly=True)
    gap_cents = fields.Integer(readonly=True, tracking=True)
    bank = fields.Monetary(compute="_compute_amounts", help="Closing balance of the segregated account, by the bank.")
    owed = fields.Monetary(compute="_compute_amounts", help="Everything that the account owes, by the accounts.")
    gap = fields.Monetary(compute="_compute_amounts", help="Sum of all differences; zero, or something is wrong.")
    line_ids = fields.One2many("aptic.coverage.line", "coverage_id", readonly=True)

    _guarded_fields = frozenset(
        {"company_id", "day", "state", "bank_day", "statement_id", "checked_at", "bank_cents", "owed_cents"}
        | {"gap_cents", "line_ids"}
    )

    _day_unique = models.Constraint("UNIQUE(company_id, day)", "This day has its proof already.")

    @api.depends("bank_cents", "owed_cents", "gap_cents")
    def _compute_amounts(self):
        for proof in self:
            proof.bank = proof.bank_cents / 100
            proof.owed = proof.owed_cents / 100
            proof.gap = proof.gap_cents / 100

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A proof of coverage is kept."))

    # ------------------------------------------------------------------ prove
    @api.model
    def _prove(self, day, company=None):
        """Compare bank, accounting and ledger at the end of ``day`` and keep the result.

        A closed day that was covered to the cent keeps its proof; an open day, a gap or an old word of the bank is
        looked at again.

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
            proof.line_ids.sudo().unlink()
            proof._guarded_write(vals)
        else:
            proof = proofs._guarded_create([vals])
        proof._alarm()
        return proof.sudo(False)

    def _prepare_proof_vals(self, day, company):
        statement = self.env["account.bank.statement"]._aptic_last(company.aptic_bank_journal_id, day)
        figures = self._figures(day, company, statement)
        rows = coverage.rows(figures)
        [total] = [row for row in rows if row.kind == "total"]
        return {
            "company_id": company.id,
            "day": day,
            "state": coverage.status(figures, company.aptic_bank_stale_days),
            "statement_id": statement.id,
            "bank_day": statement.aptic_closing_day,
            "checked_at": fields.Datetime.now(),
            "bank_cents": figures.bank,
            "owed_cents": total.accounting,
            "gap_cents": sum(abs(row.difference) for row in rows),
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

    # ------------------------------------------------------------------ alarm
    def _alarm(self):
        """Tell the accountants of a gap, once; take the alarm back when the day is covered."""
        self.ensure_one()
        activity = "aptic_settlement.mail_activity_coverage"
        if self.state != "gap":
            self.activity_feedback([activity], feedback=self.env._("The difference is explained."))
            return
        if self.activity_search([activity]):
            return
        summary = self.env._(
            "Coverage of %(day)s: differences of %(gap)s", day=format_date(self.env, self.day),
            gap=self.currency_id.format(self.gap_cents / 100),
        )  # fmt: skip
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids
        for user in accountants.filtered(lambda user: user.active and not user.share):
            self.activity_schedule(activity, summary=summary, user_id=user.id)

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
                [("company_id", "=", company.id), ("state", "!=", "ok"), ("day", "<", yesterday)], order="day", limit=31
            ).mapped("day")
            for day in [*open_days, yesterday]:
                self._prove(day, company)
