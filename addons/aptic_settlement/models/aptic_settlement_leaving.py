from odoo import api, fields, models
from odoo.tools import SQL


class ApticSettlement(models.Model):
    """What a run leaves for a later one, because it is under verification."""

    _inherit = "aptic.settlement"

    held_ids = fields.One2many("aptic.settlement.held", "settlement_id", readonly=True)
    held_count = fields.Integer(string="Scans under verification", compute="_compute_held")
    held = fields.Monetary(string="Under verification", compute="_compute_held")

    @api.depends("held_ids.amount_cents")
    def _compute_held(self):
        for settlement in self:
            settlement.held_count = sum(settlement.held_ids.mapped("redemption_count"))
            settlement.held = sum(settlement.held_ids.mapped("amount_cents")) / 100

    def _note_held(self):
        """Note by provider what this run leaves: received before its cut-off, and under verification."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_settlement_held
                          (settlement_id, provider_id, redemption_count, voucher_count, amount_cents)
                   SELECT %s, provider_id, count(*), sum(voucher_count), sum(face_cents)
                     FROM aptic_redemption AS redemption
                    WHERE is_held AND state = 'done' AND received_at < %s AND %s
                    GROUP BY provider_id""",
                self.id,
                self._cutoff_at(),
                self._own_redemptions(),
            )
        )
