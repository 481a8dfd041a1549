from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError


class ApticSettlement(models.Model):
    """The payouts of a settlement; statements that earlier runs could not pay travel along."""

    _inherit = "aptic.settlement"

    payment_order_ids = fields.Many2many(
        "account.payment.order", string="Payment orders", compute="_compute_payment_order_ids", compute_sudo=True
    )
    to_send_count = fields.Integer(compute="_compute_payment_order_ids", compute_sudo=True)
    blocked_count = fields.Integer(string="Cannot be paid yet", compute="_compute_blocked_count", compute_sudo=True)

    @api.depends("statement_ids.payout_line_ids.order_id.state", "statement_ids.payout_line_ids.order_id.aptic_booking")
    def _compute_payment_order_ids(self):
        for settlement in self:
            orders = settlement.statement_ids.payout_line_ids.order_id
            settlement.payment_order_ids = orders
            settlement.to_send_count = len(
                orders.filtered(lambda order: order.state == "generated" and order.aptic_booking != "running")
            )

    @api.depends("statement_ids.payout_blocker")
    def _compute_blocked_count(self):
        for settlement in self:
            settlement.blocked_count = len(settlement.statement_ids.filtered("payout_blocker"))

    def action_make_payment_order(self):
        """Button: one order and one file for all that is owed and can be paid."""
        self.ensure_one()
        order = self._pay()
        if order:
            return order._get_records_action(name=self.env._("Payment order"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "There is nothing that can be paid now. The statements say what each provider has to do."
                ),
            },
        }

    def action_file_sent(self):
        """Button: the file is at the bank."""
        self.ensure_one()
        self._check_accountant()
        for order in self.sudo().payment_order_ids.filtered(lambda order: order.state == "generated"):
            order.with_user(self.env.user).sudo()._aptic_file_sent()

    def _pay(self):
        """Make the payment order of everything owed: this settlement, earlier ones, what came back.

        Providers who cannot be paid are told why; their statements wait for a later order. So do those whose bank
        details the user changed, for another user's order.

        :return: the order, empty when nobody can be paid
        :raise UserError: without the accountant role, while documents are being made, when all that can be paid goes to
            accounts that the user changed, or when a third person has to pay it
        """
        self.ensure_one()
        self._check_accountant()
        self._check_documents()
        settlement = self.sudo()
        statements = self.env["aptic.statement"].sudo()
        statements._offset_claims(settlement.company_id, clock.today())._tell()
        owed = statements._to_pay(settlement.company_id)
        waiting = owed.filtered("payout_blocker")
        ready = owed - waiting
        changed = ready.provider_id._whose_account_changed(self.env.user)
        own = ready.filtered(lambda statement: statement.provider_id in changed)
        ready -= own
        if own and not ready:
            raise UserError(
                self.env._(
                    "You changed the bank details of all who can be paid now: ask another accountant to make the order."
                )
            )
        order = ready._make_payment_order() if ready else self.env["account.payment.order"]
        for statement in waiting.filtered(lambda statement: statement.payout_told != statement.payout_blocker):
            statement._guarded_write({"payout_told": statement.payout_blocker})
            statement.provider_id._tell(
                self.env._("Your counter-payment is waiting"),
                self.env._(
                    "Statement %(number)s (%(due)s) cannot be paid yet. %(why)s",
                    number=statement.name,
                    due=statement.currency_id.format(statement.to_pay),
                    why=statement.payout_blocker,
                ),
            )
        settlement._note_payout(order, ready, waiting, own)
        return order.with_env(self.env)

    def _note_payout(self, order, ready, waiting, own):
        body = Markup()
        if order:
            body += Markup("<p>%s</p>") % self.env._(
                "%(count)s statements are in payment order %(order)s.", count=len(ready), order=order.name
            )
        words = self.env._("%s changed its bank details: another accountant pays it", self.env.user.name)
        reasons = [(each, each.payout_blocker) for each in waiting] + [(each, words) for each in own]
        if reasons:
            rows = Markup().join(
                Markup("<li>%s, %s: %s</li>") % (each.name, each.provider_id.display_name, why) for each, why in reasons
            )
            body += Markup("<p>%s</p><ul>%s</ul>") % (self.env._("These could not be paid and wait:"), rows)
        if body:
            self.message_post(body=body)
