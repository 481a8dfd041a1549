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
        """Refuse who may not pay what is in these orders.

        :raise UserError: for who put an account in force, and from the company's amount on for who decided
        """
        for order in self.filtered(lambda order: order._aptic_is_ours()):
            own = order._aptic_providers()._whose_account_changed(self.env.user)
            if own:
                raise UserError(
                    self.env._(
                        "You changed the bank details of %(providers)s: another accountant pays them.",
                        providers=", ".join(own.mapped("name")),
                    )
                )
            amount = sum(order.payment_line_ids.mapped("amount_currency"))
            order.company_id._aptic_check_third_person(amount, order._aptic_deciders())

    def _aptic_providers(self):
        """The providers that these orders pay."""
        lines = self.sudo().payment_line_ids
        return lines.aptic_statement_id.provider_id + lines.aptic_grant_id.provider_id

    def _aptic_deciders(self):
        """Who computed, asked for and approved what these orders pay, one name each."""
        lines = self.sudo().payment_line_ids
        runs, grants = lines.aptic_statement_id.settlement_id, lines.aptic_grant_id
        return runs.computed_by_id | runs.approved_by_id | grants.asked_by_id | grants.decided_by_id

    def _aptic_note_persons(self):
        """Keep with the order who decided and who paid, for who looks at it years later."""
        self.message_post(
            body=self.env._(
                "Computed or asked for, and approved, by %(deciders)s; paid by %(payer)s.",
                deciders=", ".join(self._aptic_deciders().mapped("name")),
                payer=self.env.user.name,
            ),
            author_id=self.env.user.partner_id.id,
        )
