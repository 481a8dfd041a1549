import logging

from markupsafe import Markup
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..batches import PASSING, in_halves
from .account_payment_order_file import VERB

_logger = logging.getLogger(__name__)

BATCH = 100  # payments of one transaction, and of what is booked at once: half a minute at most
BATCH_PARAMETER = "aptic_settlement.booking_batch"


class AccountPaymentOrder(models.Model):
    """A large order that the bank has: its payments are booked in batches, in the background.

    The order stays *generated* until the last one is booked, and nothing can cancel it any more. What the bank answers
    meanwhile does not wait: it books the rest at once (``generated2uploaded``). A payment that is booked is not booked
    again; one that cannot be says why, and the others go on.
    """

    _inherit = "account.payment.order"

    aptic_booking = fields.Selection(
        [("running", "Being booked"), ("failed", "Not all could be booked")],
        string="Booking of the payments",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    aptic_sent_by_id = fields.Many2one(
        "res.users", string="Brought to the bank by", readonly=True, copy=False, ondelete="restrict"
    )
    aptic_booked_count = fields.Integer(string="Payments booked", compute="_compute_aptic_booked")
    aptic_booked_progress = fields.Float(string="Progress", compute="_compute_aptic_booked")

    @api.depends("payment_ids.move_id.state")
    def _compute_aptic_booked(self):
        for order in self:
            payments = order.payment_ids
            order.aptic_booked_count = len(payments - payments._aptic_unbooked())
            order.aptic_booked_progress = 100 * order.aptic_booked_count / len(payments) if payments else 0

    # ------------------------------------------------------------------ verbs
    def action_aptic_file_sent(self):
        """Button: the bank has the file."""
        for order in self:
            order._aptic_file_sent()

    def _aptic_file_sent(self):
        """The bank has the file: book the payments, those of a large order in the background; again, those in trouble.

        :raise UserError: when no file waits to be sent
        """
        self.ensure_one()
        if not self._aptic_is_ours() or len(self.payment_ids) <= self._aptic_booking_batch():
            self.generated2uploaded()
            return
        order = self._aptic_to_send()
        order.payment_ids.sudo().filtered("aptic_trouble").aptic_trouble = False
        order.write({"aptic_booking": "running", "aptic_sent_by_id": (self.aptic_sent_by_id or self.env.user).id})
        self.env.ref("aptic_settlement.cron_booking").sudo()._trigger()

    def generated2uploaded(self):
        """All payments are booked now, whatever was under way."""
        result = super().generated2uploaded()
        self.filtered("aptic_booking").with_context(aptic_verb=VERB).write({"aptic_booking": False})
        return result

    def action_cancel(self):
        """Refuse from the moment on when the bank has the file."""
        for order in self.filtered("aptic_booking"):
            raise UserError(
                self.env._(
                    "The bank has the file of %s, its payments are being booked: what it refuses is recorded as a"
                    " payment return.",
                    order.name,
                )
            )
        return super().action_cancel()

    # ------------------------------------------------------------------ batch
    @api.model
    def _aptic_booking_batch(self):
        """How many payments a transaction takes: a slow server may want less."""
        return self.env["ir.config_parameter"]._get_number(BATCH_PARAMETER, BATCH, least=1)

    def _aptic_book_batch(self):
        """Book the next payments; with the last ones the order is *uploaded*.

        :return: how many it was about; 0 when all have been dealt with
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["state", "aptic_booking"])
        if (self.state, self.aptic_booking) != ("generated", "running"):
            return 0
        sender = self.aptic_sent_by_id
        order = self.with_user(sender).sudo().with_context(lang=sender.lang, tz=sender.tz).with_company(self.company_id)
        unbooked = order.payment_ids._aptic_unbooked()
        payments = unbooked.filtered(lambda payment: not payment.aptic_trouble).sorted("id")
        payments = payments[: self._aptic_booking_batch()]
        if payments:
            in_halves(payments, order._aptic_book, order._aptic_note_trouble)
            _logger.info("%s %s: %s payments dealt with", self._name, self.id, len(payments))
        elif unbooked:
            order._aptic_tell_troubles(unbooked)
        else:
            order.generated2uploaded()
        return len(payments)

    def _aptic_note_trouble(self, payment, reason):
        payment.aptic_trouble = reason

    def _aptic_tell_troubles(self, payments):
        self.with_context(aptic_verb=VERB).write({"aptic_booking": "failed"})
        rows = Markup().join(
            Markup("<li>%s, %s: %s</li>") % (each.aptic_end_to_end, each.partner_id.display_name, each.aptic_trouble)
            for each in payments
        )
        # Nobody is notified of what he does himself: the system says it.
        self.with_user(SUPERUSER_ID).message_post(
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._("These payments could not be booked; all others are. Mend the cause, then try again:"),
                rows,
            ),
            partner_ids=self.aptic_sent_by_id.partner_id.ids,
        )

    # ------------------------------------------------------------------- cron
    @api.model
    def _cron_aptic_book(self):
        """Book payments until all are booked or the time of this run is over; then another run goes on."""
        cron = self.env["ir.cron"]
        running = self.search([("state", "=", "generated"), ("aptic_booking", "=", "running")], order="id")
        cron._commit_progress(remaining=sum(len(order.payment_ids._aptic_unbooked()) + 1 for order in running))
        for order in running:
            try:
                while count := order._aptic_book_batch():
                    if not cron._commit_progress(count):
                        return
            except PASSING as error:
                self.env.cr.rollback()
                _logger.info("%s %s: the batch is made again later (%s)", self._name, order.id, error)
                continue
            cron._commit_progress(1)
