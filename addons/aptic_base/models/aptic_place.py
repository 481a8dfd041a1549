from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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

    _dates_in_order = models.Constraint(
        "CHECK(open_from IS NULL OR open_until IS NULL OR open_from <= open_until)",
        "The last day cannot come before the first one.",
    )

    @api.constrains("territory_id")
    def _check_territory(self):
        for place in self:
            if place.territory_id.kind != "commune":
                raise ValidationError(
                    self.env._("%(name)s must lie in a municipality, which rules are checked against.", name=place.name)
                )

    def write(self, vals):
        """Refuse to give a place to another provider: its redemptions would change hands."""
        if "provider_id" in vals and any(place.provider_id.id != vals["provider_id"] for place in self):
            raise UserError(self.env._("A place stays with its provider: close it and let the other one open theirs."))
        return super().write(vals)

    def _close(self, day):
        """Take no more vouchers here after ``day`` (a date, inclusive)."""
        for place in self:
            if place.open_from and day < place.open_from:
                raise UserError(self.env._("%(name)s opens after that day.", name=place.name))
        self.write({"open_until": day})

    def _reopen(self):
        """Take vouchers again, without a last day."""
        self.write({"open_until": False, "active": True})
