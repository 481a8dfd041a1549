from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents


class ApticFundLine(models.Model):
    """What one statement brings to one fund; written once, by the settlement."""

    _name = "aptic.fund.line"
    _description = "Fund line"
    _log_access = False
    _order = "id desc"

    fund_id = fields.Many2one("aptic.fund", required=True, index=True, ondelete="restrict", readonly=True)
    statement_id = fields.Many2one("aptic.statement", required=True, index=True, ondelete="restrict", readonly=True)
    settlement_id = fields.Many2one(related="statement_id.settlement_id")
    base_cents = Cents(required=True, readonly=True, help="Face value taken in this territory, in cents.")
    amount_cents = Cents(required=True, readonly=True)
    is_correction = fields.Boolean(readonly=True, help="What reversed redemptions had brought goes back.")
    currency_id = fields.Many2one(related="statement_id.currency_id")
    base = fields.Monetary(compute="_compute_amounts")
    amount = fields.Monetary(compute="_compute_amounts")

    _once = models.Constraint(
        "UNIQUE(statement_id, fund_id, is_correction)", "A statement brings to a fund once, and takes back once."
    )

    @api.depends("base_cents", "amount_cents")
    def _compute_amounts(self):
        for line in self:
            line.base = line.base_cents / 100
            line.amount = line.amount_cents / 100
