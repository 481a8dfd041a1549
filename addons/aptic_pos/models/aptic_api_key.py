from odoo import api, models

MANAGING = ("manager",)  # of those who may scan, only they may cancel


class ApticApiKey(models.Model):
    """What the keys of a provider are for: another desk than ours, at one of its places."""

    _inherit = "aptic.api.key"

    @api.model
    def _purposes(self):
        """Redemptions at the key's place, to read or to make."""
        return {
            **super()._purposes(),
            "redemptions:read": {
                "kind": "provider",
                "roles": MANAGING,
                "label": self.env._("Read what was scanned at the place: amounts, serials, state"),
            },
            "redemptions:write": {
                "kind": "provider",
                "roles": MANAGING,
                "label": self.env._("Try and take vouchers, and cancel what was taken there, in your name"),
            },
        }
