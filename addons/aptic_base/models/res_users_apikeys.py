from odoo import fields, models

from .aptic_api_key import SCOPE


class ResUsersApikeys(models.Model):
    """A secret of ours that is taken away by Odoo's own pages ends the key too."""

    _inherit = "res.users.apikeys"

    def unlink(self):
        """Note on our keys that they are revoked."""
        scopes = [key.scope for key in self.sudo() if (key.scope or "").startswith(SCOPE)]
        result = super().unlink()
        keys = self.env["aptic.api.key"].sudo().browse([int(scope.removeprefix(SCOPE)) for scope in scopes]).exists()
        keys.filtered(lambda key: not key.revoked_at).write(
            {"revoked_at": fields.Datetime.now(), "revoked_by_id": self.env.uid}
        )
        return result
