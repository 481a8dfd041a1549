from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.http import request, route
from odoo.tools import single_email_re

from .. import coordinates, hours
from ..models.aptic_place import ACCESLIBRE_HOSTS, is_web_address
from ..texts import one_line
from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/places"
LONGEST = {
    "name": 100,
    "street": 200,
    "phone": 40,
    "email": 100,
    "opening_hours": 200,
    "website": 200,
    "acceslibre_url": 200,
}
# The moments of a day in the form: « day_Mo_0_from ».
MOMENTS = [(stretch, end) for stretch in range(hours.STRETCHES) for end in ("from", "to")]


class ApticPlacePortal(ApticPortal):
    """A provider's places, on the portal."""

    @route(URL, type="http", auth="user", website=True, readonly=True)
    def aptic_places(self, provider_id, saved=None, **_query):
        """List the places; closed ones last."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        today = fields.Date.context_today(provider)
        places = provider.place_ids.sorted(lambda place: (not place._is_open(today), place.name))
        places.fetch()
        return request.render(
            "aptic_base.portal_places",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "aptic_places",
                "provider": provider,
                "places": places,
                "today": today,
                "may_edit": member.role == "manager",
                "saved": bool(saved),
            },
        )

    @route(
        [f"{URL}/new", f"{URL}/<int:place_id>"], type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def aptic_place(self, provider_id, place_id=None, **_query):
        """Show the form of a new or an existing place."""
        provider, place, denied = self._aptic_own("aptic.place", provider_id, place_id)
        return denied or self._render_place(provider, place, self._place_values(place))

    @route([f"{URL}/new", f"{URL}/<int:place_id>"], type="http", auth="user", website=True, methods=["POST"])
    def aptic_place_save(self, provider_id, place_id=None, **post):
        """Create or change a place; what is wrong is said on the form, and nothing is written then."""
        provider, place, denied = self._aptic_own("aptic.place", provider_id, place_id)
        if denied:
            return denied
        vals, errors = self._parse_place(place, post)
        if not errors and (conflict := self._form_conflict(place, post)):
            errors["form"] = conflict
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if not self._form_once(post):
                        pass
                    elif place:
                        place.write(vals)
                    else:
                        place = place.create({**vals, "provider_id": provider.id})
                if place and not place._is_hosted(fields.Date.context_today(place)):
                    return request.redirect(f"/my/aptic/provider/{provider.id}/places/{place.id}/host")
                return request.redirect(f"/my/aptic/provider/{provider.id}/places?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = str(error)
        ticked = list(map(as_id, request.httprequest.form.getlist("accessibility_ids")))
        return self._render_place(provider, place, {**post, "accessibility_ids": ticked}, errors)

    @route(f"{URL}/<int:place_id>/close", type="http", auth="user", website=True, methods=["POST"])
    def aptic_place_close(self, provider_id, place_id, last_day=None, reopen=None, **_post):
        """Close a place after a day, or open it again."""
        provider, place, denied = self._aptic_own("aptic.place", provider_id, place_id)
        if denied:
            return denied
        try:
            if reopen:
                place._reopen()
            else:
                day = fields.Date.to_date(last_day or "")
                if not day:
                    raise ValueError
                place._close(day)
        except ValueError:
            errors = {"last_day": request.env._("Give the last day on which vouchers are accepted here.")}
            return self._render_place(provider, place, self._place_values(place), errors)
        except UserError as error:
            return self._render_place(provider, place, self._place_values(place), {"last_day": str(error)})
        return request.redirect(f"/my/aptic/provider/{provider.id}/places?saved=1")

    @route("/my/aptic/communes", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_communes(self, zip="", **_query):
        """Answer the municipalities of a postal code as JSON, for the form."""
        communes = request.env["aptic.territory"].sudo()._of_postal_code(zip)
        return request.make_json_response(
            [
                {"id": town.id, "name": town.name, "latitude": town.latitude, "longitude": town.longitude}
                for town in communes
            ]
        )

    # ---------------------------------------------------------------- helpers
    def _place_values(self, place):
        names = (*LONGEST, "zip", "open_from")
        values = {
            **{name: place[name] or "" for name in names},
            "type_id": place.type_id.id,
            "territory_id": place.territory_id.id,
            "presence": place.presence,
            "accessibility_ids": place.accessibility_ids.ids,
        }
        if place.coordinates_source == "pin":
            values.update(latitude=f"{place.latitude:.6f}", longitude=f"{place.longitude:.6f}")
        week = hours.read(place.opening_hours or "")
        if hours.fits_form(week):
            values["opening_hours"] = ""
            for day, stretches in week.items():
                for number, stretch in enumerate(stretches):
                    for end, moment in zip(("from", "to"), stretch, strict=True):
                        values[f"day_{day}_{number}_{end}"] = moment
        return values

    def _parse_place(self, place, post):
        """Return ``(vals, errors)`` of the form."""
        env = request.env
        vals = {name: one_line(post.get(name), length) or False for name, length in LONGEST.items()}
        errors = {}
        if not vals["name"]:
            errors["name"] = env._("Give the place a name.")
        place_type = env["aptic.place.type"].search([("id", "=", as_id(post.get("type_id")))])
        if not place_type:
            errors["type_id"] = env._("Choose the type of the place.")
        if vals["email"] and not single_email_re.fullmatch(vals["email"]):
            errors["email"] = env._("This e-mail address is not complete.")
        try:
            vals["open_from"] = fields.Date.to_date(post.get("open_from") or False)
        except ValueError:
            errors["open_from"] = env._("Write the date as day, month, year.")
        if vals.get("open_from") and place.open_until and vals["open_from"] > place.open_until:
            errors["open_from"] = env._("The place would open after its last day: open it again first.")
        communes = env["aptic.territory"].sudo()._of_postal_code(post.get("zip"))
        commune = communes.filtered(lambda town: town.id == as_id(post.get("territory_id")))
        if not commune and len(communes) == 1:
            commune = communes
        if not communes:
            errors["zip"] = env._("No municipality has this postal code: it has five digits.")
        elif not commune:
            errors["territory_id"] = env._("Several municipalities share this postal code: choose yours.")
        vals.update(type_id=place_type.id, territory_id=commune.id, zip="".join((post.get("zip") or "").split())[:5])
        wanted = list(map(as_id, request.httprequest.form.getlist("accessibility_ids")))
        vals["accessibility_ids"] = [Command.set(env["aptic.accessibility"].search([("id", "in", wanted)]).ids)]
        if post.get("presence") in env["aptic.place"]._fields["presence"].get_values(env):
            vals["presence"] = post["presence"]
        if vals["website"] and not is_web_address(vals["website"]):
            errors["website"] = env._("Write the whole address, from https:// on.")
        if vals["acceslibre_url"] and not is_web_address(vals["acceslibre_url"], ACCESLIBRE_HOSTS):
            errors["acceslibre_url"] = env._(
                "Copy the address of the page on acceslibre.beta.gouv.fr, from https:// on."
            )
        self._parse_hours(post, vals, errors)
        self._parse_coordinates(place, post, vals, errors)
        return vals, errors

    def _parse_hours(self, post, vals, errors):
        """The week of the form, or hours in OpenStreetMap's syntax; never both."""
        env, week = request.env, {}
        names = dict(zip(hours.DAYS, env["aptic.place"]._day_names(), strict=True))
        for day, name in names.items():
            moments = [one_line(post.get(f"day_{day}_{number}_{end}"), 10) for number, end in MOMENTS]
            try:
                week[day] = hours.day(zip(moments[::2], moments[1::2], strict=True))
            except hours.BadHours:
                errors[f"day_{day}"] = env._(
                    "%(day)s: write times as 9:00 or 14h30; each opening needs its closing, which comes later.",
                    day=name,
                )
        text = hours.write(week)
        if vals["opening_hours"]:
            try:
                vals["opening_hours"] = hours.check(vals["opening_hours"])
            except hours.BadHours:
                errors["opening_hours"] = env._(
                    "This cannot be read as opening hours. Fill the week in instead, or write them as on OpenStreetMap."
                )
            if text and text != vals["opening_hours"]:
                errors["opening_hours"] = env._("Fill in the week or this line, not both: empty one of them.")
        else:
            vals["opening_hours"] = text or False

    def _parse_coordinates(self, place, post, vals, errors):
        """A pin that a person puts, changes or takes away; without these fields nothing changes."""
        if "latitude" not in post:
            return
        try:
            point = coordinates.parse(post.get("latitude"), post.get("longitude"))
        except coordinates.BadCoordinates:
            errors["latitude"] = request.env._(
                "Give both numbers, latitude first, for example 44.84044 and -0.58050, or empty both."
            )
            return
        if point:
            kept = (round(place.latitude, 6), round(place.longitude, 6))
            if place.coordinates_source != "pin" or point != kept:
                vals.update(latitude=point[0], longitude=point[1], coordinates_source="pin")
        elif place.coordinates_source == "pin":
            vals["latitude"] = vals["longitude"] = 0

    def _render_place(self, provider, place, values, errors=None):
        territory = request.env["aptic.territory"].sudo()
        communes = territory._of_postal_code(values.get("zip"))
        if place and not communes:
            communes = place.territory_id
        return request.render(
            "aptic_base.portal_place",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(place),
                "page_name": "aptic_place",
                "new_label": request.env._("New place"),
                "provider": provider,
                "place": place,
                "values": {**values, "type_id": as_id(values.get("type_id"))},
                "territory_id": as_id(values.get("territory_id")),
                "communes": communes,
                "types": request.env["aptic.place.type"].search([]),
                "presences": request.env["aptic.place"]._fields["presence"]._description_selection(request.env),
                "presence": values.get("presence") or place.presence or provider.supplier_kind,
                "accessibilities": request.env["aptic.accessibility"].search([]),
                "accessibility_ids": set(values.get("accessibility_ids") or ()),
                "days": list(zip(hours.DAYS, request.env["aptic.place"]._day_names(), strict=True)),
                "moments": MOMENTS,
                "moment_names": self._moment_names(),
                "tile_url": request.env["aptic.place"]._tile_url(),
                "tile_credit": request.env["aptic.place"]._tile_credit(),
                "errors": errors or {},
                "today": fields.Date.context_today(provider),
            },
        )

    def _moment_names(self):
        """What the four moments of a day are called, in the order of the form."""
        env = request.env
        return [env._("morning, from"), env._("morning, until"), env._("afternoon, from"), env._("afternoon, until")]
