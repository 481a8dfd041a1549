from datetime import timedelta

from odoo import api, fields, models

LOGIN, MANAGER = "mediateur", "fablab"


class ApticLockout(models.Model):
    """The demonstration's lock-outs: of days that are over, so that nobody is stopped today."""

    _inherit = "aptic.lockout"

    @api.model
    def _load_demo_lockouts(self):
        """Make a pause, and a lock that a manager has lifted; nothing where the demonstration's people are missing."""
        member = self.env["aptic.member"].search([("user_id.login", "=", LOGIN), ("provider_id", "!=", False)], limit=1)
        manager = self.env["res.users"].search([("login", "=", MANAGER)])
        if not member or not manager or self.search_count([("member_id", "=", member.id)], limit=1):
            return
        lifted_at = fields.Datetime.now() - timedelta(days=20)
        common = {
            "member_id": member.id,
            "user_id": member.user_id.id,
            "provider_id": member.provider_id.id,
            "place_id": member.provider_id.place_ids[:1].id,
            "tries": 10,
        }
        self._guarded_create(
            [
                {
                    **common,
                    "at": lifted_at - timedelta(hours=2),
                    "state": "lifted",
                    "lifted_by_id": manager.id,
                    "lifted_at": lifted_at,
                    "reason": "Carnet d'une autre association, scanné par erreur : vu avec Malik.",
                },
                {**common, "at": lifted_at + timedelta(days=18), "state": "pause"},
            ]
        )
