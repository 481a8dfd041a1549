from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route

from ..texts import one_line
from .portal import ApticPortal
from .uploads import LARGEST_FORM, sent_files

URL = "/my/aptic/provider/<int:provider_id>/bank"


class ApticBankPortal(ApticPortal):
    """Where a provider's counter-payments go: read by its accountants, changed by its managers."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_bank(self, provider_id, saved=None, **_query):
        """Show the account in force, masked, and what is waiting."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager", "accountant"))
        if not member:
            return self._aptic_denied()
        return self._render_bank(provider, member, {"holder_name": provider.name}, saved=bool(saved))

    @route(URL, type="http", auth="user", website=True, methods=["POST"], max_content_length=LARGEST_FORM)
    def aptic_bank_request(self, provider_id, **post):
        """Ask for a change; another person of #APTIC decides."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        values = {name: one_line(post.get(name), 140) for name in ("iban", "bic", "holder_name")}
        try:
            files = sent_files("files")
            with request.env.cr.savepoint():
                if self._form_once(post):
                    request.env["aptic.bank.change"]._request(
                        provider, values["iban"], values["holder_name"], values["bic"], files
                    )
        except (UserError, ValidationError) as error:
            return self._render_bank(provider, member, values, error=str(error))
        return request.redirect(f"/my/aptic/provider/{provider.id}/bank?saved=1")

    def _render_bank(self, provider, member, values, error=None, saved=False):
        changes = provider.bank_change_ids.sorted("id", reverse=True)
        return request.render(
            "aptic_base.portal_bank",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_bank",
                "provider": provider,
                "account": provider.bank_account_id,
                "pending": changes.filtered(lambda change: change.state == "requested")[:1],
                "decided": changes.filtered(lambda change: change.state != "requested")[:10],
                "may_edit": member.role == "manager",
                "values": values,
                "rib_type": request.env["aptic.paper.type"].search(
                    [("bank_details", "=", True), ("legal_form", "=", provider.legal_form)], limit=1
                ),
                "limits": request.env["aptic.upload"]._limits(),
                "error": error,
                "saved": saved,
            },
        )
