from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

# Identity of this object is the permission: it cannot arrive through RPC, where a context is plain JSON.
CHANGE = object()


class ResPartner(models.Model):
    """The e-mail address of a portal account is bound to it for good, whatever way is tried."""

    _inherit = "res.partner"

    def write(self, vals):
        """Refuse another e-mail address for somebody who has a portal account."""
        if "email" in vals:
            self._check_email_is_bound(vals["email"])
        return super().write(vals)

    def _check_email_is_bound(self, email):
        """Refuse ``email`` unless it is the present address, or the change is that of ``res.users._change_email``.

        :raise UserError: says who can change it
        """
        if self.env.context.get("aptic_email_change") is CHANGE or self.env.user._is_superuser():
            return
        for partner in self.sudo():
            is_same = email_normalize(email or "") == email_normalize(partner.email or "")
            if partner.email and not is_same and partner._has_portal_account():
                raise UserError(self._email_is_bound_sentence())

    def _has_portal_account(self):
        self.ensure_one()
        return any(user._is_portal() for user in self.with_context(active_test=False).user_ids)

    def _email_is_bound_sentence(self):
        return self.env._(
            "The e-mail address of an #APTIC account is bound to it for good. Write to the #APTIC team if you lose it."
        )
