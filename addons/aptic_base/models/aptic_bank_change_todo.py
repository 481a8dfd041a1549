from odoo import models


class ApticBankChange(models.Model):
    _name = "aptic.bank.change"
    _inherit = ["aptic.todo.mixin", "aptic.bank.change"]

    _todo_states = {
        "requested": (
            "aptic_base.activity_approve_bank_change",
            ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
        )
    }
