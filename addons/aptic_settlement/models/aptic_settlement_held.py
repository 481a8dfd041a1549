from odoo import api, fields, models
from odoo.addons.aptic_base.cents import Cents


class ApticSettlementHeld(models.Model):
    """What a run left for a later one: a provider's redemptions that were under verification when it was computed."""

    _name = "aptic.settlement.held"
    _description = "Redemptions left by a settlement"
    _log_access = False
    _order = "amount_cents desc, id"
    _rec_name = "provider_id"

    settlement_id = fields.Many2one("aptic.settlement", required=True, index=True, ondelete="cascade", readonly=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict", readonly=True)
    redemption_count = fields.Integer(string="Scans", required=True, readonly=True)
    voucher_count = fields.Integer(string="Vouchers", required=True, readonly=True)
    amount_cents = Cents(string="Amount (cents)", required=True, readonly=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount")

    _once = models.UniqueIndex("(settlement_id, provider_id)")

    @api.depends("amount_cents")
    def _compute_amount(self):
        for held in self:
            held.amount = held.amount_cents / 100
