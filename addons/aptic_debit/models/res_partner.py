from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # A many2one's name is read past record rules: the mandate's reference would go to every member.
    valid_mandate_id = fields.Many2one(groups="base.group_user")
    mandate_count = fields.Integer(groups="base.group_user")
