from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.exceptions import UserError
from odoo.http import request, route


class ApticJoin(ApticPortal):
    """A signed-up visitor creates the dossier of an organisation."""

    def _join_page(self, values=None, error=None):
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
            },
        )

    @route("/my/aptic/join", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_join(self, **_query):
        """Show the form."""
        return self._join_page()

    @route("/my/aptic/join", type="http", auth="user", website=True, methods=["POST"])
    def aptic_join_submit(self, **post):
        """Create the organisation, or say on the same page why not."""
        try:
            with request.env.cr.savepoint():
                if not self._form_once(post):
                    return request.redirect("/my/aptic")
                provider = request.env["aptic.provider"]._join(request.env.user, post)
        except UserError as error:
            return self._join_page(post, error.args[0])
        return request.redirect(f"/my/aptic/provider/{provider.id}")
