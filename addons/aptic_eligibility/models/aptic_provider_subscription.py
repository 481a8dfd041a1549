from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _money_members(self):
        """The active members who see a provider's invoices: its managers and its accountants."""
        return self.sudo().member_ids.filtered(
            lambda member: member.active and member.role in ("manager", "accountant")
        )

    def _leave(self):
        """The subscription ends with the membership."""
        result = super()._leave()
        self.sudo().subscription_ids._stop()
        return result

    def _what_to_do(self, measure):
        """Unpaid invoices are on their page; an ended subscription is taken again on its own."""
        known = super()._what_to_do(measure)
        if measure.kind != "suspension":
            return known
        if measure.cause == "unpaid":
            return {**known, "page": "invoices"}
        if measure.cause == "request" and self.sudo().subscription_ids[:1].stopped_scanning:
            return {"text": self.env._("Choose a plan: you may take vouchers again at once."), "page": "subscription"}
        return known

    def _joining_steps(self):
        """The invoices belong to the subscription."""
        steps = super()._joining_steps()
        provider = self.sudo()
        if provider.subscription_ids.filtered(lambda subscription: subscription.state != "sleeping"):
            step = next(step for step in steps if step["key"] == "subscription")
            step["links"] = [*step["links"], {"page": "invoices", "label": self.env._("Invoices")}]
        return steps

    def action_view_subscriptions(self):
        """Open the subscriptions of this provider."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("aptic_eligibility.aptic_subscription_action")
        return {**action, "domain": [("provider_id", "=", self.id)], "context": {}}
