from datetime import timedelta

from odoo import api, models

# By number of the demonstration provider.
CHANGES_PLAN, ENDS, UNPAID = 4, 5, 6
LATE, REMINDED = 20, 15


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    @api.model
    def _load_demo_subscriptions(self):
        """What can happen to a subscription that runs: another plan asked for, an end asked for, an unpaid invoice.

        Called once scans have woken them; those that do not wait for their contract are left alone.
        """
        for number in (CHANGES_PLAN, ENDS, UNPAID):
            subscription = self.env.ref(f"aptic_base.demo_provider_{number:02}")._live_subscription()
            if subscription.state != "waking":
                continue
            subscription._start()
            if number == CHANGES_PLAN:
                subscription._change_plan("yearly" if subscription.plan == "monthly" else "monthly")
            elif number == ENDS:
                subscription._terminate()
            else:
                day = subscription._today() - timedelta(days=LATE)
                moves = subscription.contract_id._recurring_create_invoice(max(day, subscription.first_scan_day))
                moves.write({"invoice_date_due": day, "aptic_reminded_days": REMINDED})
