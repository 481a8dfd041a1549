from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.exceptions import UserError
from odoo.http import request, route


class ApticJoin(ApticPortal):
    """A signed-up visitor creates the dossier of an organisation; what is typed is kept until then."""

    def _join_page(self, values=None, error=None, is_draft=False):
        provider = request.env["aptic.provider"]
        return request.render(
            "aptic_eligibility.portal_join",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_join",
                "legal_forms": provider._fields["legal_form"]._description_selection(request.env),
                "values": values or {},
                "error": error,
                "is_draft": is_draft,
            },
        )

    @route("/my/aptic/join", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_join(self, **_query):
        """Show the form, with what was typed before."""
        values = request.env["aptic.join.draft"]._of(request.env.user)
        return self._join_page(values, is_draft=bool(values))

    @route("/my/aptic/join", type="http", auth="user", website=True, methods=["POST"])
    def aptic_join_submit(self, **post):
        """Create the organisation, or say on the same page why not."""
        drafts = request.env["aptic.join.draft"]
        try:
            with request.env.cr.savepoint():
                if not self._form_once(post):
                    return request.redirect("/my/aptic")
                provider = request.env["aptic.provider"]._join(request.env.user, post)
                drafts._forget(request.env.user)
        except UserError as error:
            drafts._keep(request.env.user, post)
            return self._join_page(post, error.args[0])
        return request.redirect(f"/my/aptic/provider/{provider.id}")

    @route("/my/aptic/join/draft", type="jsonrpc", auth="user", website=True)
    def aptic_join_draft(self, values=None, **_other):
        """Keep what is in the form while it is being filled in."""
        request.env["aptic.join.draft"]._keep(request.env.user, values if isinstance(values, dict) else {})
        return {"saved": True}
