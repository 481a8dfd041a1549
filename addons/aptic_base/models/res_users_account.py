from odoo import models


class ResUsers(models.Model):
    """Accounts that are archived or closed: organisations keep a manager."""

    _inherit = "res.users"

    def write(self, vals):
        """Refuse to archive an organisation's last manager."""
        if "active" in vals and not vals["active"]:
            self.filtered("active")._check_organisations_keep_manager()
        return super().write(vals)

    def _check_organisations_keep_manager(self):
        """Refuse when an organisation of these accounts would lose its last manager.

        :raise UserError: names the organisation
        """
        memberships = self.env["aptic.member"].sudo().search([("user_id", "in", self.ids), ("role", "=", "manager")])
        if memberships:
            memberships._check_managers_stay()

    def _deactivate_portal_user(self, **post):
        """Close the account as its owner wishes; memberships end with it.

        The check comes first: Odoo swallows what fails once the account's login is gone.
        """
        self._check_organisations_keep_manager()
        for member in self.env["aptic.member"].sudo().search([("user_id", "in", self.ids)]):
            member._revoke()
        return super()._deactivate_portal_user(**post)
