from odoo import api, fields, models

REAPPLY = "aptic_eligibility.reapply_months"
MOST_MONTHS = 1200


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    aptic_reapply_months = fields.Integer()

    @api.model
    def get_values(self):
        """Read the delay; 0 is a delay too, which ``config_parameter`` would forget."""
        months = self.env["ir.config_parameter"]._get_number(REAPPLY, 3, most=MOST_MONTHS)
        return {**super().get_values(), "aptic_reapply_months": months}

    def set_values(self):
        """Keep the delay."""
        result = super().set_values()
        self.env["ir.config_parameter"].sudo().set_param(REAPPLY, str(max(0, self.aptic_reapply_months)))
        return result
