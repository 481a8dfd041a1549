from odoo import fields, models


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
        "account.account", string="Fees to receive", help="The same transfer, seen from the operator's own bank account."
    )
    aptic_ledger_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of daily entries and settlement",
        domain=[("type", "=", "general")],
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
