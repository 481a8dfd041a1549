from odoo import models


class ApticOffer(models.Model):
    _name = "aptic.offer"
    _inherit = ["aptic.team.thread", "aptic.offer"]

    def _thread_provider(self):
        self.ensure_one()
        return self.provider_id

    def _thread_url(self):
        self.ensure_one()
        return f"/my/aptic/provider/{self.provider_id.id}/offers/{self.id}/messages"
