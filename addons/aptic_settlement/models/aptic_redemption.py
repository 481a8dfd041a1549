from odoo import fields, models


class ApticRedemption(models.Model):
    _inherit = "aptic.redemption"

    statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)

    _unsettled = models.Index("(received_at) WHERE state = 'done'")
    _settled_for_good = models.Constraint(
        "CHECK(statement_id IS NULL OR state = 'settled')",
        "A settled redemption stays settled: correct the next statement.",
    )
