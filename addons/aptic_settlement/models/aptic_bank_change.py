from odoo import api, fields, models

from .res_partner_bank import ACCEPTED


class ApticBankChange(models.Model):
    """Bank details asked for again after the bank spoke against them: the second person is told before deciding."""

    _inherit = "aptic.bank.change"

    suspended_line_ids = fields.Many2many(
        "payment.return.line",
        string="Payments that came back from this account",
        compute="_compute_suspended_line_ids",
        compute_sudo=True,
    )

    @api.depends("iban")
    def _compute_suspended_line_ids(self):
        numbers = [change._number() for change in self]
        payments = self.env["account.payment"].search(
            [("aptic_end_to_end", "!=", False), ("partner_bank_id.sanitized_acc_number", "in", numbers)]
        )
        lines = payments._aptic_return_lines().filtered("aptic_suspends")
        by_number = lines.grouped(lambda line: line._aptic_payments().partner_bank_id.sanitized_acc_number)
        for change, number in zip(self, numbers, strict=True):
            change.suspended_line_ids = by_number.get(number, lines.browse())

    def _bank_account(self):
        """The account, written over where it is in force or was: two persons have agreed."""
        return super(ApticBankChange, self.with_context(aptic_account=ACCEPTED))._bank_account()

    def _number(self):
        """The IBAN as accounts bear it, without spaces."""
        self.ensure_one()
        return (self.iban or "").replace(" ", "")
