from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_bank_journal_id = fields.Many2one(related="company_id.aptic_bank_journal_id", readonly=False)
    aptic_face_journal_id = fields.Many2one(related="company_id.aptic_face_journal_id", readonly=False)
    aptic_unactivated_account_id = fields.Many2one(related="company_id.aptic_unactivated_account_id", readonly=False)
    aptic_funds_account_id = fields.Many2one(related="company_id.aptic_funds_account_id", readonly=False)
