import secrets

from odoo import api, fields, models


class ApticWebhook(models.Model):
    _inherit = "aptic.webhook"

    @api.model
    def _load_demo_tools(self):
        """Give the demonstration's department a key of a tool, and an address that nobody answers at; once."""
        sponsor = self.env.ref("aptic_base.demo_sponsor_departement")
        if self.env["aptic.api.key"].search_count([("sponsor_id", "=", sponsor.id)], limit=1):
            return
        manager = sponsor.member_ids.filtered(lambda member: member.role == "manager")[:1].user_id
        keys = self.env["aptic.api.key"].with_user(manager)
        keys._make(sponsor, "Tableau de bord du Département", ["orders:read", "figures:read"], 365)
        self.create(
            {
                "sponsor_id": sponsor.id,
                "user_id": manager.id,
                "url": "https://outils.departement.example/aptic",
                "events": "order.funded order.activated order.expiring",
                "salt": secrets.token_hex(16),
                "key_version": self.env["aptic.booklet"]._keyring().current,
                "stopped_at": fields.Datetime.now(),
                "stop_reason": "Le serveur a répondu 503.",
            }
        )
