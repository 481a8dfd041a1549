from odoo import fields, models


class ApticOffset(models.Model):
    _inherit = "aptic.offset"

    agreement_id = fields.Many2one("aptic.setoff.agreement", readonly=True, index="btree_not_null", ondelete="restrict")

    _guarded_fields = frozenset({"agreement_id"})

    _agreed = models.Constraint(
        "CHECK((invoice_id IS NULL) = (agreement_id IS NULL))", "An invoice is set off by an agreement only."
    )
