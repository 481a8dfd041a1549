from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_reminder_days = fields.Char(related="company_id.aptic_reminder_days", readonly=False)
    aptic_unpaid_grace_days = fields.Integer(related="company_id.aptic_unpaid_grace_days", readonly=False)
    aptic_scanner_return_days = fields.Integer(related="company_id.aptic_scanner_return_days", readonly=False)
