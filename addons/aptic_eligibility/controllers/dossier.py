from datetime import date

from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.exceptions import UserError
from odoo.http import content_disposition, request, route

DOSSIER = "/my/aptic/provider/<int:provider_id>"


class ApticDossier(ApticPortal):
    """A provider's dossier: five steps from the questionnaire to the first scan. Members read, the manager acts."""

    def _dossier_page(self, provider, member, template, page_name, form_record=None, **values):
        return request.render(
            f"aptic_eligibility.{template}",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(form_record),
                "page_name": page_name,
                "provider": provider,
                "is_manager": member.role == "manager",
                "base_url": f"/my/aptic/provider/{provider.id}",
                **values,
            },
        )

    # ---------------------------------------------------------------- dossier
    def _dossier(self, provider, member, error=None):
        steps = provider._joining_steps()
        return self._dossier_page(
            provider,
            member,
            "portal_dossier",
            "aptic_dossier",
            steps=steps,
            done=sum(step["done"] for step in steps),
            blockers=provider._activation_blockers() if provider.state == "chartered" else [],
            error=error,
        )

    @route(DOSSIER, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_dossier(self, provider_id, **_query):
        """Show the progress over the five steps."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._dossier(provider, member)

    @route(f"{DOSSIER}/activate", type="http", auth="user", website=True, methods=["POST"])
    def aptic_activate(self, provider_id, **_post):
        """Become active once nothing is missing."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        if provider.state == "chartered" and not provider._activate_if_complete():
            return self._dossier(provider, member, request.env._("Something is still missing: see the list below."))
        return request.redirect(f"/my/aptic/provider/{provider.id}")

    # ------------------------------------------------------------ eligibility
    def _eligibility(self, provider, member, error=None, department=None):
        applications = provider.application_ids
        current = applications.filtered(lambda application: application.state != "decided")
        decision = provider.decision_ids[:1]
        reapply_day = applications._reapply_day(provider)
        department = provider._department(department)
        diagnosis = []
        if decision and not current and provider.state != "struck_off":
            diagnosis = decision._diagnosis(department or provider._home_territories())
        return self._dossier_page(
            provider,
            member,
            "portal_eligibility",
            "aptic_eligibility",
            application=current,
            decision=decision,
            diagnosis=diagnosis,
            departments=provider._departments() if diagnosis and decision.outcome == "declined" else provider.browse(),
            department=department,
            reapply_day=reapply_day if reapply_day != date.max else None,
            may_start=member.role == "manager"
            and (bool(current) or not reapply_day or reapply_day <= applications._today()),
            error=error,
        )

    @route(f"{DOSSIER}/eligibility", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_eligibility(self, provider_id, department=None, **_query):
        """Say where the application stands, and its result; help near a department when one is chosen."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._eligibility(provider, member, department=department)

    @route(f"{DOSSIER}/eligibility", type="http", auth="user", website=True, methods=["POST"])
    def aptic_eligibility_start(self, provider_id, **_post):
        """Open the questionnaire, or resume it."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        try:
            application = request.env["aptic.application"].sudo()._start(provider, request.env.user)
        except UserError as error:
            return self._eligibility(provider, member, error.args[0])
        return request.redirect(application.user_input_id.get_start_url())

    # ---------------------------------------------------------------- charter
    @route(f"{DOSSIER}/charter", type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_charter(self, provider_id, **_query):
        """Show the charter in force, to sign or signed."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        charter = request.env["aptic.charter"]._current()
        signatures = provider._current_signatures()
        wanted = bool(
            charter
            and provider.state in ("eligible", "chartered", "active", "suspended")
            and charter not in signatures.charter_id
            and (provider.charter_due_on or not signatures)
        )
        return self._dossier_page(
            provider,
            member,
            "portal_charter",
            "aptic_charter",
            charter=charter,
            signature=signatures[:1],
            earlier=provider.charter_signature_ids - signatures[:1],
            due_on=provider.charter_due_on,
            wanted=wanted,
            may_sign=wanted and member.role == "manager",
        )

    @route(f"{DOSSIER}/charter/sign", type="jsonrpc", auth="user", website=True)
    def aptic_charter_sign(
        self, provider_id, name=None, capacity=None, signature=None, form_token=None, charter_id=None, **_other
    ):
        """Sign the charter in force; answers ``error`` or ``redirect_url``."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return {"error": request.env._("Only a manager of the organisation signs.")}
        try:
            with request.env.cr.savepoint():
                if self._form_once({"form_token": form_token}):
                    request.env["aptic.charter.signature"].sudo()._sign(
                        provider,
                        request.env.user,
                        name,
                        capacity,
                        signature,
                        request.httprequest.remote_addr,
                        charter_id,
                    )
        except UserError as error:
            return {"error": error.args[0]}
        return {"redirect_url": f"/my/aptic/provider/{provider.id}/charter"}

    @route(
        [f"{DOSSIER}/charter/pdf", f"{DOSSIER}/charter/pdf/<int:signature_id>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def aptic_charter_pdf(self, provider_id, signature_id=None, **_query):
        """Download the charter signed last, or an earlier one."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        signature = provider.charter_signature_ids
        if signature_id is not None:
            signature = signature.filtered(lambda earlier: earlier.id == signature_id)
        signature = signature[:1]
        if not member or not signature:
            return self._aptic_denied()
        attachment = signature.attachment_id
        return request.make_response(
            attachment.raw,
            [
                ("Content-Type", "application/pdf"),
                ("Content-Disposition", content_disposition(attachment.name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
