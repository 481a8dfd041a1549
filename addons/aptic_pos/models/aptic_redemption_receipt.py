import contextlib
import logging
import re
import smtplib
from datetime import timedelta

from odoo import fields, models
from odoo.addons.aptic_base.texts import paragraphs
from odoo.addons.aptic_voucher import acts, clock, days
from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.exceptions import UserError

from .. import discreet, receipts

_logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 254  # RFC 5321
# One address and nothing else: neither a list, a name, nor anything that could begin another header.
ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
# Mails of receipts, sent or tried: enough for a busy desk, too few for a relay of advertising.
MOST_OF_AN_ACT = 3
MOST_A_DAY = 60


class NotSent(Exception):
    """No server took the mail."""


class ApticRedemption(models.Model):
    """The beneficiary's receipt: looked at, printed, as a PDF, by mail."""

    _inherit = "aptic.redemption"

    receipt_ids = fields.One2many("aptic.receipt", "redemption_id", string="Receipts", readonly=True)

    # ------------------------------------------------------------------- words
    def _receipt(self, copy=None):
        """What the receipt of this act says.

        :param copy: the ``aptic.receipt`` that is handed out; none to look at
        :rtype: receipts.Receipt
        """
        self.ensure_one()
        act = self.sudo().with_context(lang="fr_FR")
        place, provider = act.place_id, act.provider_id
        cancelled = act._cancellation()
        return receipts.Receipt(
            number=act.id,
            paid_at=days.paris_time(acts.bounded(act.client_time, act.received_at, act._client_time_hours())),
            provider=provider.name,
            siret=provider.siret,
            place=place.name,
            address=[line for line in (place.street, f"{place.zip or ''} {act.territory_id.name}".strip()) if line],
            service=act.offer_id.name,
            session=act._receipt_session(),
            price_cents=act.price_cents,
            face_cents=act.face_cents,
            copay_cents=act.copay_cents,
            serials=[int(serial) for serial in act.serials.split()],
            copy=copy.number if copy else 0,
            handed_on=days.paris_day(copy.at) if copy else None,
            cancelled_on=days.paris_day(cancelled.at) if cancelled else None,
        )

    def _receipt_session(self):
        """The pathway that the service belongs to, and which of its sessions it is where that is certain; in French."""
        sessions = self.env["aptic.pathway.session"].search(
            [("offer_id", "=", self.offer_id.id), ("pathway_id.active", "=", True)], limit=2
        )
        pathway = sessions.pathway_id
        if len(pathway) != 1:
            return ""
        if len(sessions) > 1:
            return f"{pathway.name} ({pathway.sessions} séances)"
        return f"{pathway.name}, séance {sessions.number} sur {pathway.sessions}"

    def _cancellation(self):
        """The ledger's row that cancelled or reversed this act, or empty."""
        self.ensure_one()
        if self.state not in acts.GIVEN_BACK:
            return self.env["aptic.event"].sudo()
        return self.sudo().event_ids.filtered(lambda event: event.kind in ("cancel", "reverse"))[:1]

    # --------------------------------------------------------------------- acts
    def action_open_receipt(self):
        """Button: the receipt's page."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/my/aptic/redemptions/{self.id}/receipt", "target": "self"}

    def _hand_out_receipt(self, way):
        """Note that a receipt is handed out: the first one is the receipt, every later one a duplicate.

        :param str way: ``print`` or ``pdf``
        :return: the ``aptic.receipt`` (sudo)
        :raise AccessError: when the act is not the user's to read
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["aptic.receipt"]._add(self, way)

    def _mail_receipt(self, address):
        """Send the receipt to an address that the beneficiary has just given; it is written down nowhere.

        The mail leaves within the request, past the queue of mails, which would keep the address.

        :param str address: one e-mail address, as typed
        :return: the ``aptic.receipt`` (sudo), without a number when no server took the mail
        :raise AccessError: when the act is not the user's to read
        :raise UserError: for what is no address, or too many mails
        """
        self.ensure_one()
        self.check_access("read")
        to = address.strip()
        if len(to) > LONGEST_ADDRESS or not (to.isascii() and to.isprintable() and ADDRESS.fullmatch(to)):
            raise UserError(self.env._("This is no e-mail address: ask the beneficiary to spell it again."))
        self._check_mails()
        try:
            with self.env.cr.savepoint():
                copy = self.env["aptic.receipt"]._add(self, "mail")
                self._send_receipt(to, self._receipt(copy))
        except NotSent as error:
            _logger.info("The receipt of redemption %s could not be sent: %s", self.id, error)
            return self.env["aptic.receipt"]._add(self, "mail", counted=False)
        return copy

    def _check_mails(self):
        receipts_sent = self.env["aptic.receipt"].sudo()
        since = clock.now() - timedelta(days=1)
        if receipts_sent.search_count([("redemption_id", "=", self.id), ("way", "=", "mail")]) >= MOST_OF_AN_ACT:
            raise UserError(
                self.env._(
                    "This receipt was sent %(count)s times already: print it, or save it as a PDF.",
                    count=MOST_OF_AN_ACT,
                )
            )
        mine = [("user_id", "=", self.env.uid), ("way", "=", "mail"), ("at", ">", since)]
        if receipts_sent.search_count(mine, limit=MOST_A_DAY) >= MOST_A_DAY:
            raise UserError(
                self.env._(
                    "You have sent %(count)s receipts by mail within a day, which is the most: print this one, or save"
                    " it as a PDF.",
                    count=MOST_A_DAY,
                )
            )

    def _send_receipt(self, to, receipt):
        servers = self.env["ir.mail_server"].sudo()
        sender = self.env.company.sudo().email_formatted or servers._get_default_from_address()
        if not sender:
            raise NotSent("the company has no address")
        body = paragraphs(
            "Bonjour,",
            f"Voici votre reçu #APTIC n° {receipt.number} : {receipt.service}, chez {receipt.provider}, le "
            f"{receipt.paid_at:%d/%m/%Y}. {receipt.warning}",
            "Votre adresse n'a servi qu'à cet envoi : elle n'est pas conservée. Ne répondez pas à ce message : pour "
            "toute question, adressez-vous au lieu où vous avez payé.",
        )
        message = servers._build_email__(
            email_from=sender,
            email_to=[to],
            subject=f"Votre reçu #APTIC n° {receipt.number}",
            body=body,
            subtype="html",
            attachments=[(receipt.file_name, receipts.draw(receipt), "application/pdf")],
            headers={"Auto-Submitted": "auto-generated"},
        )
        with contextlib.ExitStack() as stack:
            try:
                session = servers._connect__(smtp_from=message["From"])
                if session:  # none while tests run
                    stack.callback(self._hang_up, session)
                    session = discreet.Session(session)
                servers.send_email(message, smtp_session=session)
            except (UserError, MailDeliveryException, smtplib.SMTPException, OSError) as error:
                raise NotSent(type(error).__name__) from None

    @staticmethod
    def _hang_up(session):
        with contextlib.suppress(smtplib.SMTPException, OSError):
            session.quit()
