from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # As the partner's: its name is its reference.
    mandate_id = fields.Many2one(groups="base.group_user")

    def _aptic_debit_told(self):
        """What an invoice that is to be debited says of it, or None: it is the notice that SEPA wants before a debit.

        Whoever prints the invoice may read it: the reader of the invoice is the one who signed.

        :return: see :meth:`~odoo.addons.aptic_debit.models.account_banking_mandate.AccountBankingMandate._aptic_shown`
        """
        self.ensure_one()
        invoice = self.sudo()
        if invoice.move_type != "out_invoice" or not (invoice.aptic_subscription_id and invoice.mandate_id):
            return None
        return invoice.mandate_id._aptic_shown()
