from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _payout_blocker(self):
        """Why this provider cannot be paid today, in a sentence that tells what to do; empty when it can."""
        self.ensure_one()
        if self.payout_frozen:
            return self.env._("A change of bank details waits for its decision: the payment follows it.")
        if not self.bank_account_id:
            return self.env._("No bank account in force: give your bank details (RIB) in your space.")
        return ""

    def _whose_account_changed(self, user):
        """Those of these providers whose bank account in force ``user`` asked for or accepted."""
        changes = self.env["aptic.bank.change"].sudo()
        approved = changes.search([("provider_id", "in", self.ids), ("state", "=", "approved")], order="id")
        latest = {change.provider_id: change for change in approved}  # the last one is in force
        own = {one for one, change in latest.items() if user in change.requested_by_id + change.decided_by_id}
        return self.filtered(lambda provider: provider in own)

    def _tell(self, subject, body):
        """Write to the provider's managers and accountants."""
        for provider in self:
            members = provider.sudo().member_ids.filtered(
                lambda member: member.active and member.role in ("manager", "accountant")
            )
            provider.message_post(
                subject=subject,
                body=body,
                partner_ids=members.user_id.partner_id.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_note",
            )
