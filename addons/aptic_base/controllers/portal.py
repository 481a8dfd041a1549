from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request

LARGEST_ID = 2**31 - 1


def as_id(value):
    """Return a form's value as a record id; 0 when it is not one."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST_ID else 0


ROLES = ("manager", "mediator", "accountant")


class ApticPortal(CustomerPortal):
    """What the portal pages of an organisation share: whose it is, and a clear page when it is not the user's."""

    def _aptic_member(self, model, organisation_id, roles=ROLES):
        """Return ``(organisation, member)``, both sudo and both empty when the user has none of ``roles`` in it.

        :param str model: ``aptic.provider``, ``aptic.sponsor`` or ``aptic.distributor``
        :param int organisation_id: as the address says it; it need not exist
        """
        if not 0 < organisation_id <= LARGEST_ID:
            return request.env[model].sudo(), request.env["aptic.member"].sudo()
        member = request.env["aptic.member"]._find(request.env[model].browse(organisation_id), roles)
        organisation = request.env[model].sudo().browse(organisation_id) if member else request.env[model].sudo()
        return organisation, member

    def _aptic_denied(self, member=None):
        """The page that says that this is for others; the same whether the organisation exists or not."""
        values = {**self._prepare_portal_layout_values(), "page_name": "aptic", "member": member}
        response = request.render("aptic_base.portal_denied", values)
        response.status_code = 403
        return response
