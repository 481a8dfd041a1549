from odoo import models


class ApticOrder(models.Model):
    """Funding: what the bank has really received, and the alarm when it is no longer there."""

    _inherit = "aptic.order"

    def _update_funding(self):
        """Recompute what was received from the reconciliation of the face value documents.

        ``funded_cents`` never goes under ``activated_cents``: what circulates is honoured, the gap is the alarm.
        """
        for order in self.sudo():
            received = order._received_cents()
            funded = max(received, order.activated_cents)
            if (received, funded) != (order.received_cents, order.funded_cents):
                before = order.shortfall_cents
                order._guarded_write({"received_cents": received, "funded_cents": funded})
                if order.shortfall_cents > before:
                    order._raise_shortfall_alarm()
                elif before and not order.shortfall_cents:
                    order._end_shortfall_alarm()

    def _received_cents(self):
        """Cents of the face value document paid by lines of bank files on the segregated account.

        A line pays at most its own amount: what a write-off adds to it was never received.
        """
        self.ensure_one()
        move = self.face_move_id
        journal = self.company_id.aptic_bank_journal_id
        if not journal or move.state != "posted":
            return 0
        claims = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines = claims.matched_credit_ids.credit_move_id.statement_line_id
        receipts = lines._is_aptic_receipt().filtered(lambda line: line.journal_id == journal and line.amount > 0)
        total = 0
        for receipt in receipts:
            left = round(receipt.amount * 100)
            partials = receipt.move_id.line_ids.matched_debit_ids
            for partial in partials.sorted("id"):
                part = min(left, round(partial.amount * 100))
                left -= part
                if partial.debit_move_id in claims:
                    total += part
        return min(total, self.face_cents)

    def _missing_funds_message(self):
        self.ensure_one()
        return self.env._(
            "%(name)s cannot be activated: the bank has received %(received)s of %(face)s, %(missing)s are missing. "
            "Import the bank's file and reconcile it with %(document)s.",
            name=self.display_name,
            received=self._euros(self.funded_cents),
            face=self._euros(self.face_cents),
            missing=self._euros(self.face_cents - self.funded_cents),
            document=self.face_move_id.name or self.env._("the face value document"),
        )

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
