from odoo import models


class ApticKit(models.Model):
    _name = "aptic.kit"
    _inherit = ["aptic.todo.mixin", "aptic.kit"]

    _todo_states = {"to_prepare": ("aptic_eligibility.activity_send_kit", ("aptic_base.group_aptic_user",))}
