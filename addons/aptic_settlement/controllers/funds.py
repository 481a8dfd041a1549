from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal, as_id, file_response
from odoo.exceptions import AccessError, UserError
from odoo.http import request, route

from .. import amounts

FUNDS = "/aptic/fonds"
MINE = "/my/aptic/provider/<int:provider_id>/funds"
YEARS = range(2017, 2200)


class ApticFunds(ApticPortal):
    """The territorial funds: for anyone what they have and whom they help, for providers the calls."""

    # ------------------------------------------------------------------ public
    def _public_fund(self, fund_id):
        if not 0 < fund_id <= LARGEST_ID:
            return request.env["aptic.fund"].sudo()
        return request.env["aptic.fund"].sudo().browse(fund_id).exists()

    def _no_fund(self):
        response = request.render("aptic_base.public_missing", {"page_name": "aptic_funds"})
        response.status_code = 404
        return response

    @route(FUNDS, type="http", auth="public", website=True, methods=["GET"], readonly=True, sitemap=False)
    def aptic_funds(self, **_query):
        """List the funds with their balances, the open calls and the grants, for anyone."""
        values = {"page_name": "aptic_funds", **request.env["aptic.fund"]._public()}
        return request.render("aptic_settlement.public_funds", values)

    @route(
        f"{FUNDS}/<int:fund_id>", type="http", auth="public", website=True, methods=["GET"], readonly=True,
        sitemap=False,
    )  # fmt: skip
    def aptic_fund(self, fund_id, **_query):
        """Show one fund: its years and its grants, for anyone."""
        fund = self._public_fund(fund_id)
        if not fund:
            return self._no_fund()
        grants = request.env["aptic.fund.grant"].sudo()
        values = {
            "page_name": "aptic_funds",
            "fund": fund,
            "years": [{"year": year, **fund._year(year)} for year in fund._years()],
            "grants": grants.search(
                [("fund_id", "=", fund.id), ("state", "=", "granted")], order="day desc, id desc", limit=500
            ),
        }
        return request.render("aptic_settlement.public_fund", values)

    @route(
        f"{FUNDS}/<int:fund_id>/<int:year>.<string:kind>", type="http", auth="public", website=True, methods=["GET"],
        readonly=True, sitemap=False,
    )  # fmt: skip
    def aptic_fund_year(self, fund_id, year, kind, **_query):
        """The statement of a year, as a PDF or as a table, for anyone."""
        fund = self._public_fund(fund_id)
        if not fund or year not in YEARS or kind not in ("pdf", "csv"):
            return self._no_fund()
        content = fund._year_pdf(year) if kind == "pdf" else fund._year_csv(year)
        mimetype = "application/pdf" if kind == "pdf" else "text/csv; charset=utf-8"
        return file_response(content, fund._year_name(year, kind), mimetype, inline=kind == "pdf")

    # --------------------------------------------------------------- providers
    @route(MINE, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_fund_calls(self, provider_id, saved=None, **_query):
        """Show a provider the calls of its territories and its applications with the answers."""
        provider, member = self._aptic_member("aptic.provider", provider_id)
        if not member:
            return self._aptic_denied()
        return self._render_fund_calls(provider, member, {}, saved=bool(saved))

    @route(MINE, type="http", auth="user", website=True, methods=["POST"])
    def aptic_fund_apply(self, provider_id, **post):
        """Hand an application in."""
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        if not member:
            return self._aptic_denied()
        calls = request.env["aptic.fund.call"]._open_now()
        call = calls.filtered(lambda call: call.id == as_id(post.get("call_id")))
        error = None
        try:
            if not call:
                raise UserError(request.env._("This call takes no applications today."))
            with request.env.cr.savepoint():
                if self._form_once(post):
                    request.env["aptic.fund.grant"]._apply(
                        call, provider, post.get("title"), post.get("project"), amounts.parse(post.get("amount"))
                    )
        except (AccessError, UserError) as refusal:
            error = str(refusal)
        if error:
            return self._render_fund_calls(provider, member, post, error=error)
        return request.redirect(f"/my/aptic/provider/{provider.id}/funds?saved=1")

    def _render_fund_calls(self, provider, member, values, error=None, saved=False):
        grants = request.env["aptic.fund.grant"].sudo().search([("provider_id", "=", provider.id)], limit=200)
        applied = grants.filtered(lambda grant: grant.state != "declined").call_id
        calls = request.env["aptic.fund.call"]._open_now().filtered(lambda call: call._is_for(provider))
        return request.render(
            "aptic_settlement.portal_fund_calls",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(),
                "page_name": "aptic_fund_calls",
                "provider": provider,
                "calls": calls,
                "applied": applied,
                "grants": grants,
                "may_apply": member.role == "manager" and provider.state == "active",
                "values": values,
                "call_id": as_id(values.get("call_id")),
                "error": error,
                "saved": saved,
            },
        )
