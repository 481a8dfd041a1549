from odoo import models


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _payout_blockers(self):
        """Why these providers cannot be paid today, in sentences that tell what to do.

        Among them are those whose data would make the file invalid for everybody.

        :return: ``{provider: sentence}``, without those who can be paid
        """
        accepted = self._accepted_changes()
        found = {provider: provider._payout_blocker(accepted.get(provider)) for provider in self}
        return {provider: sentence for provider, sentence in found.items() if sentence}

    def _payout_blocker(self, accepted):
        """Why this provider cannot be paid today; empty when it can.

        :param accepted: the change of bank details that was accepted last, or None
        """
        self.ensure_one()
        if waits := self._payout_waits():
            return waits
        if self.payout_frozen:
            return self.env._("A change of bank details waits for its decision: the payment follows it.")
        account = self.bank_account_id
        if not account:
            return self.env._("No bank account in force: give your bank details (RIB) in your space.")
        if accepted and accepted._number() != account.sanitized_acc_number:
            return self.env._(
                "Your bank account is not the one that was accepted last: give your bank details (RIB) again in your"
                " space."
            )
        sentences = {
            "": "",
            "bic": self.env._(
                "The BIC of your bank account is not valid: give your bank details (RIB) again in your space. You may"
                " leave the BIC out."
            ),
            "holder": self.env._(
                "Banks cannot read the name of your account's holder: give your bank details (RIB) again in your"
                " space, with the name in Latin letters."
            ),
            "iban": self.env._(
                "SEPA transfers cannot reach the IBAN of your bank account: give your bank details (RIB) again in your"
                " space."
            ),
        }
        return sentences[account._aptic_trouble()]

    def _accepted_changes(self):
        """The change of bank details that was accepted last, for each of these providers that has one.

        :return: ``{provider: aptic.bank.change}`` (sudo)
        """
        changes = self.env["aptic.bank.change"].sudo()
        approved = changes.search([("provider_id", "in", self.ids), ("state", "=", "approved")], order="id")
        return {change.provider_id: change for change in approved}

    def _whose_account_changed(self, user):
        """Those of these providers whose bank account in force ``user`` asked for or accepted."""
        latest = self._accepted_changes()
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
