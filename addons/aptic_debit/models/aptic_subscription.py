from odoo import api, models


class ApticSubscription(models.Model):
    _inherit = "aptic.subscription"

    @api.model
    def _overdue_domain(self, day):
        """What is on its way to the bank in a debit order is not asked for, nor set off.

        Once the bank has the file the invoice is paid, by accounting; a debit that comes back opens it again.
        """
        on_its_way = [("payment_line_ids.state", "in", ("open", "generated"))]
        return [*super()._overdue_domain(day), ("line_ids", "not any", on_its_way)]
