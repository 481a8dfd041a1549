import logging

from markupsafe import Markup
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..texts import one_line
from .aptic_provider import MANAGERS
from .res_partner_email import CHANGE

_logger = logging.getLogger(__name__)


class ResUsers(models.Model):
    """The address of a portal account: bound for good, changed by staff alone, with a reason and a word to both."""

    _inherit = "res.users"

    def write(self, vals):
        """Refuse another login for a portal account, whoever asks."""
        if "login" in vals and self.env.context.get("aptic_email_change") is not CHANGE:
            others = self.sudo().filtered(lambda user: user._is_portal() and user.login != vals["login"])
            if others and not self.env.user._is_superuser():
                raise UserError(self.partner_id._email_is_bound_sentence())
        return super().write(vals)

    def _deactivate_portal_user(self, **post):
        """Closing an account takes its login away."""
        closing = self.with_context(aptic_email_change=CHANGE)
        return super(ResUsers, closing)._deactivate_portal_user(**post)

    def _notify_security_setting_update(self, subject, content, mail_values=None, **kwargs):
        """Our own mails tell about a change by staff."""
        if self.env.context.get("aptic_email_change") is CHANGE:
            return None
        return super()._notify_security_setting_update(subject, content, mail_values=mail_values, **kwargs)

    # ----------------------------------------------------------------- change
    def _change_email(self, email, reason):
        """Give a portal account another address: login and e-mail together, traced, told to both addresses.

        :param str email: the new address
        :param str reason: kept on the organisations' threads
        :raise AccessError: for anyone but a manager of #APTIC
        :raise UserError: when the address is not one, is in use, or the reason is missing
        """
        self.ensure_one()
        self.env["aptic.provider"]._check_any_group(MANAGERS)
        user = self.sudo()
        address, reason = email_normalize(one_line(email, 100), strict=True), one_line(reason, 500)
        former = user.email or user.login
        if not user._is_portal():
            raise UserError(self.env._("Only portal accounts are changed here."))
        if not address:
            raise UserError(self.env._("Write one complete e-mail address."))
        if not reason:
            raise UserError(self.env._("Say why: the reason is kept."))
        if address == user.login and address == email_normalize(former):
            raise UserError(self.env._("This is the present address."))
        users = user.with_context(active_test=False)
        taken = ["|", ("login", "=ilike", address), ("email_normalized", "=", address)]
        if users.search_count([("id", "!=", user.id), *taken], limit=1):
            raise UserError(self.env._("This address is in use by another account."))
        user.partner_id.signup_cancel()
        user.with_context(aptic_email_change=CHANGE).write({"login": address, "email": address})
        user._trace_email_change(former, address, reason)
        user._mail_email_change(former, address)
        _logger.info("res.users %s: e-mail changed by user %s", user.id, self.env.uid)

    def _trace_email_change(self, former, address, reason):
        """Write the change on the threads of the person and of the organisations."""
        for thread in [self.partner_id, *{member._organisation() for member in self.aptic_member_ids}]:
            thread._message_log(
                body=self.env._(
                    "%(staff)s changed the account address of %(user)s from %(former)s to %(address)s: %(reason)s",
                    staff=self.env.user.name,
                    user=self.name,
                    former=former,
                    address=address,
                    reason=reason,
                )
            )

    def _mail_email_change(self, former, address):
        """Write to both addresses, in the language of the account."""
        env = self.with_context(lang=self.lang).env
        body = Markup("<p>%s</p><p>%s</p><p>%s</p>") % (
            env._("Hello %s,", self.name),
            env._(
                "The #APTIC team has changed the e-mail address of your account from %(former)s to %(address)s. From "
                "now on you log in with the new one; your password is the same.",
                former=former,
                address=address,
            ),
            env._("If you did not ask for this, answer this message at once."),
        )
        company = self.env.company
        self.env["mail.mail"].sudo().create(
            [
                {
                    "subject": env._("Your #APTIC account has another e-mail address"),
                    "body_html": body,
                    "email_from": company.email_formatted or self.env.user.email_formatted,
                    "email_to": to,
                    "auto_delete": True,
                }
                for to in (former, address)
            ]
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
