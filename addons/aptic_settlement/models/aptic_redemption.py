from odoo import fields, models


class ApticRedemption(models.Model):
    _inherit = "aptic.redemption"

    statement_id = fields.Many2one("aptic.statement", index="btree_not_null", ondelete="restrict", readonly=True)

    _settled_for_good = models.Constraint(
        "CHECK(statement_id IS NULL OR state IN ('settled', 'reversed'))",
        "A settled redemption stays settled or is reversed, which corrects the next statement.",
    )
