from odoo import api, fields, models


class ApticFeeTier(models.Model):
    """From which gross amount of a document on a fee rule has another rate: what lies below keeps its own."""

    _name = "aptic.fee.tier"
    _description = "Tier of a fee rule"
    _order = "rule_id, from_cents"

    rule_id = fields.Many2one("aptic.fee.rule", required=True, index=True, ondelete="cascade")
    from_cents = fields.Integer(string="From (cents)", required=True, help="Gross amount, in cents.")
    from_amount = fields.Monetary(
        string="From", compute="_compute_amounts", inverse="_inverse_from_amount", help="Gross amount of the document."
    )
    rate_bp = fields.Integer(string="Rate (basis points)", required=True)
    rate = fields.Float(string="Rate (%)", digits=(6, 2), compute="_compute_amounts", inverse="_inverse_rate")
    currency_id = fields.Many2one(related="rule_id.currency_id")

    _once = models.Constraint("UNIQUE(rule_id, from_cents)", "Two tiers start at the same amount.")
    _sane = models.Constraint(
        "CHECK(from_cents > 0 AND rate_bp BETWEEN 0 AND 10000)",
        "A tier starts above zero (the rate of the rule holds below it); its rate is between 0 and 100 %.",
    )

    @api.depends("from_cents", "rate_bp")
    def _compute_amounts(self):
        for tier in self:
            tier.from_amount = tier.from_cents / 100
            tier.rate = tier.rate_bp / 100

    def _inverse_from_amount(self):
        for tier in self:
            tier.from_cents = round(tier.from_amount * 100)

    def _inverse_rate(self):
        for tier in self:
            tier.rate_bp = round(tier.rate * 100)

    @api.model_create_multi
    def create(self, vals_list):
        """Refuse to add tiers to a rule that statements follow."""
        tiers = super().create(vals_list)
        tiers.rule_id._check_unused()
        return tiers

    def write(self, vals):
        """Refuse to change the tiers of a rule that statements follow."""
        self.rule_id._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.rule_id._check_unused()
