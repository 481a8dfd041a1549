from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route
from odoo.tools import single_email_re

from ..texts import one_line
from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/places"
LONGEST = {"name": 100, "street": 200, "phone": 40, "email": 100, "opening_hours": 200}


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
        places.fetch(["name", "street", "zip", "type_id", "territory_id", "open_from", "open_until", "opening_hours"])
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
        provider, place, denied = self._own_place(provider_id, place_id)
        return denied or self._render_place(provider, place, self._place_values(place))

    @route([f"{URL}/new", f"{URL}/<int:place_id>"], type="http", auth="user", website=True, methods=["POST"])
    def aptic_place_save(self, provider_id, place_id=None, **post):
        """Create or change a place; what is wrong is said on the form, and nothing is written then."""
        provider, place, denied = self._own_place(provider_id, place_id)
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
                        place.create({**vals, "provider_id": provider.id})
                return request.redirect(f"/my/aptic/provider/{provider.id}/places?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = str(error)
        return self._render_place(provider, place, post, errors)

    @route(f"{URL}/<int:place_id>/close", type="http", auth="user", website=True, methods=["POST"])
    def aptic_place_close(self, provider_id, place_id, last_day=None, reopen=None, **_post):
        """Close a place after a day, or open it again."""
        provider, place, denied = self._own_place(provider_id, place_id)
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
        return request.make_json_response([{"id": commune.id, "name": commune.name} for commune in communes])

    # ---------------------------------------------------------------- helpers
    def _own_place(self, provider_id, place_id):
        """Return ``(provider, place, denied)``: sudo records of a manager's provider, or the page that refuses."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        place = request.env["aptic.place"].sudo()
        if member and as_id(place_id):
            domain = [("id", "=", place_id), ("provider_id", "=", provider.id)]
            place = place.with_context(active_test=False).search(domain)
        if not member or (place_id is not None and not place):
            return provider, place, self._aptic_denied()
        return provider, place, None

    def _place_values(self, place):
        names = ("name", "street", "zip", "opening_hours", "phone", "email", "open_from")
        return {
            **{name: place[name] or "" for name in names},
            "type_id": place.type_id.id,
            "territory_id": place.territory_id.id,
        }

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
        return vals, errors

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
                "errors": errors or {},
                "today": fields.Date.context_today(provider),
            },
        )
