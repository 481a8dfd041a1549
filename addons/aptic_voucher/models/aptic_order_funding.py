from odoo import api, fields, models

from .. import funding


class ApticOrder(models.Model):
    """Funding: what the bank has really received, and the alarm when it is no longer there."""

    _inherit = "aptic.order"

    overpaid_cents = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        help="What the bank's lines that pay this order hold beyond it, attributed to nothing, in cents.",
    )
    overpaid_amount = fields.Monetary(string="Received too much", compute="_compute_overpaid_amount")

    _guarded_fields = frozenset({"overpaid_cents"})

    @api.depends("overpaid_cents")
    def _compute_overpaid_amount(self):
        for order in self:
            order.overpaid_amount = order.overpaid_cents / 100

    def _update_funding(self):
        """Recompute what was received from the reconciliation of the face value documents.

        ``funded_cents`` never goes under ``activated_cents``: what circulates is honoured, the gap is the alarm.
        """
        for order in self.sudo():
            receipts = order._receipts()
            received = min(sum(cents for _line, cents, _rest in receipts), order.face_cents)
            found = {
                "received_cents": received,
                "funded_cents": max(received, order.activated_cents),
                "overpaid_cents": sum(rest for _line, _cents, rest in receipts),
            }
            if any(order[name] != cents for name, cents in found.items()):
                before = order.shortfall_cents
                order._guarded_write(found)
                if order.shortfall_cents > before:
                    order._raise_shortfall_alarm()
                elif before and not order.shortfall_cents:
                    order._end_shortfall_alarm()

    def _receipts(self):
        """The lines of the bank's files, on the segregated account, that pay this order's face value document.

        :return: list of ``(statement line, cents for this order, cents attributed to nothing)``, oldest first
        """
        self.ensure_one()
        move = self.face_move_id
        journal = self.company_id.aptic_bank_journal_id
        if not journal or move.state != "posted":
            return []
        claims = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines = claims.matched_credit_ids.credit_move_id.statement_line_id
        receipts = lines._is_aptic_receipt().filtered(lambda line: line.journal_id == journal and line.amount > 0)
        return [
            (
                receipt,
                *funding.shares(
                    [
                        (round(partial.amount * 100), partial.debit_move_id in claims)
                        for partial in receipt.move_id.line_ids.matched_debit_ids.sorted("id")
                    ],
                    round(receipt.amount * 100),
                ),
            )
            for receipt in receipts.sorted(lambda line: (line.date, line.id))
        ]

    def _payments(self):
        """What the bank has received for this order, payment by payment, for people.

        :return: list of ``{"day", "label", "cents"}``, oldest first
        """
        return [
            {"day": line.date, "label": line.payment_ref or "", "cents": cents}
            for line, cents, _rest in self._receipts()
            if cents
        ]

    def _euros(self, cents):
        return self.currency_id.format(cents / 100)

    # ------------------------------------------------------------------ alarm
    def _raise_shortfall_alarm(self):
        self.ensure_one()
        summary = self.env._(
            "%(missing)s of activated vouchers are no longer covered by a receipt",
            missing=self._euros(self.shortfall_cents),
        )
        self.message_post(body=summary)
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids.filtered(
            lambda user: user.active and not user.share
        )
        for user in accountants:
            self.activity_schedule("aptic_voucher.mail_activity_shortfall", summary=summary, user_id=user.id)

    def _end_shortfall_alarm(self):
        self.ensure_one()
        self.activity_feedback(
            ["aptic_voucher.mail_activity_shortfall"], feedback=self.env._("The receipt is there again.")
        )
