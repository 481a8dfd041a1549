from odoo import api, models


class ApticPaper(models.Model):
    _inherit = "aptic.paper"

    @api.model
    def _receive(self, provider, kind, files, **options):
        """A mandate is of one person: it takes the place of that person's former one only."""
        if kind.mandate:
            senders = provider._mandates(provider.sudo().member_ids.user_id).create_uid
            if senders - self.env.user:
                options["replace"] = False
        return super()._receive(provider, kind, files, **options)
