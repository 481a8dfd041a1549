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
    "order_activable": {
        "model": "aptic.order",
        "domain": [("activable_count", ">", 0)],
        "date": "write_date",
        "days": 2,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "activable",
        "groups": (),
    },
    "order_overpaid": {
        "model": "aptic.order",
        "domain": [("overpaid_cents", ">", 0)],
        "date": "write_date",
        "days": 15,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "overpaid",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
    "order_to_draw": {
        "model": "aptic.order",
        "domain": [("state", "=", "expired"), ("closing_ids", "=", False)],
        "date": "write_date",
        "days": 45,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "to_draw",
        "groups": (),
    },
    "order_to_return": {
        "model": "aptic.order",
        "domain": [("state", "=", "expired"), ("closing_ids", "!=", False)],
        "date": "write_date",
        "days": 45,
        "action": "aptic_voucher.aptic_order_action",
        "filter": "to_return",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
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
    "blocking_open": {
        "model": "aptic.blocking",
        "domain": [("outcome", "=", False)],
        "date": "at",
        "days": 3,
        "action": "aptic_voucher.aptic_blocking_action",
        "filter": "open",
        "groups": (),
    },
    "lot_sent": {
        "model": "aptic.distribution",
        "domain": [("state", "=", "sent")],
        "date": "sent_at",
        "days": 10,
        "action": "aptic_voucher.aptic_distribution_action",
        "filter": "sent",
        "groups": (),
    },
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
            "order_activable": [
                self.env._("Vouchers to activate"),
                self.env._("The bank has the money for these booklets: open the order and activate them."),
            ],
            "order_overpaid": [
                self.env._("Orders paid too much"),
                self.env._("Ask the sponsor: the rest pays another document of its, or goes back by a transfer."),
            ],
            "order_to_draw": [
                self.env._("Joint statements to draw"),
                self.env._("These orders are over: once their scans are settled, draw the statement for the sponsor."),
            ],
            "order_to_return": [
                self.env._("Unused vouchers to return"),
                self.env._("Signed: post the credit note and make the transfer. Not signed: remind the sponsor."),
            ],
            "order_amendment": [
                self.env._("Extensions of rules to decide"),
                self.env._("Compare what the sponsor asks for with its order, then approve or decline it."),
            ],
            "order_shortfall": [
                self.env._("Orders no longer covered"),
                self.env._("The bank's files say less than was activated: find out why, at once."),
            ],
            "blocking_open": [
                self.env._("Blocked booklets"),
                self.env._("Replace them by new ones, or let another person unblock them when they were found."),
            ],
            "lot_sent": [
                self.env._("Lots that nobody acknowledged"),
                self.env._("Ask the distributor whether the parcel has come; take the lot back if it is incomplete."),
            ],
            "ledger_broken": [
                self.env._("Checks that found the ledger changed"),
                self.env._("Keep a copy of the database as it is, compare with a backup, and find out who did it."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
