from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.aptic_member import COLUMNS
from .portal import ApticPortal

PROVIDER = "/my/aptic/provider/<int:organisation_id>/members"
SPONSOR = "/my/aptic/sponsor/<int:organisation_id>/members"
DISTRIBUTOR = "/my/aptic/distributor/<int:organisation_id>/members"
INVITATION = "/my/aptic/invitation/<string:token>"
PAGE = 50
NOTICES = ("invited", "role", "revoked", "resent")


class ApticMemberPortal(ApticPortal):
    """Who acts for an organisation: managers invite, change roles and take access away."""

    @route([PROVIDER, SPONSOR, DISTRIBUTOR], type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_members(self, organisation_id, page=1, notice=None, **_query):
        """List members and invitations."""
        organisation, member = self._managed(organisation_id)
        if not member:
            return self._aptic_denied()
        return self._render_members(organisation, member, page=page, notice=notice if notice in NOTICES else None)

    @route([PROVIDER, SPONSOR, DISTRIBUTOR], type="http", auth="user", website=True, methods=["POST"])
    def aptic_member_invite(self, organisation_id, **post):
        """Invite somebody by mail."""
        organisation, member = self._managed(organisation_id)
        if not member:
            return self._aptic_denied()
        if not self._form_once(post):
            return request.redirect(f"{self._members_url(organisation)}?notice=invited")
        try:
            with request.env.cr.savepoint():
                request.env["aptic.member"]._invite(organisation, post.get("email"), post.get("name"), post.get("role"))
        except UserError as error:
            return self._render_members(organisation, member, values=post, error=error.args[0])
        return request.redirect(f"{self._members_url(organisation)}?notice=invited")

    @route(
        [f"{PROVIDER}/<int:member_id>", f"{SPONSOR}/<int:member_id>", f"{DISTRIBUTOR}/<int:member_id>"],
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def aptic_member_change(self, organisation_id, member_id, act="", role="", **_post):
        """Change a role, take access away, or send an invitation again."""
        organisation, member = self._managed(organisation_id)
        other = self._members(organisation).filtered(lambda one: one.id == member_id) if member else member
        if not other:
            return self._aptic_denied()
        verbs = {
            "role": lambda: other._give_role(role),
            "revoked": other._revoke,
            "resent": other._resend,
        }
        if act not in verbs:
            return self._render_members(organisation, member, error=request.env._("Choose what to do."))
        try:
            with request.env.cr.savepoint():
                verbs[act]()
        except UserError as error:
            return self._render_members(organisation, member, list_error=error.args[0])
        if other.user_id == request.env.user and (act == "revoked" or role != "manager"):
            return request.redirect("/my/aptic")
        return request.redirect(f"{self._members_url(organisation)}?notice={act}")

    # -------------------------------------------------------------- invitation
    @route(INVITATION, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_invitation(self, token, **_query):
        """Ask the invited person to accept."""
        return self._render_invitation(request.env["aptic.member"]._of_invitation(token), token)

    @route(INVITATION, type="http", auth="user", website=True, methods=["POST"])
    def aptic_invitation_accept(self, token, **_post):
        """Join."""
        member = request.env["aptic.member"]._of_invitation(token)
        try:
            if member:
                with request.env.cr.savepoint():
                    member._accept(request.env.user)
                return request.redirect("/my/aptic")
        except UserError as error:
            return self._render_invitation(member, token, error.args[0])
        return self._render_invitation(member, token)

    # ----------------------------------------------------------------- helpers
    def _managed(self, organisation_id):
        """Return ``(organisation, member)``, both sudo and both empty unless the user manages it."""
        kind = request.httprequest.path.rpartition("/members")[0].rpartition("/")[0].rpartition("/")[2]
        return self._aptic_member(f"aptic.{kind}", organisation_id, ("manager",))

    def _members(self, organisation):
        """Members and invitations of an organisation, as one recordset (sudo)."""
        members = request.env["aptic.member"].sudo().with_context(active_test=False)
        return members.search(self._members_domain(organisation), order="pending, id")

    def _members_domain(self, organisation):
        column = COLUMNS[organisation._name]
        return [(column, "=", organisation.id), "|", ("active", "=", True), ("pending", "=", True)]

    def _members_url(self, organisation):
        return f"/my/aptic/{organisation._name.removeprefix('aptic.')}/{organisation.id}/members"

    def _render_members(self, organisation, member, page=1, values=None, error=None, list_error=None, notice=None):
        members, url = self._members(organisation), self._members_url(organisation)
        pager = portal_pager(url, len(members), page=page, step=PAGE)
        return request.render(
            "aptic_base.portal_members",
            {
                **self._prepare_portal_layout_values(),
                **self._form_values(organisation),
                "page_name": "aptic_members",
                "organisation": organisation,
                "provider": organisation if organisation._name == "aptic.provider" else None,
                "members": members[pager["offset"] : pager["offset"] + PAGE],
                "me": member,
                "pager": pager,
                "members_url": url,
                "roles": member._fields["role"]._description_selection(request.env),
                "values": values or {},
                "error": error,
                "list_error": list_error,
                "notice": notice,
            },
        )

    def _render_invitation(self, member, token, error=None):
        response = request.render(
            "aptic_base.portal_invitation",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "aptic",
                "invitation": member,
                "is_mine": bool(member) and member.user_id == request.env.user,
                "token": token,
                "error": error,
            },
        )
        if not member:
            response.status_code = 404
        return response
