from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from .. import uploads
from ..texts import one_line
from .papers import ApticPaperPortal
from .place import ApticPlacePortal
from .portal import LARGEST_ID
from .uploads import LARGEST_FORM, sent_files

HOST = "/my/aptic/provider/<int:provider_id>/places/<int:place_id>/host"
LONGEST_HOST = 150


class ApticConvention(ApticPaperPortal):
    """The one door to a convention's file, as to the papers of a dossier."""

    @route("/aptic/conventions/<int:hosting_id>/document", type="http", auth="user", website=True, methods=["GET"])
    def aptic_convention(self, hosting_id, **_query):
        """Give a reviewer a convention; the opening is written down."""
        stays = request.env["aptic.hosting"]
        if not stays.has_access("read"):
            return self._aptic_denied()
        return self._document(stays.search([("id", "=", min(hosting_id, LARGEST_ID))]))


class ApticHostingPortal(ApticPlacePortal):
    """At whose place a provider works, on the portal: the convention, or the start of an offer."""

    @route(HOST, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_host(self, provider_id, place_id, saved=None, **_query):
        """Show the host of a place, what was handed in and what is missing; members read it."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        place = provider.place_ids.filtered(lambda place: place.id == place_id)
        if not member or not place:
            return self._aptic_denied()
        return self._render_host(provider, place, member, {}, saved=bool(saved))

    @route(HOST, type="http", auth="user", website=True, methods=["POST"], max_content_length=LARGEST_FORM)
    def aptic_host_send(self, provider_id, place_id, **post):
        """Hand a convention in, or declare a start; what is wrong is said on the form, and nothing is written then."""
        provider, place, denied = self._aptic_own("aptic.place", provider_id, place_id)
        if denied:
            return denied
        member = request.env["aptic.member"]._find(provider, ("manager",))
        vals, errors = self._parse_stay(post)
        upload = None
        try:
            if post.get("kind") != "priming":
                upload = next(iter(sent_files("document")), None)
                if not upload:
                    errors["document"] = request.env._("Choose the file of the convention, signed by both.")
        except ValidationError as error:
            errors["document"] = str(error)
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if self._form_once(post):
                        hosting = request.env["aptic.hosting"].sudo()
                        if upload:
                            hosting._send_convention(place, upload, **vals)
                        else:
                            hosting._declare_start(place, **vals)
                return request.redirect(f"/my/aptic/provider/{provider.id}/places/{place.id}/host?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = str(error)
        return self._render_host(provider, place, member, post, errors)

    # ---------------------------------------------------------------- helpers
    def _parse_stay(self, post):
        """Return ``(vals, errors)`` of the form."""
        env, errors = request.env, {}
        vals = {"host_name": one_line(post.get("host_name"), LONGEST_HOST)}
        if not vals["host_name"]:
            errors["host_name"] = env._("Name the organisation that receives you.")
        for name in ("starts_on", "ends_on"):
            try:
                vals[name] = fields.Date.to_date(post.get(name) or False)
            except ValueError:
                errors[name] = env._("Write the date as day, month, year.")
        if not errors and not vals["starts_on"]:
            errors["starts_on"] = env._("Give the first day.")
        if not errors and not vals["ends_on"] and post.get("kind") == "priming":
            errors["ends_on"] = env._("Say until when you come to start the offer.")
        if not errors and vals["ends_on"] and vals["ends_on"] < vals["starts_on"]:
            errors["ends_on"] = env._("The last day cannot come before the first one.")
        return vals, errors

    def _render_host(self, provider, place, member, values, errors=None, saved=False):
        today = fields.Date.context_today(provider)
        return request.render(
            "aptic_base.portal_hosting",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_place",
                "provider": provider,
                "place": place,
                "stays": place.hosting_ids,
                "sentence": place._hosting_sentence(today),
                "in_order": place._is_hosted(today),
                "kind": values.get("kind") or ("priming" if place.presence == "priming" else "convention"),
                "may_edit": member.role == "manager",
                "values": {"starts_on": today, **values},
                "accept": uploads.ACCEPT,
                "megabytes": request.env["aptic.upload"]._limits().size // 1024**2,
                "errors": errors or {},
                "saved": saved,
            },
        )
