import re

from odoo.addons.aptic_base.controllers.portal import ApticPortal, file_response
from odoo.http import request, route

PUBLIC = "/aptic/couverture"
MONTH = re.compile(r"20[0-9]{2}-[0-9]{2}")


class ApticCoveragePublic(ApticPortal):
    """The proof of coverage for anyone, where the operator chose to publish it; its files for members too."""

    def _no_coverage(self):
        response = request.render("aptic_base.public_missing", {"page_name": "aptic_coverage_public"})
        response.status_code = 404
        return response

    def _coverage_values(self, base):
        """What the table of the months needs, whoever reads it.

        :param base: address of the files of a month
        """
        proofs = request.env["aptic.coverage"].sudo()
        months = proofs._published_months()
        return {
            "months": [{**entry, "name": proofs._published_name(entry)} for entry in months],
            "papers": proofs._published_papers(months),
            "labels": proofs._published_labels(),
            "base": base,
            "currency": request.env.company.sudo().currency_id,
            "is_public": request.env.company.sudo().aptic_coverage_public,
        }

    def _coverage_file(self, month, kind):
        """The file of a month, or ``None`` where there is none."""
        proofs = request.env["aptic.coverage"].sudo()
        entry = proofs._published(month) if MONTH.fullmatch(month) and kind in ("pdf", "json") else None
        if entry is None:
            return None
        name = f"couverture-{month}.{kind}"
        paper = proofs._published_papers([entry]).get(month)
        if kind == "json":
            return file_response(proofs._published_json(entry, paper), name, "application/json")
        pdf = paper and paper._content()
        if not pdf:
            company = request.env.company.sudo()
            pdf = proofs._published_pdf(entry, proofs._published_address(entry, company), company)
        return file_response(pdf, name)

    @route(PUBLIC, type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def aptic_coverage_public(self, **_query):
        """Show the last twelve months' proofs to anyone, if the operator chose so."""
        if not request.env.company.sudo().aptic_coverage_public:
            return self._no_coverage()
        values = {"page_name": "aptic_coverage_public", **self._coverage_values(PUBLIC)}
        return request.render("aptic_settlement.public_coverage", values)

    @route(
        f"{PUBLIC}/<string:month>.<string:kind>", type="http", auth="public", website=True, methods=["GET"],
        readonly=True, sitemap=False,
    )  # fmt: skip
    def aptic_coverage_public_file(self, month, kind, **_query):
        """The proof of a month as a PDF or as figures for programs, for anyone, if the operator chose so."""
        if not request.env.company.sudo().aptic_coverage_public:
            return self._no_coverage()
        return self._coverage_file(month, kind) or self._no_coverage()

    @route(
        "/my/aptic/coverage/<string:month>.<string:kind>", type="http", auth="user", website=True, methods=["GET"],
        readonly=True,
    )  # fmt: skip
    def aptic_coverage_file(self, month, kind, **_query):
        """The same files for members of any organisation and for staff."""
        if not self._may_see_coverage():
            return self._aptic_denied()
        return self._coverage_file(month, kind) or self._no_coverage()

    def _may_see_coverage(self):
        user = request.env.user
        return user.has_group("aptic_base.group_aptic_user") or bool(request.env["aptic.member"]._organisations())
