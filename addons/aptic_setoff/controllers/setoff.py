from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, file_response
from odoo.addons.aptic_eligibility.controllers.dossier import ApticDossier
from odoo.exceptions import LockError, UserError
from odoo.http import request, route

from ..models.aptic_setoff_agreement import VERSION

PAGE = "/my/aptic/provider/<int:provider_id>/setoff"
MONEY_ROLES = ("manager", "accountant")


class ApticSetoffPortal(ApticDossier):
    """A provider's agreement that overdue subscription invoices are set against its counter-payments."""

    def _setoff(self, provider, member, error=None, saved=False, **typed):
        agreements = provider.setoff_agreement_ids.filtered(lambda one: one.company_id == request.env.company)
        agreement = agreements.filtered(lambda one: not one.withdrawn_at)
        wanted = request.env.company.sudo().aptic_setoff_subscriptions
        values = {
            **self._prepare_portal_layout_values(),
            **self._form_values(),
            "page_name": "aptic_setoff",
            "provider": provider,
            "is_manager": member.role == "manager",
            "base_url": f"/my/aptic/provider/{provider.id}",
            "agreement": agreement,
            "earlier": agreements - agreement,
            "wanted": wanted,
            "blocker": provider._signing_blocker(request.env.user) if wanted and member.role == "manager" else None,
            "clauses": agreement.body.split("\n") if agreement else agreements._clauses(),
            "version": VERSION,
            "typed": {"name": provider.representative_name, "capacity": provider.representative_capacity, **typed},
            "error": error,
            "saved": saved,
        }
        response = request.render("aptic_setoff.portal_setoff", values)
        if error:
            response.status_code = 422
        return response

    def _setoff_act(self, provider_id, post, verb, **typed):
        """Run a manager's verb once."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    verb(provider)
        except UserError as error:
            return self._setoff(provider, member, str(error), **typed)
        except LockError:
            busy = request.env._("Somebody is working on this at the same moment: try again.")
            return self._setoff(provider, member, busy, **typed)
        return request.redirect(f"/my/aptic/provider/{provider.id}/setoff?saved=1")

    @route(PAGE, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_setoff(self, provider_id, saved=None, **_query):
        """Show what is agreed to, the agreement that holds, and earlier ones."""
        provider, member = self._aptic_member("aptic.provider", provider_id, MONEY_ROLES)
        if not member:
            return self._aptic_denied()
        return self._setoff(provider, member, saved=bool(saved))

    @route(PAGE, type="http", auth="user", website=True, methods=["POST"])
    def aptic_setoff_sign(self, provider_id, name="", capacity="", version="", confirmed=None, **post):
        """Agree, as who is entitled to sign for the provider."""

        def verb(provider):
            if not confirmed:
                raise UserError(request.env._("Tick the box: you have read what you agree to."))
            request.env["aptic.setoff.agreement"]._sign(provider, request.env.user, name, capacity, version)

        return self._setoff_act(provider_id, post, verb, name=name, capacity=capacity)

    @route(f"{PAGE}/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def aptic_setoff_withdraw(self, provider_id, **post):
        """Withdraw the agreement that holds."""

        def verb(provider):
            if agreement := request.env["aptic.setoff.agreement"]._of(provider):
                agreement.sudo(False)._withdraw()

        return self._setoff_act(provider_id, post, verb)

    @route("/my/aptic/setoff/<int:agreement_id>/pdf", type="http", auth="user", website=True, readonly=True)
    def aptic_setoff_pdf(self, agreement_id, **_query):
        """The agreement on paper; for staff too."""
        agreement = request.env["aptic.setoff.agreement"].sudo()
        if 0 < agreement_id <= LARGEST_ID:
            agreement = agreement.browse(agreement_id).exists()
        member = agreement and request.env["aptic.member"]._find(agreement.provider_id, MONEY_ROLES)
        is_staff = request.env.user.has_group("aptic_base.group_aptic_user") and agreement.sudo(False).has_access(
            "read"
        )
        if not agreement or not (member or is_staff):
            return self._aptic_denied()
        return file_response(agreement._pdf(), agreement._pdf_name())
