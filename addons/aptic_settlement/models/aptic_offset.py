from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_base.write_once import protect
from odoo.tools import format_date


class ApticOffset(models.Model):
    """What a provider owed, set against a statement of its own that was not paid yet: a fact, for good.

    Either a balance that another statement carries over, or an invoice of the operator, by the provider's agreement.
    """

    _name = "aptic.offset"
    _description = "Claim set against a statement"
    _inherit = ["aptic.guarded.mixin"]
    _log_access = False
    _order = "id desc"
    _rec_name = "statement_id"

    statement_id = fields.Many2one(
        "aptic.statement",
        string="Statement not paid yet",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    claim_statement_id = fields.Many2one(
        "aptic.statement", string="Carried over by", readonly=True, index=True, ondelete="restrict"
    )
    invoice_id = fields.Many2one("account.move", readonly=True, index="btree_not_null", ondelete="restrict")
    agreed_on = fields.Date(string="By the agreement of", readonly=True, help="Day on which the provider has signed.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(required=True, readonly=True)
    amount_cents = Cents(string="Amount (cents)", required=True, readonly=True)
    amount = fields.Monetary(compute="_compute_amount")
    move_id = fields.Many2one(
        "account.move", string="Entry", required=True, readonly=True, index=True, ondelete="restrict"
    )

    _guarded_fields = frozenset(
        {
            "statement_id",
            "claim_statement_id",
            "invoice_id",
            "agreed_on",
            "company_id",
            "day",
            "amount_cents",
            "move_id",
        }
    )

    _amount_positive = models.Constraint(
        "CHECK(amount_cents > 0 AND statement_id <> claim_statement_id"
        " AND num_nonnulls(claim_statement_id, invoice_id) = 1 AND (invoice_id IS NULL) = (agreed_on IS NULL))",
        "Against a statement is set what another one carries over, or an invoice by an agreement.",
    )
    _day_index = models.Index("(company_id, day)")

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse to rewrite or delete a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("amount_cents")
    def _compute_amount(self):
        for offset in self:
            offset.amount = offset.amount_cents / 100

    def _tell(self):
        """Tell the providers what was set against what."""
        for offset in self:
            provider = offset.statement_id.provider_id._in_their_language()
            spoken = offset.with_env(provider.env)
            provider._tell_managers(
                spoken._title(),
                spoken._sentence(),
                ("manager", "accountant"),
            )

    def _title(self):
        self.ensure_one()
        if self.invoice_id:
            return self.env._(
                "Statement %s: a subscription invoice is set off by your agreement", self.statement_id.name
            )
        return self.env._("Statement %s: what you owed is set against it", self.statement_id.name)

    def _label(self):
        """The line of a statement for an invoice that was set off."""
        self.ensure_one()
        return self.env._(
            "Subscription invoice %(invoice)s set off by your agreement of %(day)s",
            invoice=self.invoice_id.name,
            day=format_date(self.env, self.agreed_on),
        )

    def _sentence(self):
        """What was set against what, and what remains to be paid, for people."""
        self.ensure_one()
        statement = self.statement_id
        if self.invoice_id:
            return self.env._(
                "%(amount)s of subscription invoice %(invoice)s, which was overdue, were set against statement"
                " %(number)s by your agreement of %(day)s: %(rest)s of the statement remain to be paid to you.",
                amount=self.currency_id.format(self.amount),
                invoice=self.invoice_id.name,
                number=statement.name,
                day=format_date(self.env, self.agreed_on),
                rest=self.currency_id.format(statement.to_pay),
            )
        return self.env._(
            "%(amount)s that statement %(claim)s has carried over were set against statement %(number)s, which was not"
            " paid yet: %(rest)s of it remain to be paid.",
            amount=self.currency_id.format(self.amount),
            claim=self.claim_statement_id.name,
            number=statement.name,
            rest=self.currency_id.format(statement._open_cents() / 100),
        )
