from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "ledger_broken": {
        "model": "aptic.ledger.check",
        "domain": [("state", "=", "broken")],
        "date": "create_date",
        "days": 1,
        "action": "aptic_voucher.aptic_ledger_check_action",
        "filter": "broken",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "ledger_broken": [
                self.env._("Checks that found the ledger changed"),
                self.env._("Keep a copy of the database as it is, compare with a backup, and find out who did it."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
