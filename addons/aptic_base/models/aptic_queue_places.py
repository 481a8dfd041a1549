from odoo import api, models

QUEUES = {
    "convention": {
        "model": "aptic.hosting",
        "domain": [("state", "=", "received")],
        "date": "create_date",
        "days": 10,
        "action": "aptic_base.aptic_hosting_action",
        "filter": "received",
        "groups": ("aptic_base.group_aptic_reviewer", "aptic_base.group_aptic_manager"),
    },
    "suggestion": {
        "model": "aptic.service.suggestion",
        "domain": [("state", "=", "proposed")],
        "date": "create_date",
        "days": 30,
        "action": "aptic_base.aptic_service_suggestion_action",
        "filter": "proposed",
        "groups": (),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "convention": [
                self.env._("Conventions with host places"),
                self.env._(
                    "Open the convention, then accept it or refuse it with a reason: no voucher is taken before."
                ),
            ],
            "suggestion": [
                self.env._("Suggested services"),
                self.env._("Add it to the référentiel, point at the service that exists, or decline: with an answer."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
