from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.aptic_member import COLUMNS
from .portal import ApticPortal, as_id

PROVIDER = "/my/aptic/provider/<int:organisation_id>/keys"
SPONSOR = "/my/aptic/sponsor/<int:organisation_id>/keys"
DAYS = (30, 90, 180, 365)
USUAL_DAYS = 180
NOTICES = ("revoked", "made")


class ApticKeyPortal(ApticPortal):
    """The keys of an organisation's own tools: its managers make and revoke them."""

    @route([PROVIDER, SPONSOR], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_api_keys(self, organisation_id, notice=None, **_query):
        """List the keys."""
        organisation, member = self._keys_organisation(organisation_id)
        if not member:
            return self._aptic_denied()
        return self._render_keys(organisation, notice=notice if notice in NOTICES else None)

    @route([PROVIDER, SPONSOR], type="http", auth="user", website=True, methods=["POST"])
    def aptic_api_key_make(self, organisation_id, **post):
        """Make a key and show it, once."""
        organisation, member = self._keys_organisation(organisation_id)
        if not member:
            return self._aptic_denied()
        purposes = request.httprequest.form.getlist("purposes")
        typed = {**post, "purposes": purposes}
        try:
            with request.env.cr.savepoint():
                if not self._form_once(post):
                    return request.redirect(f"{self._keys_url(organisation)}?notice=made")
                days, place = as_id(post.get("days")), request.env["aptic.place"].browse(as_id(post.get("place_id")))
                keys = request.env["aptic.api.key"]
                _key, secret = keys._make(organisation, post.get("name"), purposes, days, place)
        except UserError as error:
            return self._render_keys(organisation, values=typed, error=error.args[0])
        return self._render_keys(organisation, secret=secret)

    @route(
        [f"{PROVIDER}/<int:key_id>/revoke", f"{SPONSOR}/<int:key_id>/revoke"],
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def aptic_api_key_revoke(self, organisation_id, key_id, **_post):
        """End a key at once."""
        organisation, member = self._keys_organisation(organisation_id)
        key = self._keys_of(organisation).filtered(lambda one: one.id == key_id) if member else None
        if not key:
            return self._aptic_denied()
        key._revoke()
        return request.redirect(f"{self._keys_url(organisation)}?notice=revoked")

    # ---------------------------------------------------------------- helpers
    def _keys_organisation(self, organisation_id):
        """Return ``(organisation, member)``, both sudo and both empty unless the user manages it."""
        kind = request.httprequest.path.partition("/keys")[0].rpartition("/")[0].rpartition("/")[2]
        return self._aptic_member(f"aptic.{kind}", organisation_id, ("manager",))

    def _keys_of(self, organisation):
        """The keys of an organisation, the newest first, old ones included (sudo)."""
        domain = [(COLUMNS[organisation._name], "=", organisation.id)]
        return request.env["aptic.api.key"].sudo().search(domain, limit=100)

    def _keys_url(self, organisation):
        return f"/my/aptic/{organisation._name.removeprefix('aptic.')}/{organisation.id}/keys"

    def _render_keys(self, organisation, values=None, error=None, secret=None, notice=None):
        keys = self._keys_of(organisation)
        uses = keys._last_uses()
        response = request.render(
            "aptic_base.portal_api_keys",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_api_keys",
                "organisation": organisation,
                "keys": [{"key": key, "state": key._state(), "last_use": uses.get(key.id)} for key in keys],
                "keys_url": self._keys_url(organisation),
                "purposes": request.env["aptic.api.key"]._purposes_of(organisation),
                "places": request.env["aptic.api.key"]._places_of(organisation),
                "durations": DAYS,
                "values": values or {"days": str(USUAL_DAYS)},
                "error": error,
                "secret": secret,
                "notice": notice,
            },
        )
        response.status_code = 422 if error else 200
        response.headers["Cache-Control"] = "no-store"
        return response
