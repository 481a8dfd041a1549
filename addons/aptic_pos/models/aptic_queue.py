from odoo import api, models

from ..watch import MANAGERS

# What is not for translation; see `_queues`.
QUEUES = {
    "alert": {
        "model": "aptic.alert",
        "domain": [("state", "=", "open")],
        "date": "raised_at",
        "days": 3,
        "action": "aptic_pos.aptic_alert_action",
        "filter": "open",
        "groups": (MANAGERS,),
    },
    "alert_confirmed": {
        "model": "aptic.alert",
        "domain": [("state", "=", "confirmed"), ("redemption_ids", "any", [("state", "=", "done")])],
        "date": "decided_at",
        "days": 7,
        "action": "aptic_pos.aptic_alert_action",
        "filter": "to_cancel",
        "groups": (MANAGERS,),
    },
    "wrong_codes_alarm": {
        "model": "aptic.attempt.alarm",
        "domain": [("state", "=", "new")],
        "date": "started_at",
        "days": 1,
        "action": "aptic_pos.aptic_attempt_alarm_action",
        "filter": "new",
        "groups": (MANAGERS,),
    },
    "lockout": {
        "model": "aptic.lockout",
        "domain": [("state", "=", "locked")],
        "date": "at",
        "days": 1,
        "action": "aptic_pos.aptic_lockout_action",
        "filter": "locked",
        "groups": (),
    },
}


class ApticQueue(models.AbstractModel):
    _inherit = "aptic.queue"

    @api.model
    def _queues(self):
        texts = {
            "alert": [
                self.env._("Scans that look wrong"),
                self.env._("Their payout waits: call the place, then dismiss or confirm each alert."),
            ],
            "alert_confirmed": [
                self.env._("Confirmed alerts with scans to cancel"),
                self.env._("Cancel these scans, and decide whether the provider is suspended."),
            ],
            "wrong_codes_alarm": [
                self.env._("Alarms of wrong codes"),
                self.env._("Look at the wrong codes by place, call the desks, then note what it was."),
            ],
            "lockout": [
                self.env._("Members locked after wrong codes"),
                self.env._("Call their manager: what was scanned? Then lift the lock, or leave it."),
            ],
        }
        return [*super()._queues(), *self._with_texts(QUEUES, texts)]
