from datetime import date, timedelta

from odoo import api, fields, models
from odoo.addons.aptic_voucher import clock
from odoo.exceptions import UserError
from odoo.fields import Command

from .account_payment_order_file import VERB


class AccountPayment(models.Model):
    _inherit = "account.payment"

    aptic_end_to_end = fields.Char(
        string="EndToEndId",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="Reference of a counter-payment in the bank's files: unique and stable.",
    )

    aptic_trouble = fields.Char(string="Why it is not booked", readonly=True, copy=False)

    _aptic_fixed = frozenset(
        {"amount", "aptic_end_to_end", "currency_id", "journal_id", "partner_bank_id", "partner_id", "payment_order_id"}
    )

    # ------------------------------------------------------------------ guard
    def write(self, vals):
        """A counter-payment stays what the file says of it."""
        names = self._aptic_fixed & vals.keys()
        if names and not self.env.su:
            for payment in self.filtered("aptic_end_to_end"):
                if any(payment._fields[name].convert_to_write(payment[name], payment) != vals[name] for name in names):
                    raise UserError(self._aptic_kept())
        return super().write(vals)

    def action_draft(self):
        """Refuse to take a counter-payment out of its order."""
        self._aptic_by_order()
        return super().action_draft()

    def action_cancel(self):
        """Refuse to take a counter-payment out of its order."""
        self._aptic_by_order()
        return super().action_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counter_payment(self):
        self._aptic_by_order()

    def _aptic_by_order(self):
        if self.env.context.get("aptic_verb") is not VERB and self.filtered("aptic_end_to_end"):
            raise UserError(self._aptic_kept())

    def _aptic_kept(self):
        return self.env._(
            "A counter-payment stays as it is in the bank's file: cancel its payment order, or record what came back."
        )

    # -------------------------------------------------------------- relations
    def _aptic_unbooked(self):
        """Those of these payments that have no posted entry yet."""
        return self.filtered(lambda payment: payment.move_id.state != "posted")

    def _aptic_statements(self):
        """The statements that these payments pay."""
        return self.filtered("aptic_end_to_end").payment_line_ids.aptic_statement_id

    def _aptic_items(self):
        """The items of these payments on the account due to providers."""
        return self.move_id.line_ids.filtered(lambda item: item.account_type == "liability_payable")

    def _aptic_transit_items(self):
        """The items of these payments on the account of payments in transit."""
        return self.move_id.line_ids.filtered(lambda item: item.account_id == item.company_id.aptic_transit_account_id)

    def _aptic_in_bank(self):
        """Whether the bank has booked this payment: nothing of it is in transit any more."""
        self.ensure_one()
        transit, _counterpart, _writeoff = self._seek_for_lines()
        return bool(transit) and all(item.reconciled for item in transit)

    def _aptic_end_to_end(self):
        """The end-to-end reference that the payment's file carries and the bank's statement gives back."""
        self.ensure_one()
        return self.aptic_end_to_end or str(self.id)

    # ------------------------------------------------------------------- back
    def _aptic_return_lines(self):
        """The confirmed returns of these payments."""
        return (
            self.env["payment.return.line"]
            .sudo()
            .search([("move_line_ids", "in", self.sudo()._aptic_items().ids), ("return_id.state", "=", "done")])
        )

    def _aptic_came_back(self):
        """Those of these payments that came back already."""
        return self & self._aptic_return_lines()._aptic_payments()

    def _aptic_back_items(self):
        """The items in transit of what came back of these payments."""
        lines = self._aptic_return_lines()
        names = set(self.mapped("aptic_end_to_end"))
        return lines.return_id.move_id.line_ids.filtered(
            lambda item: item.account_id == item.company_id.aptic_transit_account_id and item.name in names
        )

    def _aptic_awaited(self):
        """Those of these payments that the bank has booked, that came back, and whose money is not back yet."""
        back = self._aptic_back_items().filtered(lambda item: not item.reconciled)
        names = set(back.mapped("name"))
        return self.filtered(lambda payment: payment.aptic_end_to_end in names and payment._aptic_in_bank())

    def _aptic_await_told(self):
        """Why what came back is not paid again yet; to operators and providers."""
        return self.env._(
            "The bank has booked the earlier payment and its money is not on the account yet: it is paid again once the"
            " bank's statement shows the credit."
        )

    def _aptic_come_back(self, reasons, source, day, refused=False):
        """Record that these payments come back: their claims live again, the providers are told.

        What is recorded already stays as it is, so that the same answer counts once, by whatever file it comes.

        :param reasons: ``{payment: bank_answers.Reason}``
        :param source: the bank's message or statement, as it names itself
        :param day: the bank's day of it
        :param refused: refused before anything was booked, so that no line of the bank follows
        :return: the payments of ``self`` that were recorded now
        """
        payments = self.sudo().filtered("aptic_end_to_end")
        if not payments:
            return payments
        orders = payments.payment_order_id
        orders.lock_for_update()
        orders.filtered(lambda order: order.state == "generated").generated2uploaded()
        payments = payments.filtered(lambda payment: payment.move_id.state == "posted")
        payments -= payments._aptic_came_back()
        for company, ours in payments.grouped("company_id").items():
            self.env["payment.return"].sudo().create(
                ours._prepare_aptic_return_vals(company, reasons, source, day)
            ).action_confirm()
        if refused:
            waiting = payments.filtered(lambda payment: not payment._aptic_in_bank())
            back = {item.name: item for item in waiting._aptic_back_items()}
            self.env["account.move.line"].sudo()._reconcile_plan(
                [payment._aptic_transit_items() + back[payment.aptic_end_to_end] for payment in waiting]
            )
        return payments

    def _prepare_aptic_return_vals(self, company, reasons, source, day):
        known = self.env["payment.return.reason"].search([("code", "in", [each.code for each in reasons.values()])])
        by_code = {reason.code: reason.id for reason in known}
        journal = company.aptic_bank_journal_id
        lock = company._get_user_fiscal_lock_date(journal, ignore_exceptions=True) or date.min
        return {
            "name": source,
            "company_id": company.id,
            "journal_id": journal.id,
            "date": max(min(day, clock.today()), lock + timedelta(days=1), *self.mapped("date")),
            "line_ids": [
                Command.create(
                    {
                        "reference": payment.aptic_end_to_end,
                        "unique_import_id": f"aptic-{payment.aptic_end_to_end}",
                        "move_line_ids": [Command.set(payment._aptic_items().ids)],
                        "partner_id": payment.partner_id.id,
                        "amount": payment.amount,
                        "date": day,
                        "reason_id": by_code.get(reasons[payment].code),
                        "reason_additional_information": " - ".join(
                            filter(
                                None,
                                [
                                    "" if reasons[payment].code in by_code else reasons[payment].code,
                                    reasons[payment].text,
                                ],
                            )
                        ),
                        "aptic_suspends": reasons[payment].account,
                    }
                )
                for payment in self
            ],
        }
