from odoo import api, fields, models
from odoo.exceptions import UserError

IDENTIFIERS = ("End to End Identification", "Instruction Identification")
ANALYSE_FROM = 50


class AccountPaymentOrder(models.Model):
    """Payments to providers: their EndToEndId, the state of what they pay, and no way back once the bank has the file.

    An order pays counter-payments, or grants of the funds, with all of its lines, or with none.
    """

    _inherit = "account.payment.order"

    aptic_pays_providers = fields.Boolean(
        string="Pays providers", compute="_compute_aptic_pays_providers", compute_sudo=True
    )

    @api.depends("payment_line_ids.aptic_end_to_end")
    def _compute_aptic_pays_providers(self):
        for order in self:
            order.aptic_pays_providers = any(order.payment_line_ids.mapped("aptic_end_to_end"))

    @api.model
    def _aptic_make(self, owed, description):
        """Put what is owed into one payment order, confirm it and make its file.

        The file is validated against the schema of its format before anybody can have it.

        :param owed: statements or grants of one company, with ``payout_count`` and ``_prepare_payment_line_vals``
        :param description: text of the order
        :return: the ``account.payment.order``
        """
        company = owed.company_id.ensure_one()
        order = self.create(
            {
                "payment_mode_id": company._aptic_payment_mode().id,
                "date_prefered": "now",
                "description": description,
            }
        )
        for record in owed:
            record._guarded_write({"payout_count": record.payout_count + 1})
        self.env["account.payment.line"].create([record._prepare_payment_line_vals(order) for record in owed])
        order.draft2open()
        order.open2generated()
        return order

    def _aptic_is_ours(self):
        """Whether the order pays providers, by any of its lines."""
        return self.aptic_pays_providers

    def draft2open(self):
        """Confirm, without what only the settlement may pay."""
        self.payment_line_ids._aptic_refuse_unmarked()
        return super().draft2open()

    def open2generated(self):
        """Make the file, without what only the settlement may pay."""
        self.payment_line_ids._aptic_refuse_unmarked()
        return super().open2generated()

    def _prepare_field(self, field_name, field_value, eval_ctx, max_size=0, gen_args=None):
        if field_name in IDENTIFIERS and "line" in eval_ctx and eval_ctx["line"].aptic_end_to_end:
            field_value = "line.aptic_end_to_end"
        return super()._prepare_field(field_name, field_value, eval_ctx, max_size=max_size, gen_args=gen_args)

    def post_and_reconcile(self):
        """Payments to providers are posted and reconciled in one go."""
        ours = self.filtered(lambda order: order._aptic_is_ours())
        for order in ours:
            order._aptic_book(order.payment_ids._aptic_unbooked())
        others = self - ours
        return super(AccountPaymentOrder, others).post_and_reconcile() if others else None

    def _aptic_book(self, payments):
        """Post payments and reconcile them with what they pay: their statements are sent."""
        if len(payments) >= ANALYSE_FROM:
            # Without statistics PostgreSQL needs seconds a payment for core's counters of reconciled invoices.
            self.env.cr.execute("ANALYZE account_move, account_move_line, account_partial_reconcile, account_payment")
        payments.action_post()
        self.env["account.move.line"]._reconcile_plan(
            [payment.payment_line_ids.move_line_id + payment._aptic_items() for payment in payments]
        )
        payments.sudo()._aptic_statements()._sent()

    def action_cancel(self):
        """Refuse once the bank has the file: what it does not pay comes back as a payment return."""
        for order in self:
            if order.state == "uploaded" and order._aptic_is_ours():
                raise UserError(
                    self.env._(
                        "The bank has the file of %s: what it refuses is recorded as a payment return, one by one, and"
                        " is paid by the next order.",
                        order.name,
                    )
                )
        return super().action_cancel()
