from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_debit_journal_id = fields.Many2one(related="company_id.aptic_debit_journal_id", readonly=False)
    aptic_debit_mode_id = fields.Many2one(related="company_id.aptic_debit_mode_id")
