from odoo import api, models

from .aptic_setoff_agreement import VERSION


class ApticSetoffAgreement(models.Model):
    _inherit = "aptic.setoff.agreement"

    @api.model
    def _load_demo(self):
        """The operator sets invoices off; a provider that joins has agreed, the one that is late may still."""
        self.env.company.aptic_setoff_subscriptions = True
        provider = self.env.ref("aptic_base.demo_provider_09")
        manager = provider.member_ids.filtered(lambda member: member.role == "manager")[:1]
        if manager and not provider.setoff_agreement_ids:
            self._sign(
                provider,
                manager.user_id,
                provider.representative_name or manager.user_id.name,
                provider.representative_capacity or "Direction",
                VERSION,
            )
