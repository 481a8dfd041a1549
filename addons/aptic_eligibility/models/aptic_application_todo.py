from odoo import models


class ApticApplication(models.Model):
    _name = "aptic.application"
    _inherit = ["aptic.todo.mixin", "aptic.application"]

    _todo_states = {
        "submitted": ("aptic_eligibility.activity_review_application", ("aptic_base.group_aptic_reviewer",))
    }
