from odoo import models


class ApticProvider(models.Model):
    _name = "aptic.provider"
    _inherit = ["aptic.team.thread", "aptic.provider"]

    def _thread_provider(self):
        self.ensure_one()
        return self

    def _thread_url(self):
        self.ensure_one()
        return f"/my/aptic/provider/{self.id}/messages"
