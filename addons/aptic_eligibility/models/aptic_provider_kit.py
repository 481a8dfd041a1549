from odoo import fields, models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    kit_ids = fields.One2many("aptic.kit", "provider_id", string="Parcels", groups="aptic_base.group_aptic_user")
    kit_count = fields.Integer(compute="_compute_kit_count", groups="aptic_base.group_aptic_user")
    scanner_ids = fields.One2many(
        "aptic.scanner", "provider_id", string="Scanners", groups="aptic_base.group_aptic_user"
    )
    replacement_ids = fields.One2many(
        "aptic.replacement", "provider_id", string="Replacements of scanners", groups="aptic_base.group_aptic_user"
    )

    def _compute_kit_count(self):
        counts = dict(
            self.env["aptic.kit"]._read_group([("provider_id", "in", self.ids)], ["provider_id"], ["__count"])
        )
        for provider in self:
            provider.kit_count = counts.get(provider._origin, 0)

    def _activate(self):
        """A member that becomes active for the first time is sent its kit."""
        moved = super()._activate()
        self.env["aptic.kit"].sudo()._prepare_welcome(moved)
        return moved

    def _leave(self):
        """Nothing is sent any more to who has left."""
        result = super()._leave()
        for provider in self.sudo().with_context(lang=self.env.lang):
            why = provider.env._("The provider was struck off.")
            provider.kit_ids.filtered(lambda kit: kit.state == "to_prepare")._cancel(why)
            for replacement in provider.replacement_ids.filtered(lambda replacement: replacement.state == "declared"):
                replacement.answer = replacement.answer or why
                replacement._refuse()
        return result

    def _joining_steps(self):
        """The kit belongs to the welcome."""
        steps = super()._joining_steps()
        if self.state in ("active", "suspended"):
            step = next(step for step in steps if step["key"] == "welcome")
            step["links"] = [*step["links"], {"page": "kit", "label": self.env._("Kit")}]
            if self._may_download():
                step["links"] = [*step["links"], {"page": "downloads", "label": self.env._("Poster, flyer, logos")}]
        return steps

    def action_view_kits(self):
        """Open the parcels of this provider."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_eligibility.aptic_kit_action")
        return {**action, "domain": [("provider_id", "=", self.id)], "context": {}}
