from datetime import timedelta

from markupsafe import Markup, escape
from odoo import fields, models
from odoo.tools import email_normalize

RECENT = timedelta(days=90)


class ApticBankChange(models.Model):
    """Every manager hears of a change of bank details; so do the addresses that an intruder would have replaced."""

    _inherit = "aptic.bank.change"

    def _tell_managers(self):
        """Write to every manager of the provider, and to the addresses they had before, what became of the request."""
        self.ensure_one()
        provider = self.provider_id._in_their_language()
        subject, paragraphs = self.with_env(provider.env)._notice()
        body = Markup().join(Markup("<p>%s</p>") % paragraph for paragraph in paragraphs)
        # Who asked is told as well: it may be that person's account which is in the wrong hands.
        provider.with_context(mail_notify_author_mention=True)._tell_managers(subject, body)
        former = provider._former_addresses()
        if former:
            self.env["mail.mail"].sudo().create(
                [
                    {
                        "subject": f"{subject} – {provider.name}",
                        "body_html": body,
                        "email_to": address,
                        "email_from": self.env.company.email_formatted or self.env.user.email_formatted,
                        "auto_delete": True,
                    }
                    for address in former
                ]
            )

    def _notice(self):
        """Return ``(subject, paragraphs)`` in the language of the environment; the account is named by its end."""
        end, holder = self._ending(), self.holder_name
        contact = self.env.company.email
        if self.state == "requested":
            subject = self.env._("Change of bank details asked for")
            first = self.env._(
                "%(user)s asked that counter-payments go to the account ending in %(end)s (%(holder)s). They are frozen"
                " until the #APTIC team has decided.",
                user=self.requested_by_id.name,
                end=end,
                holder=holder,
            )
        elif self.state == "approved":
            subject = self.env._("Change of bank details approved")
            first = self.env._(
                "From now on counter-payments go to the account ending in %(end)s (%(holder)s).", end=end, holder=holder
            )
        else:
            subject = self.env._("Change of bank details refused")
            first = self.env._(
                "The account ending in %(end)s was refused: nothing changes, and payments go on. %(reason)s",
                end=end,
                reason=self.reason or "",
            ).strip()
        last = (
            self.env._(
                "If neither you nor another manager of your organisation asked for this, write at once to %s,"
                " and change your password.",
                contact,
            )
            if contact
            else self.env._(
                "If neither you nor another manager of your organisation asked for this, tell the #APTIC team at once,"
                " and change your password."
            )
        )
        return subject, [escape(first), escape(last)]


class ApticProvider(models.Model):
    _inherit = "aptic.provider"

    def _former_addresses(self):
        """E-mail addresses that managers of this provider had within the last 90 days and no longer have.

        Also those of managers who were revoked within that time: whoever takes an account over begins with this.
        """
        since = fields.Datetime.now() - RECENT
        members = (
            self.env["aptic.member"]
            .sudo()
            .with_context(active_test=False)
            .search([("provider_id", "=", self.id), ("role", "=", "manager"), ("user_id", "!=", False)])
        )
        current = members.filtered("active").user_id.partner_id
        gone = members.filtered(lambda member: not member.active and member.write_date >= since).user_id.partner_id
        changed = (
            self.env["mail.tracking.value"]
            .sudo()
            .search(
                [
                    ("field_id.model", "=", "res.partner"),
                    ("field_id.name", "=", "email"),
                    ("mail_message_id.model", "=", "res.partner"),
                    ("mail_message_id.res_id", "in", (current | gone | self.partner_id).ids),
                    ("create_date", ">=", since),
                ]
            )
        )
        found = {email_normalize(text or "") for text in [*changed.mapped("old_value_char"), *gone.mapped("email")]}
        return sorted(found - {False, *(email_normalize(text or "") for text in current.mapped("email"))})
