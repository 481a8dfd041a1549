from odoo import api, models

# What is not for translation; see `_queues`.
QUEUES = {
    "statement_returned": {
        "model": "aptic.statement",
        "domain": [("state", "=", "returned")],
        "date": None,
        "days": 0,
        "action": "aptic_settlement.aptic_statement_action",
        "filter": "returned",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
    "reversal_asked": {
        "model": "aptic.reversal",
        "domain": [("decision", "=", False)],
        "date": "asked_at",
        "days": 3,
        "action": "aptic_settlement.aptic_reversal_action",
        "filter": "to_decide",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
    "grant_applied": {
        "model": "aptic.fund.grant",
        "domain": [("state", "=", "applied")],
        "date": "asked_on",
        "days": 30,
        "action": "aptic_settlement.aptic_fund_grant_action",
        "filter": "to_decide",
        "groups": ("aptic_base.group_aptic_accountant", "aptic_base.group_aptic_manager"),
    },
    "fees_transfer": {
        "model": "aptic.coverage",
        "domain": [("transfer_due", "=", True)],
        "date": None,
        "days": 0,
        "action": "aptic_settlement.aptic_coverage_action",
        "filter": "transfer",
        "groups": ("aptic_base.group_aptic_accountant",),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "statement_returned": [
                self.env._("Payments that the bank returned"),
                self.env._("Ask the provider for other bank details; the statement is paid again after that."),
            ],
            "reversal_asked": [
                self.env._("Reversals to decide"),
                self.env._("Compare the reason with the statement, then approve or refuse: not by who asked."),
            ],
            "grant_applied": [
                self.env._("Applications to the territorial funds"),
                self.env._("Compare with the call and with what the fund holds, then grant or decline."),
            ],
            "fees_transfer": [
                self.env._("Fees to transfer out of the segregated account"),
                self.env._("Transfer the amount of the proof to the operator's own account, at the bank."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
