from odoo import models
from odoo.exceptions import UserError


class AccountPaymentOrder(models.Model):
    """Who may pay: nobody to an account that they put in force, and from an amount on a third person."""

    _inherit = "account.payment.order"

    def draft2open(self):
        """Confirm, as a person who may pay."""
        self._aptic_check_persons()
        return super().draft2open()

    def open2generated(self):
        """Make the file, as a person who may pay."""
        self._aptic_check_persons()
        result = super().open2generated()
        for order in self.filtered("aptic_file_hash"):
            order._aptic_note_persons()
        return result

    def _aptic_check_persons(self):
        """Refuse who may not pay one of the statements of these orders.

        :raise UserError: for who put an account in force, and above the company's amount for who computed or approved
        """
        for order in self:
            statements = order._aptic_statements()
            own = statements._to_accounts_changed_by(self.env.user)
            if own:
                raise UserError(
                    self.env._(
                        "You changed the bank details of %(providers)s: another accountant pays them.",
                        providers=", ".join(own.provider_id.mapped("name")),
                    )
                )
            amount = sum(order.payment_line_ids.mapped("amount_currency"))
            statements.settlement_id._check_third_person(amount)

    def _aptic_note_persons(self):
        """Keep with the order who computed, approved and paid, for who looks at it years later."""
        runs = self._aptic_statements().settlement_id
        self.message_post(
            body=self.env._(
                "Settlements %(runs)s computed by %(makers)s, approved by %(checkers)s; paid by %(payer)s.",
                runs=", ".join(runs.mapped("name")),
                makers=", ".join(runs.computed_by_id.mapped("name")),
                checkers=", ".join(runs.approved_by_id.mapped("name")),
                payer=self.env.user.name,
            ),
            author_id=self.env.user.partner_id.id,
        )
