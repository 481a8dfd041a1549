from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    aptic_member_ids = fields.One2many("aptic.member", "user_id", string="#APTIC memberships")
