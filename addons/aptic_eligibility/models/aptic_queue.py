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
    "kit": {
        "model": "aptic.kit",
        "domain": [("state", "=", "to_prepare")],
        "date": "create_date",
        "days": 7,
        "action": "aptic_eligibility.aptic_kit_action",
        "filter": "to_prepare",
        "groups": (),
    },
    "replacement": {
        "model": "aptic.replacement",
        "domain": [("state", "=", "declared")],
        "date": "create_date",
        "days": 5,
        "action": "aptic_eligibility.aptic_replacement_action",
        "filter": "to_decide",
        "groups": (),
    },
    "unpaid": {
        "model": "aptic.subscription",
        "domain": [("provider_id.measure_ids", "any", [("cause", "=", "unpaid"), ("ended_at", "=", False)])],
        "date": None,
        "days": 0,
        "action": "aptic_eligibility.aptic_subscription_action",
        "filter": "unpaid",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
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
            "kit": [
                self.env._("Kits to send"),
                self.env._(
                    "Print the labels, scan the serial number of each scanner into its parcel, note the sending."
                ),
            ],
            "replacement": [
                self.env._("Replacements of scanners"),
                self.env._("Read what is wrong: approve, or answer what to try."),
            ],
            "unpaid": [
                self.env._("Members suspended for unpaid invoices"),
                self.env._("Call them; the suspension ends by itself when they have paid."),
            ],
        }
        first, *others = self._with_texts(QUEUES, texts)
        return [first, *super()._queues(), *others]
