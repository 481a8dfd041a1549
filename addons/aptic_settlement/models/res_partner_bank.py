from odoo import api, models
from odoo.addons.aptic_base.bank_details import BadBankDetails, check
from odoo.exceptions import UserError

from .. import sepa

# Identity of these objects is the permission: they cannot arrive through RPC, where a context is plain JSON.
ACCEPTED = object()
RENAMED = object()


class ResPartnerBank(models.Model):
    """The account that a provider is paid to, or was paid to: a change that two persons made writes it, nobody else.

    It is told by the context key ``aptic_account``: ``ACCEPTED`` such a change, ``RENAMED`` a partner's new name.
    """

    _inherit = "res.partner.bank"

    _aptic_fixed = frozenset(
        {"acc_holder_name", "acc_number", "active", "bank_id", "partner_id", "sanitized_acc_number"}
    )

    def write(self, vals):
        """Refuse to write by hand where a provider's money goes; who has not the name that was accepted is not renamed.

        :raise UserError: whoever asks, also under ``sudo()``
        """
        names, mark = self._aptic_fixed & vals.keys(), self.env.context.get("aptic_account")
        if not names or mark is ACCEPTED:
            return super().write(vals)
        kept = self._aptic_of_providers().filtered(
            lambda account: any(
                account._fields[name].convert_to_write(account[name], account) != vals[name] for name in names
            )
        )
        if mark is RENAMED and names == {"acc_holder_name"}:
            return super(ResPartnerBank, self - kept).write(vals)
        kept._aptic_refuse()
        return super().write(vals)

    def _aptic_of_providers(self):
        """Those of these accounts that are in force for a provider, or that a counter-payment or a grant names."""
        providers = self.env["aptic.provider"].sudo().with_context(active_test=False)
        lines = self.env["account.payment.line"].sudo()
        rows = providers._read_group([("bank_account_id", "in", self.ids)], ["bank_account_id"])
        rows += lines._read_group(
            [("partner_bank_id", "in", self.ids), ("aptic_end_to_end", "!=", False)], ["partner_bank_id"]
        )
        ids = {account.id for (account,) in rows}
        return self.filtered(lambda account: account.id in ids)

    def _aptic_refuse(self):
        """Say how an account changes that a provider is paid to."""
        if self:
            raise UserError(
                self.env._(
                    "A provider is paid to this account (%s), or was: nobody changes it by hand. Ask for a change of"
                    " its bank details, which another person accepts.",
                    ", ".join(self.mapped("acc_number")),
                )
            )

    def _aptic_trouble(self):
        """What of this account no payment file can bear: ``iban``, ``bic``, ``holder``, or nothing."""
        self.ensure_one()
        bic = self.bank_bic or ""
        try:
            check(self.sanitized_acc_number, bic)
        except BadBankDetails as error:
            return "bic" if error.code in ("bic", "mismatch") else "iban"
        if bic and not sepa.is_bic(bic):
            return "bic"
        return "" if sepa.text(self.acc_holder_name or self.partner_id.name or "") else "holder"


class ResBank(models.Model):
    """The BIC that goes into the payment file."""

    _inherit = "res.bank"

    def write(self, vals):
        """Refuse another BIC for a bank where providers are paid."""
        if "bic" in vals:
            self.filtered(lambda bank: (bank.bic or "") != (vals["bic"] or "").upper())._aptic_refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_providers(self):
        self._aptic_refuse()

    def _aptic_refuse(self):
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=False)
        accounts.search([("bank_id", "in", self.ids)])._aptic_of_providers()._aptic_refuse()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """A new name does not rename who holds the account that a provider is paid to: the bank knows the other one."""
        named = self.with_context(aptic_account=RENAMED) if "name" in vals else self
        return super(ResPartner, named).write(vals)
