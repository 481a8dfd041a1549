from odoo import models

ACTIVITY = "mail.mail_activity_data_warning"


class AccountPaymentOrder(models.Model):
    """A file that reached the bank twice: who looks whether it was paid once."""

    _inherit = "account.payment.order"

    def _aptic_note_doubled(self, names, attachments=()):
        """Say on the order what the bank calls a second copy, and ask each accountant once to look at the bank.

        :param names: EndToEndIds of the payments
        :param attachments: the bank's file, as ``message_post`` takes it, where it is not with the order yet
        """
        self.ensure_one()
        self.message_post(
            body=self.env._(
                "The bank refuses these payments, or sends them back, because it has them already: the first copy"
                " stands and nothing is owed again: %(names)s. Look on the bank's statement whether each was paid once."
                " If one was not paid at all, record its return by hand; if one was paid twice, ask the bank for the"
                " money.",
                names=", ".join(names),
            ),
            attachments=list(attachments),
        )
        told = self.activity_search([ACTIVITY]).user_id
        accountants = self.env.ref("aptic_base.group_aptic_accountant").all_user_ids
        for user in accountants.filtered(lambda user: user.active and not user.share) - told:
            self.activity_schedule(
                ACTIVITY,
                summary=self.with_context(lang=user.lang).env._("A payment file reached the bank twice"),
                user_id=user.id,
            )
