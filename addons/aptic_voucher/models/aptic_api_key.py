from odoo import api, models

READING = ("manager",)


class ApticApiKey(models.Model):
    """What the keys of a sponsor are for."""

    _inherit = "aptic.api.key"

    @api.model
    def _purposes(self):
        """Orders and figures of a sponsor, to read."""
        return {
            **super()._purposes(),
            "orders:read": {
                "kind": "sponsor",
                "roles": READING,
                "label": self.env._("Read the orders: state, dates, rules, amounts, counts of vouchers"),
            },
            "figures:read": {
                "kind": "sponsor",
                "roles": READING,
                "label": self.env._("Read the figures of use: by month, territory and service, without small groups"),
            },
        }
