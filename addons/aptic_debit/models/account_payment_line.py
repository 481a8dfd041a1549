from odoo import models
from odoo.exceptions import UserError


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    def _check_sepa_direct_debit_ready(self):
        """What is debited is also still owed."""
        self._aptic_check_open()
        return super()._check_sepa_direct_debit_ready()

    def _aptic_check_open(self):
        """Refuse to debit more of a subscription invoice than is open of it.

        :raise UserError: when it was paid, or set off, since the line was made
        """
        for line in self:
            item = line.move_line_id
            if not item.move_id.aptic_subscription_id:
                continue
            if line.currency_id.compare_amounts(line.amount_currency, item.amount_residual_currency) > 0:
                raise UserError(
                    self.env._(
                        "%(invoice)s of %(partner)s: %(open)s is open, less than what would be debited. Take the line"
                        " out of the order.",
                        invoice=item.move_id.name,
                        partner=line.partner_id.display_name,
                        open=line.currency_id.format(item.amount_residual_currency),
                    )
                )
