from datetime import timedelta
from urllib.parse import urlencode

from odoo import fields
from odoo.addons.aptic_base.controllers.portal import ApticPortal
from odoo.addons.aptic_base.texts import one_line
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import AccessError, LockError, UserError
from odoo.http import request, route

PAGE = 30
LONGEST_REASON = 200
NOTICES = ("cancelled", "busy", "reason", "settled")


class ApticRedemptions(ApticPortal):
    """The scans of a provider, its figures, and the cancellation of one."""

    @route(
        ["/my/aptic/redemptions", "/my/aptic/redemptions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        readonly=True,
    )
    def aptic_redemptions(self, page=1, provider_id=None, period="today", notice=None, **_query):
        """List the scans that the user may see: a manager or accountant all of the provider's, a mediator his own."""
        members = self._provider_members()
        if provider_id:
            members = members.filtered(lambda member: str(member.provider_id.id) == provider_id)
        if not members:
            return self._aptic_denied()
        member = members[0]
        periods = self._periods()
        period = period if period in periods else "today"
        domain = [("provider_id", "=", member.provider_id.id), *periods[period]["domain"]]
        model = request.env["aptic.redemption"]
        address = {"provider_id": member.provider_id.id, "period": period}
        pager = portal_pager(
            url="/my/aptic/redemptions", url_args=address, total=model.search_count(domain), page=page, step=PAGE
        )
        redemptions = model.search(domain, limit=PAGE, offset=pager["offset"])
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_redemptions",
            "member": member,
            "members": self._provider_members(),
            "provider": member.provider_id,
            "redemptions": redemptions.sudo(),
            "figures": model._figures(domain),
            "periods": periods,
            "period": period,
            "pager": pager,
            "page": page,
            "may_cancel": member.role == "manager",
            "notice": notice if notice in NOTICES else None,
        }
        return request.render("aptic_pos.portal_redemptions", values)

    @route("/my/aptic/redemptions/<int:redemption_id>/cancel", type="http", auth="user", website=True, methods=["POST"])
    def aptic_redemption_cancel(self, redemption_id, reason="", period="today", page="1", **_form):
        """Cancel a scan of the user's provider, with a reason."""
        redemption = request.env["aptic.redemption"].search([("id", "=", redemption_id)])
        if not redemption:
            return self._aptic_denied()
        notice = "cancelled"
        reason = one_line(reason, LONGEST_REASON)
        if not reason:
            notice = "reason"
        else:
            try:
                redemption._cancel(reason)
            except AccessError:
                return self._aptic_denied()
            except LockError:
                notice = "busy"
            except UserError:
                notice = "settled"
        provider_id = redemption.sudo().provider_id.id
        address = urlencode({"provider_id": provider_id, "period": period, "notice": notice})
        number = f"/page/{page}" if page.isdecimal() else ""
        return request.redirect(f"/my/aptic/redemptions{number}?{address}")

    def _provider_members(self):
        domain = [("user_id", "=", request.env.uid), ("provider_id", "!=", False)]
        members = request.env["aptic.member"].sudo().search(domain)
        return members.sorted(lambda member: member.provider_id.name or "")

    def _periods(self):
        today = fields.Date.context_today(request.env.user.with_context(tz="Europe/Paris"))
        month = today.replace(day=1)
        last_month = (month - timedelta(days=1)).replace(day=1)
        env = request.env
        return {
            "today": {"label": env._("Today"), "domain": [("day", "=", today)]},
            "week": {"label": env._("7 days"), "domain": [("day", ">", today - timedelta(days=7))]},
            "month": {"label": env._("This month"), "domain": [("day", ">=", month)]},
            "last_month": {"label": env._("Last month"), "domain": [("day", ">=", last_month), ("day", "<", month)]},
            "all": {"label": env._("All"), "domain": []},
        }
