from odoo import fields, models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    supplier_kind = fields.Selection(help="What is proposed for its new places; each place says its own.")

    def _activation_blockers(self):
        """A provider that works at its hosts' only needs one place where it may be."""
        blockers = super()._activation_blockers()
        today = fields.Date.context_today(self)
        if self.place_ids and not any(
            place._is_hosted(today)
            or place.sudo().hosting_ids.filtered(lambda stay: stay.state == "accepted" and stay.starts_on > today)
            for place in self.place_ids
        ):
            blockers.append(
                self.env._("Have the convention with your host accepted, or add a place of your own: see your places.")
            )
        return blockers
