from odoo import api, fields, models

from .aptic_provider_held import HOLD_SUSPENDED

METHOD = "account_banking_sepa_credit_transfer.sepa_credit_transfer"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_scans_due_account_id = fields.Many2one(related="company_id.aptic_scans_due_account_id", readonly=False)
    aptic_payable_account_id = fields.Many2one(related="company_id.aptic_payable_account_id", readonly=False)
    aptic_fund_account_id = fields.Many2one(related="company_id.aptic_fund_account_id", readonly=False)
    aptic_fund_expense_account_id = fields.Many2one(related="company_id.aptic_fund_expense_account_id", readonly=False)
    aptic_to_return_account_id = fields.Many2one(related="company_id.aptic_to_return_account_id", readonly=False)
    aptic_transit_account_id = fields.Many2one(related="company_id.aptic_transit_account_id", readonly=False)
    aptic_fees_out_account_id = fields.Many2one(related="company_id.aptic_fees_out_account_id", readonly=False)
    aptic_fees_in_account_id = fields.Many2one(related="company_id.aptic_fees_in_account_id", readonly=False)
    aptic_recover_account_id = fields.Many2one(related="company_id.aptic_recover_account_id", readonly=False)
    aptic_analysis = fields.Boolean(related="company_id.aptic_analysis", readonly=False)
    aptic_territory_plan_id = fields.Many2one(related="company_id.aptic_territory_plan_id", readonly=False)
    aptic_sponsor_plan_id = fields.Many2one(related="company_id.aptic_sponsor_plan_id", readonly=False)
    aptic_analysis_level = fields.Selection(related="company_id.aptic_analysis_level", readonly=False)
    aptic_bank_stale_days = fields.Integer(related="company_id.aptic_bank_stale_days", readonly=False)
    aptic_third_person_from = fields.Monetary(
        related="company_id.aptic_third_person_from", readonly=False, currency_field="currency_id"
    )
    aptic_pain_version = fields.Selection(
        [("pain.001.001.09", "pain.001.001.09"), ("pain.001.001.03", "pain.001.001.03")],
        string="Format of payment files",
        help="Of all SEPA credit transfers of this database. 03 is for banks that do not take 09 yet.",
    )
    aptic_hold_suspended = fields.Boolean(
        string="Hold counter-payments of suspended providers",
        config_parameter=HOLD_SUSPENDED,
        help="Also of those struck off for suspicion of fraud. What waits stays owed; provider and team read why. Off:"
        " what was scanned before is paid as usual.",
    )
    aptic_ledger_journal_id = fields.Many2one(related="company_id.aptic_ledger_journal_id", readonly=False)

    @api.model
    def get_values(self):
        """The format of payment files is a property of OCA's payment method."""
        values = super().get_values()
        version = self.env.ref(METHOD).sudo().pain_version
        return {**values, "aptic_pain_version": version if version in dict(self._aptic_formats()) else False}

    def set_values(self):
        """Change the format of the payment files to come."""
        result = super().set_values()
        method = self.env.ref(METHOD).sudo()
        if self.aptic_pain_version and method.pain_version != self.aptic_pain_version:
            method.pain_version = self.aptic_pain_version
        return result

    def _aptic_formats(self):
        return self._fields["aptic_pain_version"].selection
