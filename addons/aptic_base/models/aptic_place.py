from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import hours

ACCESLIBRE_HOSTS = ("acceslibre.beta.gouv.fr", "acceslibre.info")


def is_web_address(text, hosts=()):
    """Tell whether a text is the whole address of a page: ``https://…``, with a host of ``hosts`` when given."""
    try:
        parts = urlsplit(text or "")
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in host.strip(".") and (not hosts or host in hosts)


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
    opening_hours = fields.Char(help="Opening hours in the OpenStreetMap syntax.")
    phone = fields.Char()
    email = fields.Char()
    website = fields.Char(string="Web page")
    accessibility_ids = fields.Many2many("aptic.accessibility")
    acceslibre_url = fields.Char(
        string="Acceslibre page", help="Page of the place on acceslibre, the public record of accessibility."
    )
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

    @api.constrains("opening_hours")
    def _check_opening_hours(self):
        for place in self.filtered("opening_hours"):
            try:
                hours.check(place.opening_hours)
            except hours.BadHours:
                raise ValidationError(
                    self.env._(
                        "“%(hours)s” cannot be read as opening hours: write them as on OpenStreetMap, for example"
                        " Mo-Fr 09:00-12:00,14:00-18:00.",
                        hours=place.opening_hours,
                    )
                ) from None

    @api.constrains("website", "acceslibre_url")
    def _check_addresses(self):
        for place in self:
            if place.website and not is_web_address(place.website):
                raise ValidationError(self.env._("A web page's address begins with https:// (or http://)."))
            if place.acceslibre_url and not is_web_address(place.acceslibre_url, ACCESLIBRE_HOSTS):
                raise ValidationError(
                    self.env._("A page of acceslibre has an address that begins with https://acceslibre.beta.gouv.fr/.")
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

    # ------------------------------------------------------------------ words
    def _address(self):
        """The address on one line: street, postal code and municipality."""
        self.ensure_one()
        town = " ".join(filter(None, [self.zip, self.territory_id.name]))
        return ", ".join(filter(None, [self.street, town]))

    @api.model
    def _day_names(self):
        """The days of the week, Monday first, in the reader's language."""
        return [
            self.env._("Monday"),
            self.env._("Tuesday"),
            self.env._("Wednesday"),
            self.env._("Thursday"),
            self.env._("Friday"),
            self.env._("Saturday"),
            self.env._("Sunday"),
        ]

    def _hours_lines(self):
        """The opening hours for people: ``[("Monday to Friday", "9:00–12:00, 14:00–18:00")]``.

        What a week does not tell (seasons, remarks) is one line without days, as it was written.
        """
        self.ensure_one()
        if not self.opening_hours:
            return []
        week = hours.read(self.opening_hours)
        if week is None:
            return [("", self.opening_hours)]
        names = self._day_names()
        lines = []
        for first, last, stretches in hours.spans(week):
            days = names[first]
            if last > first:
                days = self.env._("%(first)s to %(last)s", first=names[first], last=names[last])
            times = ", ".join(
                f"{start.lstrip('0') if start > '01' else start}–{end.lstrip('0')}" for start, end in stretches
            )
            lines.append((days, times))
        return lines

    def _hours_texts(self):
        """The opening hours for people, a line each."""
        return [
            self.env._("%(days)s: %(times)s", days=days, times=times) if days else times
            for days, times in self._hours_lines()
        ]
