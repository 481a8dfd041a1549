from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    aptic_fee_settlement_id = fields.Many2one(
        "aptic.settlement",
        string="Fees of the settlement",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Invoice or credit note of a sponsor for the fees of a month.",
    )
