from odoo import fields, models


class ApticPlace(models.Model):
    """A presence point of a provider, where services are given and vouchers scanned."""

    _name = "aptic.place"
    _description = "Place"
    _inherit = ["mail.thread"]
    _order = "provider_id, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    provider_id = fields.Many2one("aptic.provider", required=True, index=True, ondelete="restrict")
    type_id = fields.Many2one("aptic.place.type", required=True, ondelete="restrict")
    street = fields.Char()
    zip = fields.Char(string="Postal code")
    territory_id = fields.Many2one(
        "aptic.territory",
        string="Municipality",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("kind", "=", "commune")],
    )
    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    opening_hours = fields.Char(help="Opening hours in the OpenStreetMap syntax.")
    phone = fields.Char()
    email = fields.Char()
    open_from = fields.Date(string="Open from")
    open_until = fields.Date(string="Open until", help="Last day on which vouchers are accepted here, inclusive.")
    offer_ids = fields.Many2many("aptic.offer", "aptic_offer_place_rel", "place_id", "offer_id")

    def _is_open(self, day):
        """Whether the place takes vouchers on ``day`` (a date; both bounds inclusive)."""
        self.ensure_one()
        return bool(
            self.active
            and (not self.open_from or self.open_from <= day)
            and (not self.open_until or day <= self.open_until)
        )
