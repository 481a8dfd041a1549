from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

METHOD = "sepa_direct_debit"


class ResCompany(models.Model):
    """Where the debits of subscriptions go: the operator's own bank account, never the segregated one."""

    _inherit = "res.company"

    aptic_debit_journal_id = fields.Many2one(
        "account.journal",
        string="Bank journal of direct debits",
        domain=[("type", "=", "bank")],
        help="The operator's own bank account, on which debits of subscription invoices arrive."
        " Empty: nothing is debited.",
    )
    aptic_debit_mode_id = fields.Many2one("account.payment.mode", string="Mode of direct debits", readonly=True)

    @api.constrains("aptic_debit_journal_id", "aptic_bank_journal_id")
    def _check_aptic_debit_journal(self):
        for company in self:
            company._aptic_refuse_segregated(company.aptic_debit_journal_id)

    def _aptic_refuse_segregated(self, journals):
        """Refuse the journal that holds the vouchers' face value: no money of the operator's passes through it.

        :param journals: ``account.journal`` records that debits would arrive on
        :raise ValidationError: when the segregated one is among them
        """
        segregated = self.sudo().aptic_bank_journal_id & journals
        if segregated:
            raise ValidationError(
                self.env._(
                    "“%(journal)s” holds the vouchers' face value: subscription invoices are never debited to it."
                    " Choose the operator's own bank journal.",
                    journal=segregated.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Make the mode of debits where a journal is chosen."""
        companies = super().create(vals_list)
        companies.filtered("aptic_debit_journal_id")._aptic_make_debit_mode()
        return companies

    def write(self, vals):
        """Make the mode of debits as soon as its journal is chosen."""
        result = super().write(vals)
        if vals.get("aptic_debit_journal_id"):
            self._aptic_make_debit_mode()
        return result

    def _aptic_make_debit_mode(self):
        for company in self.sudo():
            company.aptic_debit_mode_id = company._aptic_find_debit_mode() or self.env["account.payment.mode"].create(
                company._prepare_aptic_debit_mode_vals()
            )

    def _aptic_find_debit_mode(self):
        return self.env["account.payment.mode"].search(
            [
                ("company_id", "=", self.id),
                ("payment_method_code", "=", METHOD),
                ("fixed_journal_id", "=", self.aptic_debit_journal_id.id),
            ],
            limit=1,
        )

    def _prepare_aptic_debit_mode_vals(self):
        journal = self.aptic_debit_journal_id
        method = self.env.ref("account_banking_sepa_direct_debit.sepa_direct_debit")
        lines = journal.inbound_payment_method_line_ids.filtered(lambda line: line.payment_method_id == method)
        if not lines:
            lines = self.env["account.payment.method.line"].create(
                {"journal_id": journal.id, "payment_method_id": method.id, "name": method.name}
            )
        # Without an outstanding account a debit posts no entry: the invoice would stay open after it.
        lines.filtered(lambda line: not line.payment_account_id).payment_account_id = (
            self.env["account.chart.template"]
            .with_company(self)
            .ref("account_journal_payment_debit_account_id", raise_if_not_found=False)
        )
        return {
            "name": self.env._("SEPA direct debit of subscriptions"),
            "company_id": self.id,
            "bank_account_link": "fixed",
            "fixed_journal_id": journal.id,
            "payment_method_id": method.id,
            "group_lines": False,
            "default_invoice": True,
            "default_date_prefered": "due",
            "no_debit_before_maturity": True,
        }

    def _aptic_check_debits(self):
        """Refuse, naming what is missing, to prepare a mandate before debits are set up."""
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("sepa_creditor_identifier", "aptic_debit_journal_id")
            if not self[name]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Set these first in Settings, #APTIC, Subscriptions and kits: %(fields)s.",
                    fields=", ".join(missing),
                )
            )
