from odoo import fields, models


class ApticOrderPoint(models.Model):
    """A named place or organisation that will hand the booklets of an order out."""

    _name = "aptic.order.point"
    _description = "Distribution point"
    _inherit = ["aptic.order.part"]
    _order = "order_id, sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    city = fields.Char()
    distributor_id = fields.Many2one(
        "aptic.distributor",
        index="btree_not_null",
        ondelete="restrict",
        help="The distributor that stands for this point, once the #APTIC team knows it.",
    )

    _open_states = ("draft", "confirmed", "proofed", "printed", "delivered", "active")
