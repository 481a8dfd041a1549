from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "order_draft": {
        "model": "aptic.order",
        "domain": [("state", "=", "draft"), ("quote_id", "=", False)],
        "date": "create_date",
        "days": 7,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "unquoted",
        "groups": (),
    },
    "order_quoted": {
        "model": "aptic.order",
        "domain": [("state", "=", "draft"), ("quote_id", "!=", False)],
        "date": "write_date",
        "days": 15,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "quoted",
        "groups": (),
    },
    "proof_returned": {
        "model": "aptic.proof",
        "domain": [("state", "=", "returned")],
        "date": "decided_at",
        "days": 3,
        "action": "aptic_voucher.aptic_proof_action",
        "filter": "returned",
        "groups": (),
    },
    "proof_waiting": {
        "model": "aptic.proof",
        "domain": [("state", "=", "waiting")],
        "date": "sent_at",
        "days": 10,
        "action": "aptic_voucher.aptic_proof_action",
        "filter": "waiting",
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
                self.env._("Drafts without a quote"),
                self.env._("Help the sponsor to finish its order, then send the quote."),
            ],
            "order_quoted": [
                self.env._("Quotes to be signed"),
                self.env._("The sponsor signs in its space, which confirms the order: call it when it takes long."),
            ],
            "proof_returned": [
                self.env._("Proofs sent back"),
                self.env._("Read why, change message or logo, and answer with a new version."),
            ],
            "proof_waiting": [
                self.env._("Proofs with the sponsors"),
                self.env._("Nothing is printed before the approval: call those who are late."),
            ],
            "order_shortfall": [
                self.env._("Orders no longer covered"),
                self.env._("The bank's files say less than was activated: find out why, at once."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
