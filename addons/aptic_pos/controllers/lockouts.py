from odoo.addons.aptic_base.controllers.portal import LARGEST_ID, ApticPortal
from odoo.exceptions import AccessError, UserError
from odoo.http import request, route

LOCKOUT = "/my/aptic/lockouts/<int:lockout_id>"


class ApticLockouts(ApticPortal):
    """What a manager reads of a mediator's wrong codes, and the button that lets him scan again."""

    @route(LOCKOUT, type="http", auth="user", website=True, methods=["GET"], readonly=True)
    def aptic_lockout(self, lockout_id, **_query):
        """Show one lock-out of a provider that the user manages."""
        lockout = self._managed_lockout(lockout_id)
        return self._render_lockout(lockout) if lockout else self._aptic_denied()

    @route(LOCKOUT, type="http", auth="user", website=True, methods=["POST"])
    def aptic_lockout_lift(self, lockout_id, reason="", **_form):
        """Lift it."""
        lockout = self._managed_lockout(lockout_id)
        if not lockout:
            return self._aptic_denied()
        try:
            with request.env.cr.savepoint():
                lockout.with_user(request.env.user)._lift(reason)
        except (AccessError, UserError) as error:
            return self._render_lockout(lockout, error.args[0], reason)
        return request.redirect(f"/my/aptic/lockouts/{lockout_id}")

    def _managed_lockout(self, lockout_id):
        """The lock-out as sudo, or empty when there is none or its provider is not the user's to manage."""
        lockout = request.env["aptic.lockout"].sudo().browse(min(lockout_id, LARGEST_ID)).exists()
        member = lockout and request.env["aptic.member"]._find(lockout.provider_id, ("manager",))
        return lockout if member else lockout.browse()

    def _render_lockout(self, lockout, error=None, reason=""):
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic_lockout",
            "lockout": lockout,
            "provider": lockout.provider_id,
            "is_own": lockout.user_id == request.env.user,
            "error": error,
            "reason": reason,
        }
        return request.render("aptic_pos.portal_lockout", values)
