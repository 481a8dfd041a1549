from odoo import api, fields, models
from odoo.exceptions import UserError

from .account_payment_line import UNDER_WAY


class ApticFundGrant(models.Model):
    """The way of a grant to the provider's bank account: a payment order like that of the counter-payments."""

    _inherit = "aptic.fund.grant"

    payout_line_ids = fields.One2many("account.payment.line", "aptic_grant_id", readonly=True)
    payout_count = fields.Integer(required=True, readonly=True, default=0, copy=False)
    payment_state = fields.Selection(
        [("waiting", "To be paid"), ("ordered", "In a payment order"), ("sent", "Sent to the bank"), ("paid", "Paid")],
        string="Payment",
        compute="_compute_payment_state",
        compute_sudo=True,
    )
    payout_blocker = fields.Char(
        string="Why it cannot be paid yet", compute="_compute_payment_state", compute_sudo=True
    )

    @api.depends(
        "state", "payout_line_ids.state", "provider_id.payout_frozen", "provider_id.bank_account_id.acc_holder_name",
        "provider_id.bank_account_id.acc_number", "provider_id.bank_account_id.bank_id.bic",
    )  # fmt: skip
    def _compute_payment_state(self):
        blockers = self.provider_id._payout_blockers()
        for grant in self:
            grant.payout_blocker = ""
            if grant.state != "granted":
                grant.payment_state = False
                continue
            item = grant._grant_item()
            if item.reconciled:
                done = grant.payout_line_ids.filtered(lambda line: line.state == "uploaded").payment_ids
                grant.payment_state = "paid" if all(pay._aptic_in_bank() for pay in done) else "sent"
            elif (grant.payout_line_ids | item.payment_line_ids).filtered(lambda line: line.state in UNDER_WAY):
                grant.payment_state = "ordered"
            else:
                grant.payment_state = "waiting"
                awaited = grant.payout_line_ids.payment_ids._aptic_awaited()
                grant.payout_blocker = blockers.get(grant.provider_id) or (
                    awaited._aptic_await_told() if awaited else ""
                )

    def _grant_item(self):
        """The item that says what the provider is owed."""
        return self.move_id.line_ids.filtered(lambda item: item.account_type == "liability_payable")

    def action_pay(self):
        """Button: one payment order and one file for the grants that are owed and can be paid.

        :raise UserError: without the accountant role, or when none can be paid
        """
        if not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise UserError(self.env._("Grants are paid by accountants: ask for the #APTIC accountant role."))
        grants = self.sudo().sorted("id")
        grants._lock_or_retry()
        ready = grants.filtered(lambda grant: grant.payment_state == "waiting" and not grant.payout_blocker)
        if not ready:
            blocked = [f"{grant.name}: {grant.payout_blocker}" for grant in grants if grant.payout_blocker]
            raise UserError("\n".join([self.env._("None of these grants can be paid now."), *blocked]))
        order = (
            self.env["account.payment.order"].sudo()._aptic_make(ready, self.env._("Grants of the territorial funds"))
        )
        return order.with_env(self.env)._get_records_action(name=self.env._("Payment order"))

    def _prepare_payment_line_vals(self, order):
        self.ensure_one()
        item = self._grant_item()
        return {
            "order_id": order.id,
            "aptic_grant_id": self.id,
            "aptic_end_to_end": self.name if self.payout_count < 2 else f"{self.name}-{self.payout_count}",
            "move_line_id": item.id,
            "partner_id": self.provider_id.partner_id.id,
            "partner_bank_id": self.provider_id.bank_account_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -item.amount_residual,
            "communication": self.env._("Grant %s", self.name),
            "communication_type": "normal",
        }

    def _returned(self, reason, payment, suspend=True):
        """The bank has sent the money back: the grant is owed again, that account is suspended, the provider told.

        :param suspend: whether the account paid to is what is wrong; if not, there is nothing for the provider to do
        """
        for grant in self.sudo():
            provider = grant.provider_id._in_their_language()
            account = payment.partner_bank_id
            if suspend and account and provider.bank_account_id == account:
                provider.sudo()._guarded_write({"bank_account_id": False})
            env = provider.env
            values = {"number": grant.name, "reason": reason or env._("no reason given")}
            if suspend:
                told = env._(
                    "The bank returned the payment of grant %(number)s (%(reason)s). The amount is still owed: give"
                    " new bank details in your space and it is paid with the next payments.",
                    **values,
                )
            else:
                told = env._(
                    "The bank did not carry out the payment of grant %(number)s (%(reason)s), for a reason on our side."
                    " The amount is still owed and is paid with the next payments: there is nothing for you to do.",
                    **values,
                )
            provider._tell_managers(env._("The payment of your grant came back"), told, ("manager", "accountant"))


class AccountPaymentLine(models.Model):
    _inherit = "account.payment.line"

    aptic_grant_id = fields.Many2one("aptic.fund.grant", index="btree_not_null", ondelete="restrict", readonly=True)


class PaymentReturn(models.Model):
    _inherit = "payment.return"

    def action_confirm(self):
        """Grants among what comes back are owed again."""
        ours = {line: line._aptic_payments() for line in self.line_ids}
        result = super().action_confirm()
        for line, payments in ours.items():
            for payment in payments:
                payment.payment_line_ids.aptic_grant_id._returned(
                    line._aptic_reason(), payment, suspend=line.aptic_suspends
                )
        return result
