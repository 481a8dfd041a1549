from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_appeal_days = fields.Integer(config_parameter="aptic_base.appeal_days", default=30)
