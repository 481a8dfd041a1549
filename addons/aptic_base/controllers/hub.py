from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request, route


class ApticHub(CustomerPortal):
    """The door of the portal: my organisations, and what I may do in each."""

    def _prepare_hub_values(self):
        """Values of ``aptic_base.portal_hub``; other addons add theirs."""
        return {
            **self._prepare_portal_layout_values(),
            "page_name": "aptic",
            "organisations": request.env["aptic.member"]._organisations(),
        }

    @route("/my/aptic", type="http", auth="user", website=True, readonly=True)
    def aptic_hub(self, **_query):
        """List the user's organisations with links by role."""
        return request.render("aptic_base.portal_hub", self._prepare_hub_values())
