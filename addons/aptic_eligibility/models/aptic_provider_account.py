from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _joining_steps(self):
        """The first step is done once somebody may sign for the organisation; it leads to its data and members."""
        steps = super()._joining_steps()
        account = next(step for step in steps if step["key"] == "account")
        managers = self.sudo().member_ids.filtered(lambda member: member.active and member.role == "manager")
        blockers = [self._signing_blocker(member.user_id) for member in managers]
        blocker = next(iter(blockers), None) if all(blockers) else None
        account["done"] = account["done"] and not blocker
        if blocker:
            account["text"] = f"{account['text']} – {blocker}"
        account["links"] += [
            {"page": "account", "label": self.env._("My organisation")},
            {"page": "members", "label": self.env._("Members")},
        ]
        return steps
