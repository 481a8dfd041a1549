from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_bank_journal_id = fields.Many2one(related="company_id.aptic_bank_journal_id", readonly=False)
    aptic_face_journal_id = fields.Many2one(related="company_id.aptic_face_journal_id", readonly=False)
    aptic_unactivated_account_id = fields.Many2one(related="company_id.aptic_unactivated_account_id", readonly=False)
    aptic_funds_account_id = fields.Many2one(related="company_id.aptic_funds_account_id", readonly=False)
    aptic_quote_days = fields.Integer(config_parameter="aptic_voucher.quote_days", default=30)
    aptic_proof_days = fields.Integer(config_parameter="aptic_voucher.proof_days", default=10)
