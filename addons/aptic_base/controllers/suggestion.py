from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from ..texts import one_line
from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/suggestions"


class ApticSuggestionPortal(ApticPortal):
    """The services that a provider misses in the référentiel, on the portal."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_suggestions(self, provider_id, saved=None, name="", **_query):
        """List what was suggested with the answers, and the form for the next one; members read it."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._render_suggestions(provider, member, {"name": one_line(name, 150)}, saved=bool(saved))

    @route(URL, type="http", auth="user", website=True, methods=["POST"])
    def aptic_suggest(self, provider_id, confirmed=None, **post):
        """Hand a suggestion in; services with a name like it are shown first, to be confirmed."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        suggestions = request.env["aptic.service.suggestion"]
        vals = {
            "name": post.get("name"),
            "reason": post.get("reason"),
            "level_id": as_id(post.get("level_id")),
            "category_id": as_id(post.get("category_id")),
        }
        alike = suggestions._alike(one_line(vals["name"], 150))
        if alike and not confirmed:
            return self._render_suggestions(provider, member, post, alike=alike)
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    suggestions._suggest(provider, request.env.user, vals)
        except (UserError, ValidationError) as error:
            return self._render_suggestions(provider, member, post, error=str(error))
        return request.redirect(f"/my/aptic/provider/{provider.id}/suggestions?saved=1")

    def _render_suggestions(self, provider, member, values, error=None, alike=(), saved=False):
        suggestions = request.env["aptic.service.suggestion"].sudo()
        return request.render(
            "aptic_base.portal_suggestions",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_suggestions",
                "provider": provider,
                "suggestions": suggestions.search([("provider_id", "=", provider.id)], limit=200),
                "levels": request.env["aptic.service.level"].search([]),
                "level_id": as_id(values.get("level_id")),
                "category_id": as_id(values.get("category_id")),
                "may_edit": member.role == "manager",
                "values": values,
                "alike": alike,
                "error": error,
                "saved": saved,
            },
        )
