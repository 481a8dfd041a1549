import base64

from odoo import api, fields, models
from odoo.addons.base.models.res_bank import sanitize_account_number
from odoo.exceptions import UserError

from ..bank_answers import NOTICES, REPORTS, Foreign, Reason, is_double, returned, status_report
from ..bank_xml import BadFile, format_of, looks_like_xml, opened


class PaymentReturnImport(models.TransientModel):
    """The bank's answers to our payment orders: status reports (pain.002), advices of what comes back (camt.054)."""

    _inherit = "payment.return.import"

    data_filename = fields.Char(string="File name")

    def import_file(self):
        """Record what the bank answers to our payment orders; leave what is about other payments to OCA's import.

        :raise UserError: in words, when the file cannot be read or is about something that was never sent
        """
        self.ensure_one()
        name = self.data_filename or "?"
        try:
            data = base64.b64decode(self.data_file or b"", validate=True)
        except ValueError:
            data = b""
        if not data.strip():
            raise UserError(
                self.env._("The file is empty: nothing was recorded. Download it again from the bank's site.")
            )
        action = self._aptic_import(name, data)
        if action:
            return action
        try:
            return super().import_file()
        except UserError as error:
            raise self._aptic_strange(name) from error

    def _aptic_import(self, name, data):
        """Record an answer to our payment orders; nothing when the file is about other payments."""
        if not looks_like_xml(data):
            return None
        try:
            root = opened(data)
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(name)s is damaged or was cut off on its way: nothing was recorded. Download it again from the "
                    "bank's site, and bring it as it is.",
                    name=name,
                )
            ) from error
        kind = format_of(root)
        try:
            if kind in REPORTS:
                report = status_report(root)
                return None if report.of.startswith("pain.008") else self._aptic_report(report, data)
            return self._aptic_notice(root, name, data) if kind in NOTICES else None
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(name)s is not a message as banks write them (%(error)s): nothing was recorded. Send it to the "
                    "bank's help desk.",
                    name=name,
                    error=error,
                )
            ) from error

    # ---------------------------------------------------------------- reports
    def _aptic_report(self, report, data):
        """A status report on one of our payment orders: what it refuses comes back, the rest stays sent.

        What it refuses because it has it already stays sent too: nothing says that the first copy is not paid.
        """
        self._aptic_check_accountant()
        orders = self.env["account.payment.order"].sudo()
        order = orders.search(
            [("company_id", "in", self.env.companies.ids), ("aptic_message", "=", report.original)], limit=1
        )
        if not report.original or not order:
            raise UserError(
                self.env._(
                    "This answer is about the file “%(original)s”, which is no payment order of ours: nothing was "
                    "recorded. Ask the bank whose file that is.",
                    original=report.original or "?",
                )
            )
        if order.state == "cancel":
            raise UserError(
                self.env._(
                    "The bank answers to the file of %(order)s, which was cancelled here: nothing was recorded. Call "
                    "the bank at once, so that it is not paid as well.",
                    order=order.name,
                )
            )
        order.lock_for_update()
        name = f"{report.message or 'pain.002'}.xml"
        if order._aptic_knows(data):
            return self._aptic_told(self.env._("%s was recorded already: nothing was changed.", report.message), order)
        try:
            sent = order._aptic_sent()
            refused, doubled = report.refused(sent), report.doubled(sent)
        except Foreign as error:
            raise UserError(
                self.env._(
                    "This answer names “%(what)s”, which is not in the file of %(order)s as it was sent: nothing was "
                    "recorded. Ask the bank what it has received.",
                    what=error.what,
                    order=order.name,
                )
            ) from error
        if order.state == "generated":
            order.generated2uploaded()
        payments = {payment.aptic_end_to_end: payment for payment in order.payment_ids}
        reasons = {payments[reference]: reason for reference, reason in refused.items()}
        back = order.payment_ids.browse([payment.id for payment in reasons])._aptic_come_back(
            reasons, source=report.message, day=report.day, refused=True
        )
        order._aptic_note_answer(report, back, name, data)
        if doubled:
            order._aptic_note_doubled(doubled)
        order.company_id._aptic_match_again()
        if back:
            message = self.env._(
                "The bank refuses %(count)s payments of %(order)s: they are owed again.",
                count=len(back),
                order=order.name,
            )
        elif doubled:
            message = self._aptic_doubled(len(doubled), order)
        else:
            message = self.env._("The answer to %s was recorded: nothing is refused.", order.name)
        return self._aptic_told(message, order)

    # ---------------------------------------------------------------- notices
    def _aptic_notice(self, root, name, data):
        """An advice of money sent back; what is not of our payment orders is left to OCA's import."""
        found = returned(root)
        payments = self.env["account.payment"].sudo()
        ours = payments.search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("aptic_end_to_end", "in", [each.end_to_end for each in found if each.end_to_end]),
            ]
        )
        if not ours and self._aptic_is_segregated(found):
            raise self._aptic_strange(name)
        if not ours:
            return None
        self._aptic_check_accountant()
        by_name = {payment.aptic_end_to_end: payment for payment in ours}
        told = {by_name[each.end_to_end]: each for each in found if each.end_to_end in by_name}
        for payment, each in told.items():
            account = payment.company_id.aptic_bank_journal_id.bank_account_id
            if sanitize_account_number(each.account) != account.sanitized_acc_number:
                raise UserError(
                    self.env._(
                        "%(name)s is of the account %(iban)s, not of the segregated account: nothing was recorded.",
                        name=name,
                        iban=each.account or "?",
                    )
                )
            if each.cents != round(payment.amount * 100):
                raise UserError(
                    self.env._(
                        "The bank returns a counter-payment as a whole: %(reference)s is %(amount)s.",
                        reference=payment.aptic_end_to_end,
                        amount=payment.currency_id.format(payment.amount),
                    )
                )
        reasons = {payment: Reason(each.code, each.text) for payment, each in told.items()}
        day = max(each.day for each in told.values())
        doubled = ours.filtered(lambda payment: is_double(told[payment].code))
        orders = doubled.payment_order_id
        orders.lock_for_update()
        orders.filtered(lambda order: order.state == "generated").generated2uploaded()  # the bank has its file
        fresh = orders.filtered(lambda order: not order._aptic_knows(data))
        for order in fresh:
            names = (doubled & order.payment_ids).mapped("aptic_end_to_end")
            order._aptic_note_doubled(names, [(name, data)])
        back = (ours - doubled)._aptic_come_back(reasons, source=name, day=day)
        if fresh and not back:
            return self._aptic_told(self._aptic_doubled(len(doubled), orders), orders)
        if not back:
            return self._aptic_told(
                self.env._("%s was recorded already: nothing was changed.", name), ours.payment_order_id
            )
        back.company_id._aptic_match_again()
        for record in back._aptic_return_lines().return_id:
            record.message_post(body=self.env._("The bank's file"), attachments=[(name, data)])
        return self._aptic_told(
            self.env._("The bank sends back %s payments: they are owed again.", len(back)), back.payment_order_id
        )

    # ----------------------------------------------------------------- common
    @api.model
    def _aptic_is_segregated(self, found):
        """Whether all this money came back to the segregated account, from where no other payment file is sent."""
        accounts = self.env.companies.aptic_bank_journal_id.bank_account_id
        numbers = {sanitize_account_number(each.account) for each in found}
        return bool(numbers) and numbers <= set(accounts.mapped("sanitized_acc_number"))

    @api.model
    def _aptic_strange(self, name):
        """The refusal of a file that is about nothing that was sent."""
        return UserError(
            self.env._(
                "%(name)s says nothing of payments that were sent from here: nothing was recorded. The bank's "
                "answers are status reports (pain.002, versions 03 and 10) and advices of returns (camt.054, "
                "versions 02 and 08).",
                name=name,
            )
        )

    @api.model
    def _aptic_doubled(self, count, orders):
        """What is said of payments that the bank refuses or sends back because it has them twice."""
        return self.env._(
            "The bank has %(count)s payments of %(order)s already, this is about what was sent twice: the first copy "
            "stands, nothing is owed again.",
            count=count,
            order=", ".join(orders.mapped("name")),
        )

    @api.model
    def _aptic_check_accountant(self):
        self.env["aptic.settlement"]._check_accountant()

    def _aptic_told(self, message, orders):
        """Say what was done, then lead to the payment order."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account_payment_order.account_payment_order_outbound_action"
        )
        if len(orders) == 1:
            action.update(res_id=orders.id, views=[(False, "form")])
        else:
            action["domain"] = [("id", "in", orders.ids)]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "sticky": True, "message": message, "next": action},
        }
