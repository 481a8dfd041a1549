from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import ValidationError

PLACEHOLDER = "{number}"


class ApticCarrier(models.Model):
    """Who carries our parcels, and where the way of one can be followed."""

    _name = "aptic.carrier"
    _description = "Carrier"
    _order = "sequence, name"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    tracking_pattern = fields.Char(
        string="Tracking address", help="A web address with {number} where the parcel's number goes."
    )

    _name_unique = models.Constraint("UNIQUE(name)", "This carrier is in the list already.")

    @api.constrains("tracking_pattern")
    def _check_tracking_pattern(self):
        for carrier in self:
            pattern = carrier.tracking_pattern
            if pattern and not (pattern.startswith("https://") and pattern.count(PLACEHOLDER) == 1):
                raise ValidationError(
                    self.env._(
                        "The tracking address of %(name)s begins with https:// and has {number} once.",
                        name=carrier.name,
                    )
                )

    def _tracking_url(self, number):
        """Where the parcel ``number`` is followed, or False."""
        if not self or not self.tracking_pattern or not number:
            return False
        return self.tracking_pattern.replace(PLACEHOLDER, quote(number, safe=""))
