from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _reconcile_post_hook(self, data):
        """A subscription that is paid at last gives the right to scan back within the minute."""
        result = super()._reconcile_post_hook(data)
        if data["not_paid_invoices"].aptic_subscription_id:
            self.env.ref("aptic_eligibility.cron_subscription_unpaid").sudo()._trigger()
        return result
