from odoo.exceptions import UserError, ValidationError
from odoo.http import content_disposition, request, route

from .portal import ApticPortal

URL = "/my/aptic/provider/<int:provider_id>/account"


class ApticAccountPortal(ApticPortal):
    """What an organisation says of itself, who signs for it, and the mandate form."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_account(self, provider_id, saved=None, **_query):
        """Show the data of the organisation."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        return self._render_account(provider, member, provider._account_values(), saved=bool(saved))

    @route(URL, type="http", auth="user", website=True, methods=["POST"])
    def aptic_account_save(self, provider_id, **post):
        """Change the data; what is wrong is said beside the field, and nothing is written then."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        errors = provider._account_problems(provider._clean_account(post))
        if not errors and (conflict := self._form_conflict(provider, post)):
            errors["form"] = conflict
        if not errors:
            try:
                with request.env.cr.savepoint():
                    if self._form_once(post):
                        provider._change_account(post)
                return request.redirect(f"/my/aptic/provider/{provider.id}/account?saved=1")
            except (UserError, ValidationError) as error:
                errors["form"] = error.args[0]
        return self._render_account(provider, member, {**provider._account_values(), **post}, errors)

    @route(f"{URL}/signatory", type="http", auth="user", website=True, methods=["POST"])
    def aptic_account_signatory(self, provider_id, acts_as="", **_post):
        """Say for whom the current user signs."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        try:
            member._declare(acts_as)
        except UserError as error:
            return self._render_account(provider, member, provider._account_values(), {"acts_as": error.args[0]})
        return request.redirect(f"/my/aptic/provider/{provider.id}/account?saved=1#account_signatory")

    @route(f"{URL}/mandate", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_account_mandate(self, provider_id, **_query):
        """Download the mandate form, filled in with what is known."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        return request.make_response(
            provider._mandate_form(request.env.user),
            [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(f"mandat-aptic-{provider.siret}.pdf")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _render_account(self, provider, member, values, errors=None, saved=False):
        return request.render(
            "aptic_base.portal_account",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(provider),
                "page_name": "aptic_account",
                "provider": provider,
                "member": member,
                "values": values,
                "errors": errors or {},
                "saved": saved,
                "may_change_identity": provider._may_change_identity(),
                "legal_forms": provider._fields["legal_form"]._description_selection(request.env),
                "mandate": provider._mandate_of(request.env.user),
            },
        )
