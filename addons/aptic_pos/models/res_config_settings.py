from odoo import fields, models

from .aptic_attempt import USUAL


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_wrong_codes_user = fields.Integer(config_parameter="aptic_pos.wrong_codes_user", default=USUAL["user"])
    aptic_wrong_codes_address = fields.Integer(
        config_parameter="aptic_pos.wrong_codes_address", default=USUAL["address"]
    )
    aptic_wrong_codes_lockouts = fields.Integer(
        config_parameter="aptic_pos.wrong_codes_lockouts", default=USUAL["lockouts"]
    )
    aptic_wrong_codes_alarm = fields.Integer(config_parameter="aptic_pos.wrong_codes_alarm", default=USUAL["alarm"])
    aptic_wrong_codes_alarm_minutes = fields.Integer(
        config_parameter="aptic_pos.wrong_codes_alarm_minutes", default=USUAL["alarm_minutes"]
    )
