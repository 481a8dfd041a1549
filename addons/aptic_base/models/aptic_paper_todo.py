from odoo import models


class ApticPaper(models.Model):
    _name = "aptic.paper"
    _inherit = ["aptic.todo.mixin", "aptic.paper"]

    _todo_states = {"received": ("aptic_base.activity_check_paper", ("aptic_base.group_aptic_reviewer",))}
