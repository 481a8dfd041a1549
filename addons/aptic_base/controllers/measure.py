from odoo.exceptions import UserError
from odoo.http import request, route

from .portal import ApticPortal, as_id

URL = "/my/aptic/provider/<int:provider_id>/measure"


class ApticMeasurePortal(ApticPortal):
    """What a suspended or struck-off provider reads, and where its managers appeal."""

    @route(URL, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_measure(self, provider_id, saved=None, **_query):
        """Say which measures are in force, why, and what to do."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._render_measures(provider, member, saved=bool(saved))

    @route(URL, type="http", auth="user", website=True, methods=["POST"])
    def aptic_measure_appeal(self, provider_id, measure_id=None, appeal=None, **post):
        """Write an appeal; what is wrong is said on the form."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        domain = [("id", "=", as_id(measure_id)), ("provider_id", "=", provider.id)]
        measure = request.env["aptic.measure"].sudo().search(domain)
        if not measure:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                if self._form_once(post):
                    measure._write_appeal(request.env.user, appeal)
        except UserError as error:
            return self._render_measures(provider, member, refused=measure, typed=appeal, error=str(error))
        return request.redirect(f"/my/aptic/provider/{provider.id}/measure?saved=1")

    def _render_measures(self, provider, member, **values):
        measures = provider.measure_ids
        current = provider._open_measures() or provider._striking_off()
        return request.render(
            "aptic_base.portal_measure",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_measure",
                "provider": provider,
                "is_manager": member.role == "manager",
                "current": current,
                "former": measures - current,
                "what_to_do": {measure: provider._what_to_do(measure) for measure in current},
                "refused": measures.browse(),
                "typed": "",
                "error": None,
                "saved": False,
                **values,
            },
        )
