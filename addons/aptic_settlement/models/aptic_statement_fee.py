from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents
from odoo.addons.aptic_base.write_once import protect


class ApticStatementFee(models.Model):
    """What one fee rule made of one statement, frozen; of each sponsor apart where sponsors pay.

    A fee is rounded once on the document that claims it: the statement, or the sponsor's invoice of the settlement, of
    which a statement has its share. Written once, by the settlement: the database itself refuses to rewrite it.
    """

    _name = "aptic.statement.fee"
    _description = "Fee of a statement"
    _log_access = False
    _order = "statement_id, id"
    _rec_name = "rule_id"

    statement_id = fields.Many2one("aptic.statement", required=True, index=True, ondelete="restrict", readonly=True)
    rule_id = fields.Many2one("aptic.fee.rule", required=True, index=True, ondelete="restrict", readonly=True)
    sponsor_id = fields.Many2one(
        "aptic.sponsor",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="Who pays, where the rule says so.",
    )
    kind = fields.Selection(
        [("rate", "Rate"), ("tiers", "Tiers"), ("minimum", "Minimum")], required=True, readonly=True
    )
    rate_bp = fields.Integer(string="Rate (basis points)", required=True, readonly=True)
    tax_bp = fields.Integer(string="VAT (basis points)", required=True, readonly=True)
    gross_cents = Cents(required=True, readonly=True, help="Face value that follows this rule, in cents.")
    fee_cents = Cents(required=True, readonly=True, help="VAT included, whoever pays it, in cents.")
    tax_cents = Cents(required=True, readonly=True, help="VAT part of the fee, in cents.")
    fund_cents = Cents(required=True, readonly=True, help="Paid to the funds, in cents.")
    fund_charged_cents = Cents(
        required=True, readonly=True, default=0, help="What of it the payer of the fee pays besides, in cents."
    )
    move_id = fields.Many2one(
        "account.move", string="Sponsor's invoice", index="btree_not_null", ondelete="restrict", readonly=True
    )
    share_ids = fields.One2many("aptic.fee.share", "fee_id", readonly=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    gross = fields.Monetary(compute="_compute_amounts")
    fee = fields.Monetary(compute="_compute_amounts")
    tax = fields.Monetary(string="VAT in the fee", compute="_compute_amounts")
    fund = fields.Monetary(string="To the territorial fund", compute="_compute_amounts")

    _once = models.UniqueIndex("(statement_id, rule_id, COALESCE(sponsor_id, 0))")
    _sane = models.Constraint(
        "CHECK(tax_cents BETWEEN 0 AND fee_cents AND fee_cents <= gross_cents AND fund_cents >= 0"
        " AND fund_charged_cents IN (0, fund_cents)"
        " AND (sponsor_id IS NOT NULL OR fee_cents + fund_charged_cents <= gross_cents))",
        "A fee is part of the gross, its VAT is part of the fee; who pays the fund's share is charged all of it.",
    )

    def init(self):  # pylint: disable=missing-return
        """Have PostgreSQL refuse to rewrite or delete a row."""
        super().init()
        protect(self.env.cr, self._table)

    @api.depends("gross_cents", "fee_cents", "tax_cents", "fund_cents")
    def _compute_amounts(self):
        for row in self:
            row.gross = row.gross_cents / 100
            row.fee = row.fee_cents / 100
            row.tax = row.tax_cents / 100
            row.fund = row.fund_cents / 100

    # ------------------------------------------------------------------ people
    def _rate_label(self):
        """The rate as people write it: ``4``, ``3,5``."""
        whole, part = divmod(self.rate_bp, 100)
        return f"{whole},{part:02d}".rstrip("0").rstrip(",") if part else str(whole)

    def _label(self):
        """What has made the fee, in a few words."""
        self.ensure_one()
        if self.kind == "tiers":
            return self.env._("fee by tiers")
        if self.kind == "minimum":
            return self.env._("minimum fee")
        return self.env._("fee %s %%", self._rate_label())

    def _told(self):
        """The fee with its base, in a line: as soon as a document has several of them."""
        self.ensure_one()
        return self.env._(
            "%(fee)s on %(gross)s of vouchers", fee=self._label(), gross=self.currency_id.format(self.gross)
        )
