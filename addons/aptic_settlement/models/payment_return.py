from odoo import api, fields, models
from odoo.exceptions import UserError


class PaymentReturn(models.Model):
    """Returns of counter-payments: the provider's claim lives again, the vouchers are not touched."""

    _inherit = "payment.return"

    # ------------------------------------------------------------------ guard
    def write(self, vals):
        """A confirmed return of counter-payments stays: the claim may be paid again already."""
        if {"company_id", "journal_id", "line_ids", "move_id", "state"} & vals.keys():
            self.line_ids._aptic_refuse_confirmed()
        return super().write(vals)

    def unlink(self):
        """A confirmed return of counter-payments stays."""
        self.line_ids._aptic_refuse_confirmed()
        return super().unlink()

    # ------------------------------------------------------------------ verbs
    def _prepare_move_line(self, move, total_amount):
        vals = super()._prepare_move_line(move, total_amount)
        ours = self.line_ids._aptic_payments()
        if ours:
            # One item for each: the money comes back by lines of the bank of their own (``_prepare_extra_move_lines``).
            vals.update(self.line_ids[-1]._prepare_aptic_transit_vals(move))
        return vals

    def action_confirm(self):
        """Book the return; the statements concerned are returned and their bank accounts suspended.

        :raise UserError: for a form filled in by hand, without the accountant role
        """
        ours = self.line_ids.filtered(lambda line: line._aptic_payments())
        by_hand = bool(ours) and not self.env.su
        if by_hand and not self.env.user.has_group("aptic_base.group_aptic_accountant"):
            raise UserError(
                self.env._(
                    "The return of a counter-payment is recorded by accountants: ask for the #APTIC accountant role."
                )
            )
        if ours and ours != self.line_ids:
            raise UserError(self.env._("Record the returns of counter-payments apart from the other ones."))
        for line in ours:
            payment = line._aptic_payments()
            if self.company_id.currency_id.compare_amounts(line.amount, payment.amount):
                raise UserError(
                    self.env._(
                        "The bank returns a counter-payment as a whole: %(reference)s is %(amount)s.",
                        reference=payment.aptic_end_to_end,
                        amount=payment.amount,
                    )
                )
        result = super().action_confirm()
        for line in ours:
            line._aptic_payments()._aptic_statements()._returned(
                line._aptic_reason(), line._aptic_payments(), suspend=line.aptic_suspends
            )
        if by_hand:
            ours._aptic_tell_by_hand()
        return result

    def action_cancel(self):
        """Refuse for counter-payments: the claim may be paid again already."""
        self.line_ids._aptic_refuse_confirmed()
        return super().action_cancel()


class PaymentReturnLine(models.Model):
    _inherit = "payment.return.line"

    aptic_suspends = fields.Boolean(
        string="Suspend the account",
        default=True,
        help="The bank speaks of the account paid to: nothing is paid there before new bank details are accepted.",
    )

    # ------------------------------------------------------------------ guard
    @api.model_create_multi
    def create(self, vals_list):
        """Nothing joins a confirmed return of counter-payments."""
        returns = self.env["payment.return"].browse([vals["return_id"] for vals in vals_list if vals.get("return_id")])
        returns.line_ids._aptic_refuse_confirmed()
        return super().create(vals_list)

    def write(self, vals):
        """A line of a confirmed return of counter-payments stays."""
        self._aptic_refuse_confirmed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        self._aptic_refuse_confirmed()

    def _aptic_refuse_confirmed(self):
        if self.filtered(lambda line: line.return_id.state == "done")._aptic_payments():
            raise UserError(self.env._("The return of a counter-payment stays: pay the statement again instead."))

    def _aptic_tell_by_hand(self):
        """Say with the provider and with the payment order who recorded these returns by hand."""
        for line in self:
            for payment in line._aptic_payments().sudo():
                body = self.env._(
                    "%(user)s recorded by hand that the payment %(reference)s came back (%(reason)s). It is paid again"
                    " once the bank's statement shows the credit, or at once if the bank has not booked it.",
                    user=self.env.user.name,
                    reference=payment.aptic_end_to_end,
                    reason=line._aptic_reason() or self.env._("no reason given"),
                )
                lines = payment.payment_line_ids
                provider = lines.aptic_statement_id.provider_id or lines.aptic_grant_id.provider_id
                for record in (payment.payment_order_id, provider):
                    record.message_post(body=body, subtype_xmlid="mail.mt_note")

    # ---------------------------------------------------------------- matches
    def _aptic_payments(self):
        """The counter-payments among the payments that these lines return."""
        return self.move_line_ids.move_id.origin_payment_id.filtered("aptic_end_to_end")

    def _aptic_reason(self):
        return " - ".join(filter(None, [self.reason_id.code, self.reason_id.name, self.reason_additional_information]))

    def _find_match(self):
        """A counter-payment is found by its EndToEndId, before the matches by invoice."""
        lines = self.filtered(lambda line: line.reference and not line.move_line_ids)
        payments = self.env["account.payment"].search(
            [("aptic_end_to_end", "in", lines.mapped("reference")), ("move_id.state", "=", "posted")]
        )
        found = {payment.aptic_end_to_end: payment for payment in payments}
        for line in lines:
            payment = found.get(line.reference)
            if payment:
                line.move_line_ids = payment._aptic_items()
                line.partner_id = payment.partner_id
                line.amount = line.amount or payment.amount
        return super()._find_match()

    def _compute_amount(self):
        ours = self.filtered(lambda line: line._aptic_payments())
        for line in ours:
            line.amount = sum(line.move_line_ids.mapped("debit"))
        return super(PaymentReturnLine, self - ours)._compute_amount()

    def _prepare_extra_move_lines(self, move):
        vals_list = super()._prepare_extra_move_lines(move)
        if self._aptic_payments() and self != self.return_id.line_ids[-1]:
            vals_list.append(self._prepare_aptic_transit_vals(move))
        return vals_list

    def _prepare_aptic_transit_vals(self, move):
        self.ensure_one()
        return {
            "name": self._aptic_payments().aptic_end_to_end,
            "move_id": move.id,
            "journal_id": move.journal_id.id,
            "account_id": self.return_id.company_id.aptic_transit_account_id.id,
            "debit": self.return_id._get_move_amount(self),
            "credit": 0.0,
        }

    def _prepare_return_move_line_vals(self, move):
        vals = super()._prepare_return_move_line_vals(move)
        if self._aptic_payments():
            vals.update(credit=vals["debit"], debit=0.0)
        return vals
