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
            "order_shortfall": [
                self.env._("Orders no longer covered"),
                self.env._("The bank's files say less than was activated: find out why, at once."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
