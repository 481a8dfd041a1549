from odoo import api, models

QUEUES = {
    "blocking_open": {
        "model": "aptic.blocking",
        "domain": [("outcome", "=", False)],
        "date": "at",
        "days": 3,
        "action": "aptic_voucher.aptic_blocking_action",
        "filter": "open",
        "groups": (),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "blocking_open": [
                self.env._("Blocked booklets"),
                self.env._("Replace them by new ones, or let another person unblock them when they were found."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
