from odoo import fields, models
from odoo.exceptions import UserError

CIRCUIT = (
    "aptic_bank_journal_id",
    "aptic_face_journal_id",
    "aptic_ledger_journal_id",
    "aptic_unactivated_account_id",
    "aptic_funds_account_id",
    "aptic_scans_due_account_id",
    "aptic_payable_account_id",
    "aptic_transit_account_id",
    "aptic_fund_account_id",
    "aptic_to_return_account_id",
    "aptic_fees_out_account_id",
    "aptic_recover_account_id",
)


class ResCompany(models.Model):
    _inherit = "res.company"

    aptic_scans_due_account_id = fields.Many2one("account.account", string="Vouchers redeemed, to be settled")
    aptic_payable_account_id = fields.Many2one(
        "account.account", string="Due to providers", domain=[("account_type", "=", "liability_payable")]
    )
    aptic_fund_account_id = fields.Many2one("account.account", string="Territorial fund")
    aptic_fund_expense_account_id = fields.Many2one("account.account", string="Contribution to the territorial fund")
    aptic_to_return_account_id = fields.Many2one("account.account", string="To be returned to sponsors")
    aptic_transit_account_id = fields.Many2one(
        "account.account",
        string="Counter-payments in transit",
        help="Between the payment order and the bank's statement.",
    )
    aptic_fees_out_account_id = fields.Many2one(
        "account.account",
        string="Fees to transfer out of the segregated account",
        help="The operator's fee less the fund's share, held on the segregated account until it is transferred.",
    )
    aptic_fees_in_account_id = fields.Many2one(
        "account.account", string="Fees to receive", help="The operator's side of the same transfer."
    )
    aptic_recover_account_id = fields.Many2one(
        "account.account",
        string="To be recovered from providers",
        help="Face value of reversed redemptions until a statement takes it back, and balances that are carried over.",
    )
    aptic_ledger_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of daily entries and settlement",
        domain=[("type", "=", "general")],
    )

    aptic_bank_stale_days = fields.Integer(
        string="Bank's word is old after (days)", default=4, help="Without a newer closing balance of the bank."
    )
    aptic_posted_at = fields.Datetime(string="Ledger last booked", readonly=True)
    aptic_posted_row = fields.Integer(
        string="Ledger booked up to row",
        readonly=True,
        help="Rows of the ledger up to this one are in the daily entries, whatever their day; later ones are looked at"
        " again.",
    )

    def _aptic_check_circuit(self):
        """Refuse, naming the settings that are missing, to book anything on a circuit that is not set up."""
        self.ensure_one()
        missing = [self._fields[name]._description_string(self.env) for name in CIRCUIT if not self[name]]
        if missing:
            raise UserError(
                self.env._(
                    "Set these first in Settings, Accounting, #APTIC settlement: %(fields)s.", fields=", ".join(missing)
                )
            )

    def _aptic_wire_counter_payments(self):
        """Payments out of the segregated account go through the account of payments in transit.

        A payment method without an outstanding account posts no entry: the claim would stay open after the payment.
        """
        for company in self:
            methods = company.aptic_bank_journal_id.outbound_payment_method_line_ids
            methods.filtered(
                lambda line: line.code == "sepa_credit_transfer" and not line.payment_account_id
            ).payment_account_id = company.aptic_transit_account_id
