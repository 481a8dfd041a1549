from odoo import fields, models


class ApticOrderDelivery(models.Model):
    """An address to which some of an order's booklets go; none at all means the sponsor's own."""

    _name = "aptic.order.delivery"
    _description = "Delivery address"
    _inherit = ["aptic.order.part"]
    _order = "order_id, sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(string="Recipient", required=True)
    street = fields.Char(string="Street and number", required=True)
    zip = fields.Char(string="Postal code", required=True)
    city = fields.Char(required=True)
    contact = fields.Char(string="Who receives it", help="Name and telephone of the person to ask for.")
    booklets = fields.Integer(required=True, default=1)

    _open_states = ("draft", "confirmed", "proofed")

    _booklets_positive = models.Constraint("CHECK(booklets > 0)", "An address receives one booklet at least.")
