import uuid

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.fields import Domain
from odoo.http import content_disposition, request

from ..limits import LARGEST_ID


def as_id(value):
    """Return a form's value as a record id; 0 when it is not one."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST_ID else 0


ROLES = ("manager", "mediator", "accountant")


def file_response(content, name, mimetype="application/pdf", inline=True):
    """A file of one organisation, which no proxy or shared browser keeps.

    :param bytes content: the file
    :param str name: as the person's computer will call it
    :param bool inline: shown in the browser; else only saved, as what others have sent must be
    """
    headers = [
        ("Content-Type", mimetype),
        ("Content-Disposition", content_disposition(name, "inline" if inline else "attachment")),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store, private"),
    ]
    return request.make_response(content, headers)


class ApticPortal(CustomerPortal):
    """What the portal pages of an organisation share: whose it is, and a clear page when it is not the user's."""

    def _aptic_member(self, model, organisation_id, roles=ROLES):
        """Return ``(organisation, member)``, both sudo and both empty when the user has none of ``roles`` in it.

        :param str model: ``aptic.provider``, ``aptic.sponsor`` or ``aptic.distributor``
        :param int organisation_id: as the address says it; it need not exist
        """
        if not 0 < organisation_id <= LARGEST_ID:
            return request.env[model].sudo(), request.env["aptic.member"].sudo()
        member = request.env["aptic.member"]._find(request.env[model].browse(organisation_id), roles)
        organisation = request.env[model].sudo().browse(organisation_id) if member else request.env[model].sudo()
        return organisation, member

    def _thread_file(self, record, message_id, attachment_id):
        """A file that came with a message of a record's thread, or the page that refuses.

        :param record: sudo, with a ``_thread_domain``; the caller has checked that it is the user's
        """
        this = Domain("id", "=", min(message_id, LARGEST_ID))
        message = request.env["mail.message"].sudo().search(record._thread_domain() & this)
        attachment = message.attachment_ids.filtered(lambda file: file.id == attachment_id)
        if not attachment:
            return self._aptic_denied()
        return file_response(attachment.raw, attachment.name, "application/octet-stream", inline=False)

    def _aptic_own(self, model, provider_id, record_id):
        """Return ``(provider, record, denied)``: sudo records of a manager's provider, or the page that refuses.

        :param str model: ``aptic.place``, ``aptic.offer`` or another one with a ``provider_id``
        :param record_id: as the address says it, archived or not; None for a record to come
        """
        provider, member = self._aptic_member("aptic.provider", provider_id, ("manager",))
        record = request.env[model].sudo()
        if member and as_id(record_id):
            domain = [("id", "=", as_id(record_id)), ("provider_id", "=", provider.id)]
            record = record.with_context(active_test=False).search(domain)
        if not member or (record_id is not None and not record):
            return provider, record, self._aptic_denied()
        return provider, record, None

    def _aptic_denied(self, member=None):
        """The page that says that this is for others; the same whether the organisation exists or not."""
        values = {**self._prepare_portal_layout_values(), "page_name": "aptic", "member": member}
        response = request.render("aptic_base.portal_denied", values)
        response.status_code = 403
        return response

    # ------------------------------------------------------------------ forms
    def _form_values(self, record=None):
        """What ``aptic_base.portal_form_guard`` puts into a form.

        :param record: the record that the form changes, empty or None when it makes a new one
        """
        return {"form_version": self._form_version(record), "form_token": str(uuid.uuid4())}

    def _form_version(self, record):
        return record.write_date.isoformat() if record and record.write_date else ""

    def _form_conflict(self, record, post):
        """Tell the person when somebody else changed the record since the form was opened.

        The page that shows this carries the new version: to send it again is to decide.

        :return: a sentence, or None
        """
        if not record or not post.get("form_version") or post["form_version"] == self._form_version(record):
            return None
        return request.env._(
            "%(name)s changed this while you were typing. What you typed is still here: compare it with the present"
            " values (open the page again in another window), then save again.",
            name=record.write_uid.sudo().name,
        )

    def _form_once(self, post):
        """Use the form's token up; call it inside the savepoint of what the form asks for.

        :return: False when this very form has succeeded already: answer as if it did so now
        """
        token = str(post.get("form_token") or "")[:64]
        return not token or request.env["aptic.form.token"].sudo()._take(f"{request.env.uid}:{token}")
