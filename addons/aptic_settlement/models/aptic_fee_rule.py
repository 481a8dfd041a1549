from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import fees


class ApticFeeRule(models.Model):
    """What the counter-payment costs, to whom, from one month to another; a new rule is data, not code."""

    _name = "aptic.fee.rule"
    _description = "Fee rule"
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, translate=True)
    date_from = fields.Date(string="From", required=True, help="First day of a month: a statement follows one rule.")
    date_to = fields.Date(string="Until", help="Last day, inclusive; empty: until further notice.")
    payer = fields.Selection(
        [("provider", "Provider (withheld from the counter-payment)"), ("sponsor", "Sponsor")],
        string="Paid by",
        required=True,
        default="provider",
    )
    rate_bp = fields.Integer(string="Rate (basis points)", required=True, default=400, help="400 = 4 %.")
    rate = fields.Float(string="Rate (%)", digits=(6, 2), compute="_compute_rates", inverse="_inverse_rate")
    tax_bp = fields.Integer(string="VAT (basis points)", required=True, default=2000)
    tax_rate = fields.Float(string="VAT (%)", digits=(6, 2), compute="_compute_rates", inverse="_inverse_tax_rate")
    tax_included = fields.Boolean(string="VAT included", default=True, help="The rate gives an amount VAT included.")
    fund_bp = fields.Integer(string="Fund share (basis points)", required=True, default=100)
    fund_rate = fields.Float(
        string="Territorial fund (%)",
        digits=(6, 2),
        compute="_compute_rates",
        inverse="_inverse_fund_rate",
        help="Share of the face value that the operator pays to the fund of the territory, out of its fee.",
    )
    fund_level = fields.Selection(
        [("region", "Region"), ("department", "Department"), ("country", "Country")],
        string="Level of the fund",
        required=True,
        default="region",
        help="Level of the territory that receives the share, from the place where the vouchers were taken.",
    )

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (daterange(date_from, date_to, '[]') WITH &&)",
        "Two fee rules cannot be in force on the same day: end the earlier one first.",
    )
    _whole_months = models.Constraint(
        "CHECK(EXTRACT(day FROM date_from) = 1 AND (date_to IS NULL OR EXTRACT(day FROM date_to + 1) = 1))",
        "A fee rule starts on the first day of a month and ends on the last day of one.",
    )
    _rates_sane = models.Constraint(
        "CHECK(rate_bp BETWEEN 0 AND 10000 AND tax_bp BETWEEN 0 AND 10000 AND fund_bp BETWEEN 0 AND 10000)",
        "Rates are between 0 and 100 %.",
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

    def write(self, vals):
        """Refuse to change a rule that statements follow, but for its name and its last day."""
        if vals.keys() - {"name", "date_to"} and self._is_used():
            raise UserError(
                self.env._(
                    "Statements follow this rule already: give it a last day and make a new one that starts after."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self._is_used():
            raise UserError(self.env._("Statements follow this rule already: give it a last day instead."))

    def _is_used(self):
        return bool(self.env["aptic.settlement"].sudo().search_count([("fee_rule_id", "in", self.ids)], limit=1))

    @api.model
    def _at(self, day):
        """The rule in force on ``day``.

        :raise UserError: when there is none
        """
        rule = self.sudo().search(
            [("date_from", "<=", day), "|", ("date_to", "=", False), ("date_to", ">=", day)], limit=1
        )
        if not rule:
            raise UserError(
                self.env._(
                    "No fee rule is in force on %(day)s: add one under #APTIC, Configuration, Fee rules.",
                    day=format_date(self.env, day),
                )
            )
        return rule

    def _plain(self):
        """The rule as :class:`fees.Rule`, the form that the arithmetic takes."""
        self.ensure_one()
        return fees.Rule(
            self.date_from, self.date_to or None, self.rate_bp, self.payer, self.tax_bp, self.tax_included, self.fund_bp
        )
