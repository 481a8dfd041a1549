from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.http import request, route

DAYS = 31


class ApticCoveragePortal(ApticPortal):
    """The proof of coverage for those whose money or whose vouchers it is about."""

    @route("/my/aptic/coverage", type="http", auth="user", website=True, readonly=True)
    def aptic_coverage(self, **_query):
        """Show the totals of the last proofs to members of any organisation and to staff."""
        if not self._may_see_coverage():
            return self._aptic_denied()
        proofs = request.env["aptic.coverage"].sudo().search([("company_id", "=", request.env.company.id)], limit=DAYS)
        last = proofs[:1]
        values = {
            **self._prepare_portal_layout_values(),
            **self._coverage_values("/my/aptic/coverage"),
            "page_name": "aptic_coverage",
            "proof": last,
            "lines": last.line_ids.filtered(lambda line: line.kind in line._others_kinds()),
            "proofs": proofs,
        }
        return request.render("aptic_settlement.portal_coverage", values)
