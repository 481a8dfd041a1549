from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _joining_steps(self):
        """The papers belong to the subscription, as in the guide: it is done when they are accepted."""
        steps = super()._joining_steps()
        needs = [need for need in self._paper_needs()[self.id] if need.required]
        lacking = [need for need in needs if not need.is_fulfilled]
        for step in steps:
            if step["key"] != "subscription":
                continue
            step["links"] = [*step["links"], {"page": "papers", "label": self.env._("Papers")}]
            if lacking and self.state not in ("active", "suspended"):
                step["done"] = False
                step["text"] = self.env._(
                    "%(text)s Papers: %(done)s of %(all)s accepted.",
                    text=step["text"],
                    done=len(needs) - len(lacking),
                    all=len(needs),
                )
        return steps
