from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from .. import prices


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

    # ------------------------------------------------------------------ rules
    @api.constrains("provider_id", "place_ids")
    def _check_places(self):
        for offer in self:
            if offer.place_ids.provider_id - offer.provider_id:
                raise ValidationError(
                    self.env._("“%(name)s” can only be given at places of its own provider.", name=offer.name)
                )

    def _euros(self, cents):
        """Return cents as an amount in the language of the reader, e.g. ``12,00 €``."""
        # Not env.ref(): it asks the database each time whether the record exists.
        euro = self.env["res.currency"].sudo().browse(self.env["ir.model.data"]._xmlid_to_res_id("base.EUR"))
        return formatLang(self.env, cents / 100, currency_obj=euro)

    def _facts(self, places):
        """Duration, places and audiences on one line.

        :param places: the places that are named; a service given at all of them names none
        """
        self.ensure_one()
        here = self.place_ids & places
        parts = [
            self.env._("%s min", self.duration_minutes) if self.duration_minutes else "",
            ", ".join(here.mapped("name")) if here != places else "",
            ", ".join(self.audience_ids.mapped("name")),
        ]
        return " · ".join(filter(None, parts))

    @api.constrains("service_id")
    def _check_service(self):
        for offer in self:
            if not offer.service_id.active:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is no longer in the référentiel: choose another service.",
                        name=offer.service_id.name,
                    )
                )

    def _payment_sentence(self):
        """How a beneficiary pays this price with vouchers, in one sentence."""
        self.ensure_one()
        return self._payment_sentence_of(self.price_cents)

    @api.model
    def _payment_sentence_of(self, price_cents):
        """How a beneficiary pays a price with vouchers of 10 €, in one sentence.

        :param int price_cents: the price, in cents
        """
        vouchers, added = prices.share(price_cents)
        if price_cents < prices.FACE_VALUE_CENTS:
            return self.env._(
                "Below %(face)s, the value of a voucher: no change is given, so the beneficiary loses %(lost)s.",
                face=self._euros(prices.FACE_VALUE_CENTS),
                lost=self._euros(prices.FACE_VALUE_CENTS - price_cents),
            )
        if not added:
            if vouchers == 1:
                return self.env._("One voucher pays it all.")
            return self.env._("%(count)s vouchers pay it all.", count=vouchers)
        if vouchers == 1:
            return self.env._("One voucher, and the beneficiary adds %(added)s.", added=self._euros(added))
        return self.env._(
            "%(count)s vouchers, and the beneficiary adds %(added)s.", count=vouchers, added=self._euros(added)
        )
