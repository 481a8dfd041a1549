from odoo import models


class ApticReplacement(models.Model):
    _name = "aptic.replacement"
    _inherit = ["aptic.todo.mixin", "aptic.replacement"]

    _todo_states = {"declared": ("aptic_eligibility.activity_decide_replacement", ("aptic_base.group_aptic_user",))}
