from odoo import api, fields, models

from .account_payment_line import UNDER_WAY

PAYABLE = ("approved", "returned", "sent", "paid")


class ApticStatement(models.Model):
    """The way of a statement's net to the provider's bank account, and back."""

    _inherit = "aptic.statement"

    payout_count = fields.Integer(required=True, readonly=True, default=0, help="How often it was put into an order.")
    payout_told = fields.Char(readonly=True, help="What the provider was last told about a payment that waits.")
    payout_line_ids = fields.One2many("account.payment.line", "aptic_statement_id", readonly=True)
    payout_blocker = fields.Char(
        string="Why it cannot be paid yet", compute="_compute_payout_blocker", compute_sudo=True
    )

    @api.depends(
        "state", "provider_id.payout_frozen", "provider_id.bank_account_id.acc_holder_name",
        "provider_id.bank_account_id.acc_number", "provider_id.bank_account_id.bank_id.bic",
        "move_id.line_ids.reconciled",
    )  # fmt: skip
    def _compute_payout_blocker(self):
        owed = self.filtered(lambda statement: statement.state in ("approved", "returned"))
        blockers = owed.provider_id._payout_blockers()
        for statement in self:
            statement.payout_blocker = blockers.get(statement.provider_id, "") if statement in owed else ""
        closed = self.env["account.move.line"].search(
            [
                ("move_id", "in", owed.move_id.ids),
                ("account_type", "=", "liability_payable"),
                ("reconciled", "=", True),
            ]
        )
        shut = owed.filtered(lambda statement: statement.move_id in closed.move_id)
        for statement in shut - shut._under_way():
            statement.payout_blocker = self.env._(
                "Nothing of it is open in the accounts any more, and no payment of the bank is known: the team looks"
                " at it."
            )
        free = self.filtered(lambda statement: statement.state == "returned" and not statement.payout_blocker)
        awaited = free.payout_line_ids.payment_ids._aptic_awaited()
        for statement in awaited._aptic_statements() & free:
            statement.payout_blocker = awaited._aptic_await_told()

    # ------------------------------------------------------------------ order
    @api.model
    def _to_pay(self, company):
        """The statements that are owed and in no payment order that is still to be executed, locked."""
        owed = self.search([("company_id", "=", company.id), ("state", "in", ("approved", "returned"))], order="id")
        return owed._lock_unpaid()

    def _lock_unpaid(self):
        """Lock these statements; return those of which something is owed, in no order that is still to be executed."""
        self.lock_for_update()
        self.invalidate_recordset(["state", "payout_blocker"])
        owed = self.filtered(lambda one: one.state in ("approved", "returned") and one._open_cents() > 0)
        return owed - owed._under_way()

    def _under_way(self):
        """Those of these statements that an order still to be executed pays, by whatever line."""
        items = self._payable_item()
        lines = self.env["account.payment.line"].sudo().search(
            [
                ("state", "in", UNDER_WAY),
                "|", ("aptic_statement_id", "in", self.ids), ("move_line_id", "in", items.ids),
            ]
        )  # fmt: skip
        moves = lines.move_line_id.move_id
        return self.filtered(lambda one: one in lines.aptic_statement_id or one.move_id in moves)

    def _open_cents(self):
        """What is still owed of this statement."""
        return -round(sum(self._payable_item().mapped("amount_residual")) * 100)

    def _make_payment_order(self):
        """One payment order for these statements, confirmed, with its file."""
        return self.env["account.payment.order"]._aptic_make(self, self.env._("Counter-payments"))

    def _prepare_payment_line_vals(self, order):
        self.ensure_one()
        item = self._payable_item()
        return {
            "order_id": order.id,
            "aptic_statement_id": self.id,
            "aptic_end_to_end": self._end_to_end(),
            "move_line_id": item.id,
            "partner_id": self.provider_id.partner_id.id,
            "partner_bank_id": self.provider_id.bank_account_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -item.amount_residual,
            "communication": self.env._("Counter-payment %s", self.name),
            "communication_type": "normal",
        }

    def _end_to_end(self):
        """The number of the statement; another try after a return says which."""
        return self.name if self.payout_count < 2 else f"{self.name}-{self.payout_count}"

    # ------------------------------------------------------------------- bank
    def _sent(self):
        """The bank has the file."""
        self._set_state(("approved", "returned"), "sent")
        self.settlement_id._update_state()

    def _payment(self):
        """The payment of the latest order that the bank has."""
        self.ensure_one()
        lines = self.payout_line_ids.filtered(lambda line: line.state == "uploaded").sorted("id")
        return lines[-1:].payment_ids[:1]

    def _update_paid(self):
        """Paid once the claim and what is in transit are both zero; back to sent when the bank's line is undone.

        A line of the bank that a person sets against the whole claim pays it too.
        """
        for statement in self.sudo().filtered(lambda statement: statement.state in PAYABLE):
            if statement.state in ("approved", "returned"):
                if statement._is_paid_by_hand() and not statement._under_way():
                    statement._set_state(("approved", "returned"), "paid")
                continue
            payment = statement._payment()
            if statement.state == "paid" and (not payment or payment._aptic_came_back()):
                target = "paid" if statement._is_paid_by_hand() else "returned" if payment else "approved"
            else:
                settled = all(statement._payable_item().mapped("reconciled"))
                target = "paid" if payment and settled and payment._aptic_in_bank() else "sent"
            statement._set_state(("sent", "paid"), target)
        self.sudo().settlement_id._update_state()

    def _is_paid_by_hand(self):
        """Whether a line of the bank, and no payment, was set against all that was left of the claim."""
        item = self._payable_item()
        against = item.matched_debit_ids.debit_move_id.move_id
        return bool(item.reconciled and against.statement_line_id and not against.origin_payment_id)

    def _returned(self, reason, payment, suspend=True):
        """The bank has sent the money back: the claim is open again, that account is suspended, the provider is told.

        :param reason: what the bank says, as text
        :param payment: the ``account.payment`` that came back
        :param suspend: whether the account paid to is what is wrong; if not, there is nothing for the provider to do
        """
        for statement in self.sudo():
            statement._set_state(("sent", "paid"), "returned")
            provider = statement.provider_id
            account = payment.partner_bank_id
            if not suspend:
                provider._tell(
                    self.env._("Your counter-payment is late"),
                    self.env._(
                        "The bank did not carry out the payment of statement %(number)s (%(reason)s), for a reason on "
                        "our side. The amount is still owed and is paid with the next payments: there is nothing for "
                        "you to do.",
                        number=statement.name,
                        reason=reason or self.env._("no reason given"),
                    ),
                )
                continue
            if account and provider.bank_account_id == account:
                provider._guarded_write({"bank_account_id": False})
            provider._tell(
                self.env._("Your counter-payment came back"),
                self.env._(
                    "The bank returned the payment of statement %(number)s (%(reason)s). The amount is still owed: "
                    "give new bank details in your space and it is paid with the next payments.",
                    number=statement.name,
                    reason=reason or self.env._("no reason given"),
                ),
            )
        self.sudo().settlement_id._update_state()
