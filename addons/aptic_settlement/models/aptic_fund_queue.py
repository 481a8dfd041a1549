from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "grant_applied": {
        "model": "aptic.fund.grant",
        "domain": [("state", "=", "applied")],
        "date": "asked_on",
        "days": 30,
        "action": "aptic_settlement.aptic_fund_grant_action",
        "filter": "to_decide",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "grant_applied": [
                self.env._("Applications to the territorial funds"),
                self.env._("Compare with the call and with what the fund holds, then grant or decline."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
