from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "order_draft": {
        "model": "aptic.order",
        "domain": [("state", "=", "draft")],
        "date": "create_date",
        "days": 7,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "draft",
        "groups": (),
    },
    "order_amendment": {
        "model": "aptic.amendment",
        "domain": [("decided_at", "=", False)],
        "date": "asked_at",
        "days": 3,
        "action": "aptic_voucher.aptic_amendment_action",
        "filter": "to_decide",
        "groups": (),
    },
    "order_shortfall": {
        "model": "aptic.order",
        "domain": [("shortfall_cents", ">", 0)],
        "date": "write_date",
        "days": 1,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "shortfall",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "order_draft": [
                self.env._("Orders to confirm"),
                self.env._("Check quantity, dates and rules with the sponsor, then confirm: the rules freeze."),
            ],
            "order_amendment": [
                self.env._("Extensions of rules to decide"),
                self.env._("Compare what the sponsor asks for with its order, then approve or decline it."),
            ],
            "order_shortfall": [
                self.env._("Orders no longer covered"),
                self.env._("The bank's files say less than was activated: find out why, at once."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
