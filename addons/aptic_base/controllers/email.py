from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.tools import email_normalize


class ApticEmailPortal(CustomerPortal):
    """Odoo's own account page: the e-mail address cannot be changed there."""

    def _validate_address_values(self, address_values, partner_sudo, *args, **kwargs):
        invalid, missing, messages = super()._validate_address_values(address_values, partner_sudo, *args, **kwargs)
        former = email_normalize(partner_sudo.email or "") if partner_sudo else ""
        typed = email_normalize(address_values.get("email") or "")
        if former and "email" in address_values and typed != former and partner_sudo._has_portal_account():
            invalid.add("email")
            messages.append(partner_sudo._email_is_bound_sentence())
        return invalid, missing, messages
