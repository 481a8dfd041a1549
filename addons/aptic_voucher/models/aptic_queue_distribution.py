from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "lot_sent": {
        "model": "aptic.distribution",
        "domain": [("state", "=", "sent")],
        "date": "sent_at",
        "days": 10,
        "action": "aptic_voucher.aptic_distribution_action",
        "filter": "sent",
        "groups": (),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "lot_sent": [
                self.env._("Lots that nobody acknowledged"),
                self.env._("Ask the distributor whether the parcel has come; take the lot back if it is incomplete."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
