from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_setoff_subscriptions = fields.Boolean(related="company_id.aptic_setoff_subscriptions", readonly=False)
