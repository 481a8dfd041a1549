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

    def _left(self):
        """SQL: by provider what this run leaves: received before its cut-off, and under verification."""
        return SQL(
            """SELECT provider_id, count(*)::integer, sum(voucher_count)::integer, sum(face_cents)::bigint
                 FROM aptic_redemption AS redemption
                WHERE is_held AND state = 'done' AND received_at < %s AND %s
                GROUP BY provider_id""",
            self._cutoff_at(),
            self._own_redemptions(),
        )

    def _note_held(self):
        """Note by provider what this run leaves."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                """INSERT INTO aptic_settlement_held
                          (settlement_id, provider_id, redemption_count, voucher_count, amount_cents)
                   SELECT %s, held.* FROM (%s) AS held""",
                self.id,
                self._left(),
            )
        )

    def _tell_held(self):
        """Write to each provider of which this run leaves something that is under verification still.

        Nobody is told of what was released or cancelled since the run was computed.
        """
        self.ensure_one()
        left = {provider_id: (count, cents) for provider_id, count, _v, cents in self.env.execute_query(self._left())}
        for provider in self.held_ids.provider_id.filtered(lambda provider: provider.id in left):
            provider = provider._in_their_language()
            env, (count, cents) = provider.env, left[provider.id]
            amount = self.with_env(env).currency_id.format(cents / 100)
            if count > 1:
                told = env._("%(count)s scans are under verification (%(amount)s).", count=count, amount=amount)
                promise = env._(
                    "The #APTIC team looks at them before they are paid; all others are paid as usual. These stay owed"
                    " to you and are on the next statement after the verification. The team writes to you if it has a"
                    " question."
                )
            else:
                told = env._("One scan is under verification (%s).", amount)
                promise = env._(
                    "The #APTIC team looks at it before it is paid; all others are paid as usual. It stays owed to you"
                    " and is on the next statement after the verification. The team writes to you if it has a question."
                )
            provider._tell_managers(
                env._("Settlement %s: what is under verification waits", self.name),
                f"{told} {promise}",
                ("manager", "accountant"),
            )
