from odoo import api, fields, models
from odoo.exceptions import UserError

WAITING = 1000  # lines of the bank that are matched again at once

ACCOUNTS = (
    "aptic_ledger_journal_id", "aptic_scans_due_account_id", "aptic_payable_account_id", "aptic_fund_account_id",
    "aptic_fund_expense_account_id", "aptic_fees_out_account_id", "aptic_fees_in_account_id",
    "aptic_recover_account_id",
)  # fmt: skip


class ResCompany(models.Model):
    """What month end needs from the company: accounts, journal and tax of the fee, mode of the payouts."""

    _inherit = "res.company"

    aptic_payment_mode_id = fields.Many2one("account.payment.mode", string="Mode of counter-payments")

    aptic_third_person_from = fields.Monetary(
        string="Third person from",
        default=50_000,
        help="Payment orders of this amount or more are made by a third person, who neither computed nor approved what"
        " they pay. 0: never.",
    )

    _aptic_third_person_sane = models.Constraint(
        "CHECK(aptic_third_person_from >= 0)", "The amount from which a third person pays is 0 or more."
    )

    def _aptic_check_third_person(self, amount, deciders):
        """Refuse one of the deciders when the amount to be paid is large.

        :param amount: of the payment order, in the company's currency
        :param deciders: ``res.users`` who decided that it is owed
        :raise UserError: from the company's amount on
        """
        least = self.aptic_third_person_from
        large = least and self.currency_id.compare_amounts(amount, least) >= 0
        if large and self.env.user in deciders:
            raise UserError(
                self.env._(
                    "From %(least)s on a third person pays: you computed or approved what is to be paid. Ask another"
                    " accountant to make the payment order of %(amount)s.",
                    least=self.currency_id.format(least),
                    amount=self.currency_id.format(amount),
                )
            )

    def _aptic_check_settlement_accounts(self):
        """Refuse to post while an account of the settlement is not chosen."""
        missing = [name for name in ACCOUNTS if not self[name]]
        if missing:
            raise UserError(
                self.env._(
                    "Choose these accounts in the settings of invoicing first: %s.",
                    ", ".join(self._fields[name]._description_string(self.env) for name in missing),
                )
            )

    def _aptic_fee_journal(self):
        """The operator's ordinary sale journal: fees are its income, the face value is not."""
        journal = self.env["account.journal"].search(
            [
                ("company_id", "=", self.id),
                ("type", "=", "sale"),
                ("id", "!=", self.aptic_face_journal_id.id),
            ],
            order="sequence, id",
            limit=1,
        )
        if not journal:
            raise UserError(self.env._("The fee invoices need a sale journal other than the one of face values."))
        return journal

    @api.model
    def _aptic_tax_domain(self, tax_bp):
        return [
            ("type_tax_use", "=", "sale"),
            ("amount_type", "=", "percent"),
            ("amount", "=", tax_bp / 100),
            ("price_include_override", "=", "tax_included"),
            ("tax_exigibility", "=", "on_invoice"),
        ]

    def _aptic_fee_tax(self, tax_bp):
        """The sale tax, included in the price, of a rate in basis points (no tax at all for 0).

        The chart ships it inactive: using it activates it.
        """
        if not tax_bp:
            return self.env["account.tax"]
        tax = (
            self.env["account.tax"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.id), *self._aptic_tax_domain(tax_bp)], order="sequence, id", limit=1)
        )
        if not tax:
            raise UserError(
                self.env._(
                    "The fee invoice needs a sale tax of %s %%, included in the price: create it first.", tax_bp / 100
                )
            )
        if not tax.active:
            tax.active = True
        return tax

    def _aptic_payment_mode(self):
        """The mode of counter-payments: SEPA credit transfer from the segregated account, made when it is missing."""
        self.ensure_one()
        journal = self.aptic_bank_journal_id
        if not journal:
            raise UserError(self.env._("Choose the segregated bank journal in the settings of invoicing first."))
        mode = self.aptic_payment_mode_id
        if mode and mode.fixed_journal_id == journal:
            return mode
        method = self.env.ref("account_banking_sepa_credit_transfer.sepa_credit_transfer")
        if method not in journal.outbound_payment_method_line_ids.payment_method_id:
            self.env["account.payment.method.line"].create(
                {"journal_id": journal.id, "payment_method_id": method.id, "name": method.name}
            )
        self._aptic_wire_counter_payments()
        self.aptic_payment_mode_id = self.env["account.payment.mode"].create(
            {
                "name": self.env._("Counter-payments (SEPA credit transfer)"),
                "company_id": self.id,
                "bank_account_link": "fixed",
                "fixed_journal_id": journal.id,
                "payment_method_id": method.id,
                "group_lines": False,
                "default_batch_booking": True,
                "default_date_prefered": "now",
            }
        )
        return self.aptic_payment_mode_id

    def _aptic_match_again(self):
        """Match what waits on the segregated accounts: an answer of the bank may explain lines that came before it."""
        lines = self.env["account.bank.statement.line"].sudo()
        lines.search(
            [
                ("journal_id", "in", self.aptic_bank_journal_id.ids),
                ("aptic_from_bank", "=", True),
                ("is_reconciled", "=", False),
            ],
            order="id desc",
            limit=WAITING,
        )._aptic_match()
