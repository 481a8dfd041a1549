from odoo import api, fields, models
from odoo.exceptions import UserError

STAFF = ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager")
LIVE = ("draft", "valid")


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    debit_mandate_ids = fields.Many2many(
        "account.banking.mandate",
        string="Direct debit mandates",
        compute="_compute_debit_mandate_ids",
        groups="aptic_base.group_aptic_user",
    )

    @api.depends("partner_id")
    def _compute_debit_mandate_ids(self):
        of_partner = self._debit_mandates().grouped("partner_id")
        for provider in self:
            provider.debit_mandate_ids = of_partner.get(provider.partner_id, False)

    def write(self, vals):
        """No debit goes to an account that is no longer the provider's, nor to a provider that has left."""
        result = super().write(vals)
        if {"bank_account_id", "state"} & vals.keys():
            self.sudo()._end_debits()
        return result

    def _debit_mandates(self, states=None):
        """The SEPA mandates of these providers, whatever their account."""
        domain = [("partner_id", "in", self.partner_id.ids), ("format", "=", "sepa")]
        return self.env["account.banking.mandate"].search([*domain, ("state", "in", states)] if states else domain)

    def _debit_mandate(self, company):
        """The mandate by which invoices of a company are debited, read with all rights, or an empty recordset."""
        self.ensure_one()
        return (
            self.sudo()
            ._debit_mandates(("valid",))
            .filtered(lambda mandate: mandate.company_id == company and mandate._aptic_blocker() is None)[:1]
        )

    def _prepare_debit_vals(self, company):
        """Values of a new invoice that is to be debited; none without a mandate, or where nothing is debited."""
        mandate = self._debit_mandate(company) if company.aptic_debit_journal_id else None
        return {"payment_mode_id": company.aptic_debit_mode_id.id, "mandate_id": mandate.id} if mandate else {}

    def _end_debits(self):
        """Cancel the mandates that have lost their account or their provider."""
        self._debit_mandates(LIVE).filtered(lambda mandate: mandate._aptic_blocker()).cancel()

    def action_debit_mandate(self):
        """Open the mandate of this provider; prepare it, on the bank account in force, when there is none.

        :raise AccessError: for anyone but an accountant or a manager of #APTIC
        :raise UserError: without an account in force, or before debits are set up
        """
        self.ensure_one()
        self._check_any_group(STAFF)
        company = self.env.company
        mandates = (
            self.sudo()
            ._debit_mandates(LIVE)
            .filtered(lambda mandate: mandate.company_id == company and mandate._aptic_blocker() is None)
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.banking.mandate",
            "res_id": (mandates[:1] or self.sudo()._make_debit_mandate(company)).id,
            "view_mode": "form",
        }

    def _make_debit_mandate(self, company):
        company._aptic_check_debits()
        if not self.bank_account_id:
            raise UserError(
                self.env._("%s has no bank account in force: accept its bank details first.", self.display_name)
            )
        if self.state == "struck_off":
            raise UserError(self.env._("%s has left #APTIC: nothing is debited any more.", self.display_name))
        return self.env["account.banking.mandate"].create(
            {
                "format": "sepa",
                "type": "recurrent",
                "scheme": "CORE",
                "company_id": company.id,
                "partner_bank_id": self.bank_account_id.id,
            }
        )

    def _debit_shown(self):
        """What managers and accountants read about the debits of their organisation, or None.

        The page checks who asks before it calls this.

        :return: dict ``mandate``, ``reference``, ``creditor``, ``iban`` (masked), ``signed_on``
        """
        company = self.env.company.sudo()
        mandate = self._debit_mandate(company)
        if not mandate or not company.aptic_debit_journal_id:
            return None
        return {"mandate": mandate, **mandate._aptic_shown()}
