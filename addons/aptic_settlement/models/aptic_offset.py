from odoo import api, fields, models
from odoo.addons.aptic_base.write_once import protect


class ApticOffset(models.Model):
    """What a provider had to give back, set against a statement of its own that was not paid yet: a fact, for good."""

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
        "aptic.statement", string="Carried over by", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date(required=True, readonly=True)
    amount_cents = fields.Integer(string="Amount (cents)", required=True, readonly=True)
    amount = fields.Monetary(compute="_compute_amount")
    move_id = fields.Many2one(
        "account.move", string="Entry", required=True, readonly=True, index=True, ondelete="restrict"
    )

    _guarded_fields = frozenset({"statement_id", "claim_statement_id", "company_id", "day", "amount_cents", "move_id"})

    _amount_positive = models.Constraint(
        "CHECK(amount_cents > 0 AND statement_id <> claim_statement_id)", "An offset is between two statements."
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
                provider.env._("Statement %s: what you owed is set against it", offset.statement_id.name),
                spoken._sentence(),
                ("manager", "accountant"),
            )

    def _sentence(self):
        """What was set against what, and what remains to be paid, for people."""
        self.ensure_one()
        statement = self.statement_id
        return self.env._(
            "%(amount)s that statement %(claim)s has carried over were set against statement %(number)s, which was not"
            " paid yet: %(rest)s of it remain to be paid.",
            amount=self.currency_id.format(self.amount),
            claim=self.claim_statement_id.name,
            number=statement.name,
            rest=self.currency_id.format(statement.to_pay),
        )
