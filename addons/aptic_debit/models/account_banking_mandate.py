from odoo import api, models
from odoo.addons.aptic_base.texts import paragraphs
from odoo.addons.aptic_eligibility.models.account_move import UNPAID
from odoo.exceptions import ValidationError

MONEY_ROLES = ("manager", "accountant")


class AccountBankingMandate(models.Model):
    """A provider's mandate lives as long as its bank account is in force and the provider is a member."""

    _inherit = "account.banking.mandate"

    def _aptic_provider(self):
        """The provider that a mandate is of, read with all rights, or an empty recordset."""
        self.ensure_one()
        return self.env["aptic.provider"].sudo().search([("partner_id", "=", self.sudo().partner_id.id)], limit=1)

    def _aptic_shown(self):
        """What the debtor reads of a mandate: dict ``reference``, ``creditor``, ``iban`` (masked), ``signed_on``."""
        self.ensure_one()
        number = self.partner_bank_id.sanitized_acc_number
        return {
            "reference": self.unique_mandate_reference,
            "creditor": self.company_id.sepa_creditor_identifier,
            "iban": f"{number[:4]} **** **** {number[-4:]}",
            "signed_on": self.signature_date,
        }

    def _aptic_blocker(self, env=None):
        """Why nothing may be debited by this mandate, whatever its state, or None.

        :param env: the environment whose language is spoken; this record's without it
        """
        provider, env = self._aptic_provider(), env or self.env
        if provider.state == "struck_off":
            return env._("The organisation is no longer a member of #APTIC.")
        if provider and self.sudo().partner_bank_id != provider.bank_account_id:
            return env._("Its bank account is no longer the one in force.")
        return None

    @api.constrains("state", "partner_bank_id", "company_id", "format")
    def _check_aptic_provider(self):
        for mandate in self.filtered(lambda mandate: mandate.state == "valid"):
            provider = mandate._aptic_provider()
            if not provider:
                continue
            reference = mandate.unique_mandate_reference
            if blocker := mandate._aptic_blocker():
                raise ValidationError(
                    self.env._("Mandate %(reference)s cannot be valid. %(why)s", reference=reference, why=blocker)
                )
            others = provider._debit_mandates(("valid",)) - mandate
            if mandate.company_id in others.company_id:
                raise ValidationError(
                    self.env._(
                        "%(provider)s has a valid mandate already: cancel it first.", provider=provider.display_name
                    )
                )

    def write(self, vals):
        """A provider is told when its mandate begins and ends; what was to be debited by it no longer is."""
        before = {mandate: mandate.state for mandate in self}
        result = super().write(vals)
        for mandate, state in before.items():
            if mandate.state != state and (provider := mandate._aptic_provider()):
                mandate._aptic_follow(provider._in_their_language(), state)
        return result

    def _aptic_follow(self, provider, before):
        if self.state == "valid":
            self._aptic_tell_begun(provider)
        elif self.state in ("cancel", "expired"):
            self.message_post(body=self._aptic_why_ended(self.env))
            if before == "valid":
                self._aptic_release()
                self._aptic_tell_ended(provider)

    def _aptic_why_ended(self, env):
        if self.state == "expired":
            return env._("The mandate has expired.")
        return self._aptic_blocker(env) or env._("The mandate was revoked.")

    def _aptic_tell_begun(self, provider):
        env = provider.env
        body = env._(
            "From now on the invoices of your #APTIC subscription are debited on their due date, by mandate"
            " %(reference)s. The page “Invoices” of your subscription says how to revoke it.",
            reference=self.unique_mandate_reference,
        )
        provider._tell_managers(env._("Your invoices are debited"), paragraphs(body), roles=MONEY_ROLES)

    def _aptic_tell_ended(self, provider):
        env = provider.env
        body = env._(
            "Nothing is debited any more by mandate %(reference)s. Pay the invoices of your #APTIC subscription by"
            " transfer, with the number of the invoice.",
            reference=self.unique_mandate_reference,
        )
        subject = env._("Your invoices are no longer debited")
        provider._tell_managers(subject, paragraphs(self._aptic_why_ended(env), body), roles=MONEY_ROLES)

    def _aptic_release(self):
        """Invoices go back to transfers, drafts of debit orders lose their lines, later orders say what has changed."""
        mandate = self.sudo()
        drafts = mandate.payment_line_ids.filtered(lambda line: line.state == "draft")
        under_way = mandate.payment_line_ids.filtered(lambda line: line.state in ("open", "generated"))
        for orders, text in (
            (drafts.order_id, self.env._("Mandate %(reference)s has ended: its debits were taken out.")),
            (
                under_way.order_id,
                self.env._(
                    "Mandate %(reference)s has ended. Unless the bank has the file already, cancel this order and make"
                    " another one without it."
                ),
            ),
        ):
            for order in orders:
                order.message_post(body=text % {"reference": self.unique_mandate_reference})
        drafts.unlink()
        invoices = self.env["account.move"].sudo()
        invoices.search(
            [
                ("mandate_id", "=", self.id),
                ("aptic_subscription_id", "!=", False),
                ("state", "!=", "cancel"),
                ("payment_state", "in", UNPAID),
            ]
        ).payment_mode_id = False
