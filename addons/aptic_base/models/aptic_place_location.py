import logging

import requests
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import coordinates

_logger = logging.getLogger(__name__)

GEOCODER_PARAMETER = "aptic_base.geocoder_url"
GIVEN = ("pin", "file")  # by somebody who knows: no service looks for them
TIMEOUT = (2, 4)  # seconds to connect, to answer
BATCH = 50
MARGIN_KM = 5  # outlines are simplified, pins are not exact
# Municipalities whose addresses the national file keeps by arrondissement.
WITH_ARRONDISSEMENTS = ("75056", "69123", "13055")


class ApticPlace(models.Model):
    """Where a place is on the map, and who says so: a pin, a geocoder, or only its municipality's centre."""

    _inherit = "aptic.place"

    latitude = fields.Float(digits=(10, 7))
    longitude = fields.Float(digits=(10, 7))
    coordinates_source = fields.Selection(
        [
            ("pin", "Given by a person (pin on the map)"),
            ("file", "Given by an imported file"),
            ("geocoder", "Found from the address"),
            ("commune", "Centre of the municipality"),
        ],
        string="Coordinates are",
        readonly=True,
        help="Empty: the place is not on the map.",
    )
    geocoder_asked = fields.Datetime(
        string="Looked up on", readonly=True, copy=False, help="When the geocoder was asked about the present address."
    )

    _on_the_globe = models.Constraint(
        "CHECK(latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "A latitude lies between -90 and 90, a longitude between -180 and 180.",
    )
    _to_be_located = models.Index("(id) WHERE geocoder_asked IS NULL")

    # ------------------------------------------------------------- create, write
    @api.model_create_multi
    def create(self, vals_list):
        """Say who gave the coordinates; without any, stand at the municipality's centre."""
        towns = self.env["aptic.territory"].browse(
            {vals["territory_id"] for vals in vals_list if vals.get("territory_id")}
        )
        town_of = {town.id: town for town in towns}
        for vals in vals_list:
            vals.update(self._position_vals(vals, town_of.get(vals.get("territory_id"))))
        places = super().create(vals_list)
        places._ask_geocoder()
        return places

    @api.model
    def _position_vals(self, vals, town):
        """Where a new place stands: where its values say, else at the centre of ``town`` (empty or None: unknown)."""
        if vals.get("latitude"):
            return {"coordinates_source": vals.get("coordinates_source", "pin")}
        return town._centre() if town else {}

    def write(self, vals):
        """Keep a pin while its municipality stays; look a new address up again."""
        if "latitude" in vals or "longitude" in vals:
            given = vals.get("latitude", self[:1].latitude)
            done = super().write({"coordinates_source": "pin" if given else False, "geocoder_asked": False, **vals})
            if not given:
                self._stand_at_centre()
            return done
        moved = self.filtered(lambda place: "territory_id" in vals and place.territory_id.id != vals["territory_id"])
        changed = (self - moved).filtered(
            lambda place: (
                place.coordinates_source not in GIVEN
                and any(name in vals and (place[name] or "") != (vals[name] or "") for name in ("street", "zip"))
            )
        )
        if moved:
            centre = self.env["aptic.territory"].browse(vals["territory_id"])._centre()
            super(ApticPlace, moved).write({**vals, **centre, "geocoder_asked": False})
            moved._ask_geocoder()
        done = super(ApticPlace, self - moved).write(vals)
        changed._stand_at_centre()
        return done

    def _write_position(self, vals):
        """Write where the places are, past what this model's ``write`` makes of a person's words."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _stand_at_centre(self):
        """Fall back on the municipality's centre until something better is known."""
        for place in self:
            place._write_position({**place.territory_id._centre(), "geocoder_asked": False})
        self._ask_geocoder()

    @api.constrains("latitude", "longitude", "coordinates_source", "territory_id")
    def _check_pin(self):
        for place in self:
            town = place.territory_id
            if place.coordinates_source == "pin" and not place._is_near(place.latitude, place.longitude):
                raise ValidationError(
                    self.env._(
                        "This point is %(distance)s km away from the centre of %(town)s: move it, or choose another"
                        " municipality.",
                        distance=round(
                            coordinates.distance_km((place.latitude, place.longitude), (town.latitude, town.longitude))
                        ),
                        town=town.name,
                    )
                )

    def _is_near(self, latitude, longitude):
        """Whether a point may lie in the place's municipality; yes where its centre is unknown."""
        self.ensure_one()
        town = self.territory_id
        if not town.reach_km:
            return True
        distance = coordinates.distance_km((latitude, longitude), (town.latitude, town.longitude))
        return distance <= town.reach_km + MARGIN_KM

    # --------------------------------------------------------------- geocoder
    @api.model
    def _geocoder_url(self):
        """Address of the geocoding service, or an empty text: none by default, servers need no internet."""
        return (self.env["ir.config_parameter"].sudo().get_param(GEOCODER_PARAMETER) or "").strip()

    def _ask_geocoder(self):
        """Have the addresses looked up soon, where a geocoder is configured: saving never waits for it."""
        if self and self._geocoder_url():
            self.env.ref("aptic_base.cron_locate_places")._trigger()

    def _locate(self):
        """Look the places up by their addresses; a pin is left alone, and a failure changes nothing.

        :return: ``(found, answered)``: the places that were found; False when the service did not answer
        """
        url, found = self._geocoder_url(), self.browse()
        for place in self.filtered(lambda place: place.coordinates_source not in GIVEN):
            try:
                point = place.street and place._geocoded(url)
            except (requests.RequestException, ValueError) as error:
                _logger.info("place %s: the geocoder did not answer: %s", place.id, type(error).__name__)
                return found, False
            vals = {"geocoder_asked": fields.Datetime.now()}
            if point and place._is_near(*point):
                vals.update(latitude=point[0], longitude=point[1], coordinates_source="geocoder")
                found |= place
            place._write_position(vals)
        return found, True

    def _geocoded(self, url):
        """What the service answers for the place's address: ``(latitude, longitude)``, or None."""
        town = self.territory_id
        query = {"q": self._address(), "limit": 3}
        if town.code not in WITH_ARRONDISSEMENTS:
            query["citycode"] = town.code
        answer = requests.get(url, params=query, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        return coordinates.best(answer.json(), town.code)

    @api.model
    def _cron_locate(self, limit=BATCH):
        """Look up places whose present address was not looked up yet; where the service is silent, try again later."""
        if not self._geocoder_url():
            return
        domain = [
            ("geocoder_asked", "=", False),
            ("street", "!=", False),
            ("coordinates_source", "in", (False, "geocoder", "commune")),
        ]
        left = self.search_count(domain)
        for place in self.search(domain, limit=limit):
            _found, answered = place._locate()
            left -= 1
            if not answered or not self.env["ir.cron"]._commit_progress(1, remaining=left):
                break

    def action_locate(self):
        """Look the address up now, from the form."""
        if not self._geocoder_url():
            raise UserError(self.env._("No geocoding service is configured: see the settings of #APTIC."))
        found, _answered = self._locate()
        if not found:
            raise UserError(self.env._("The service did not find this address: correct it, or give the coordinates."))

    # -------------------------------------------------------------------- map
    @api.model
    def _tile_url(self):
        """Where browsers fetch the map's tiles, or an empty text: none by default, they belong to others."""
        url = (self.env["ir.config_parameter"].sudo().get_param("leaflet.tile_url") or "").strip()
        return url if url.startswith(("https://", "http://", "/")) else ""

    @api.model
    def _tile_credit(self):
        """Whose map it is, as HTML for the map's corner."""
        return (self.env["ir.config_parameter"].sudo().get_param("leaflet.copyright") or "").strip()

    # ------------------------------------------------------------------ words
    def _coordinates_sentence(self):
        """Who says where the place is, in one sentence."""
        self.ensure_one()
        return {
            "pin": self.env._("Shown where you have put it on the map."),
            "file": self.env._("Shown where the imported file has put it."),
            "geocoder": self.env._("Shown at its address, as the address service has found it."),
            "commune": self.env._(
                "Shown at the centre of %(town)s: its exact place is not known yet.", town=self.territory_id.name
            ),
            False: self.env._("Not on the map: no coordinates are known for %(town)s.", town=self.territory_id.name),
        }[self.coordinates_source]
