from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_appeal_days = fields.Integer(config_parameter="aptic_base.appeal_days", default=30)
    aptic_import_max_mb = fields.Integer(config_parameter="aptic_base.import_max_mb", default=20)
    aptic_import_max_rows = fields.Integer(config_parameter="aptic_base.import_max_rows", default=50_000)
