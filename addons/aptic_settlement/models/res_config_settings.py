from odoo import fields, models


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
    aptic_bank_stale_days = fields.Integer(related="company_id.aptic_bank_stale_days", readonly=False)
    aptic_ledger_journal_id = fields.Many2one(related="company_id.aptic_ledger_journal_id", readonly=False)
