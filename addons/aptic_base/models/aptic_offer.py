from odoo import api, fields, models


class ApticOffer(models.Model):
    """A service of the référentiel that a provider gives at a price, at some or all of its places."""

    _name = "aptic.offer"
    _description = "Offer"
    _inherit = ["mail.thread"]
    _order = "provider_id, sequence, id"

    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    service_id = fields.Many2one("aptic.service", required=True, index=True, ondelete="restrict")
    category_id = fields.Many2one(related="service_id.category_id", store=True)
    level_id = fields.Many2one(related="service_id.level_id", store=True)
    name = fields.Char(compute="_compute_name", store=True, readonly=False, required=True, precompute=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    price_cents = fields.Integer(required=True, default=1000, help="Price to the beneficiary, in cents, tax included.")
    currency_id = fields.Many2one(related="provider_id.currency_id")
    price = fields.Monetary(compute="_compute_price", inverse="_inverse_price")
    duration_minutes = fields.Integer(default=60)
    place_ids = fields.Many2many(
        "aptic.place", "aptic_offer_place_rel", "offer_id", "place_id", help="Empty: all places of the provider."
    )
    audience_ids = fields.Many2many("aptic.audience", help="Empty: everyone.")

    _price_positive = models.Constraint("CHECK(price_cents > 0)", "A price must be above zero.")

    @api.depends("service_id")
    def _compute_name(self):
        for offer in self:
            offer.name = offer.service_id.name

    @api.depends("price_cents")
    def _compute_price(self):
        for offer in self:
            offer.price = offer.price_cents / 100

    def _inverse_price(self):
        for offer in self:
            offer.price_cents = round(offer.price * 100)
