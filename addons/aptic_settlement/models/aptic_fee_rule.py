from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import fees

# A commune has one of each above it: the nearest one that has a rule decides.
NEAREST_FIRST = ("commune", "epci", "department", "region", "country")


class ApticFeeRule(models.Model):
    """What the counter-payment costs, to whom, from one month to another; a new rule is data, not code.

    A rule may be of one sponsor, of one territory, or of both. What concerns a sponsor comes before what concerns a
    territory, a small territory before a large one, and everything before the rule of all.
    """

    _name = "aptic.fee.rule"
    _description = "Fee rule"
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    date_from = fields.Date(string="From", required=True, help="First day of a month, by the receipt of the scans.")
    date_to = fields.Date(string="Until", help="Last day, inclusive; empty: until further notice.")
    sponsor_id = fields.Many2one(
        "aptic.sponsor", index="btree_not_null", ondelete="restrict", help="Only vouchers of this sponsor; empty: all."
    )
    territory_id = fields.Many2one(
        "aptic.territory",
        index="btree_not_null",
        ondelete="restrict",
        help="Only scans at places of this territory; empty: everywhere.",
    )
    payer = fields.Selection(
        [
            ("provider", "Provider (withheld from the counter-payment)"),
            ("sponsor", "Sponsor (invoiced month by month)"),
        ],
        string="Paid by",
        required=True,
        default="provider",
    )
    rate_bp = fields.Integer(string="Rate (basis points)", required=True, default=400, help="400 = 4 %.")
    rate = fields.Float(string="Rate (%)", digits=(6, 2), compute="_compute_rates", inverse="_inverse_rate")
    tier_ids = fields.One2many("aptic.fee.tier", "rule_id", string="Tiers", copy=True)
    minimum_cents = fields.Integer(
        string="Minimum (cents)",
        required=True,
        default=0,
        help="Of a statement with vouchers (of the month's invoice when the sponsor pays), with or without VAT as the "
        "rate; never more than the vouchers themselves.",
    )
    minimum = fields.Monetary(compute="_compute_minimum", inverse="_inverse_minimum")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    tax_bp = fields.Integer(string="VAT (basis points)", required=True, default=2000)
    tax_rate = fields.Float(string="VAT (%)", digits=(6, 2), compute="_compute_rates", inverse="_inverse_tax_rate")
    tax_included = fields.Boolean(string="VAT included", default=True, help="The rate gives an amount VAT included.")
    fund_bp = fields.Integer(string="Fund share (basis points)", required=True, default=100)
    fund_rate = fields.Float(
        string="Territorial fund (%)",
        digits=(6, 2),
        compute="_compute_rates",
        inverse="_inverse_fund_rate",
        help="Share of the face value that goes to the fund of the territory.",
    )
    fund_payer = fields.Selection(
        [
            ("operator", "Operator (out of its fee)"),
            ("sponsor", "Sponsor (invoiced with the fee, outside VAT)"),
            ("provider", "Provider (withheld besides the fee, outside VAT)"),
        ],
        string="Fund's share paid by",
        required=True,
        default="operator",
    )
    fund_level = fields.Selection(
        [("region", "Region"), ("department", "Department"), ("country", "Country")],
        string="Level of the fund",
        required=True,
        default="region",
        help="Level of the territory that receives the share, from the place where the vouchers were taken.",
    )

    # Ranges of one number stand for equality: the index of numbers by GiST is an extension of PostgreSQL.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (daterange(date_from, date_to, '[]') WITH &&,"
        " int4range(COALESCE(sponsor_id, 0), COALESCE(sponsor_id, 0), '[]') WITH &&,"
        " int4range(COALESCE(territory_id, 0), COALESCE(territory_id, 0), '[]') WITH &&)",
        "Two fee rules for the same sponsor and territory cannot be in force on the same day: end the earlier one "
        "first.",
    )
    _whole_months = models.Constraint(
        "CHECK(EXTRACT(day FROM date_from) = 1 AND (date_to IS NULL OR EXTRACT(day FROM date_to + 1) = 1))",
        "A fee rule starts on the first day of a month and ends on the last day of one.",
    )
    _rates_sane = models.Constraint(
        "CHECK(rate_bp BETWEEN 0 AND 10000 AND tax_bp BETWEEN 0 AND 10000 AND fund_bp BETWEEN 0 AND 10000"
        " AND minimum_cents >= 0)",
        "Rates are between 0 and 100 %, a minimum is not negative.",
    )

    _fund_payer_invoiced = models.Constraint(
        "CHECK(fund_payer = 'operator' OR fund_payer = payer)",
        "Who pays the fund's share pays it with the fee: choose the same payer for both, or the operator for the fund.",
    )

    @api.depends("rate_bp", "tax_bp", "fund_bp")
    def _compute_rates(self):
        for rule in self:
            rule.rate = rule.rate_bp / 100
            rule.tax_rate = rule.tax_bp / 100
            rule.fund_rate = rule.fund_bp / 100

    def _inverse_rate(self):
        for rule in self:
            rule.rate_bp = round(rule.rate * 100)

    def _inverse_tax_rate(self):
        for rule in self:
            rule.tax_bp = round(rule.tax_rate * 100)

    def _inverse_fund_rate(self):
        for rule in self:
            rule.fund_bp = round(rule.fund_rate * 100)

    @api.depends("minimum_cents")
    def _compute_minimum(self):
        for rule in self:
            rule.minimum = rule.minimum_cents / 100

    def _inverse_minimum(self):
        for rule in self:
            rule.minimum_cents = round(rule.minimum * 100)

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    def write(self, vals):
        """Refuse to change a rule that statements follow, but for its name and its last day."""
        if vals.keys() - {"name", "date_to"}:
            self._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._is_used():
            raise UserError(self.env._("Statements follow this rule already: give it a last day instead."))

    def _check_unused(self):
        if self._is_used():
            raise UserError(
                self.env._(
                    "Statements follow this rule already: give it a last day and make a new one that starts after."
                )
            )

    def _is_used(self):
        return bool(self.env["aptic.statement.fee"].sudo().search_count([("rule_id", "in", self.ids)], limit=1))

    def _plain(self):
        """The rule as :class:`fees.Rule`, the form that the arithmetic takes."""
        self.ensure_one()
        tiers = tuple((tier.from_cents, tier.rate_bp) for tier in self.tier_ids.sorted("from_cents"))
        return fees.Rule(
            self.rate_bp, self.payer, self.tax_bp, self.tax_included, self.fund_bp, self.minimum_cents, tiers,
            self.fund_payer,
        )  # fmt: skip
