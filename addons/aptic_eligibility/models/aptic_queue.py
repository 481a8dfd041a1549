from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "application": {
        "model": "aptic.application",
        "domain": [("state", "=", "submitted")],
        "date": "submitted_at",
        "days": 10,
        "action": "aptic_eligibility.aptic_application_action",
        "filter": "to_review",
        "groups": ("aptic_base.group_aptic_reviewer",),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "application": [
                self.env._("Applications to review"),
                self.env._("Read the answers, then confirm what the scores propose or decide otherwise."),
            ],
        }
        return [*self._with_texts(QUEUES, texts), *super()._queues()]
