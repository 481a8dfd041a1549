from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # As the partner's: its name is its reference.
    mandate_id = fields.Many2one(groups="base.group_user")
