from odoo import fields, models


class ApticRedemption(models.Model):
    _inherit = "aptic.redemption"

    statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)

    _settled_for_good = models.Constraint(
        "CHECK(statement_id IS NULL OR state = 'settled')",
        "A settled redemption stays settled: correct the next statement.",
    )
