from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import plaintext2html

LONGEST = 5000
MOST_A_DAY = 40
HELP = "aptic_base.activity_help"
STAFF = "aptic_base.group_aptic_user"
TYPES = ("comment", "email", "email_outgoing", "auto_comment")


class ApticTeamThread(models.AbstractModel):
    """A thread between a provider's managers and the #APTIC team, on their portal page and in the back office chatter.

    Notes and logs stay with the team. A model names this before itself in ``_inherit``.
    """

    _name = "aptic.team.thread"
    _description = "Thread with the #APTIC team"
    _inherit = ["mail.thread", "mail.activity.mixin"]

    def _thread_provider(self):
        """The provider whose managers read and write here."""
        raise NotImplementedError

    def _thread_url(self):
        """The address of the portal page."""
        raise NotImplementedError

    # ----------------------------------------------------------------- members
    def _thread_domain(self):
        """Messages that members see: comments, never notes, logs or what is internal."""
        self.ensure_one()
        return Domain(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", TYPES),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                ("is_internal", "=", False),
            ]
        )

    def _write_to_team(self, user, text, files=()):
        """A member writes to the team, who get something to do.

        :param user: ``res.users`` record; the caller has checked that it manages the provider
        :param str text: plain text as typed
        :param files: list of :class:`~..uploads.Upload`
        :return: the ``mail.message`` (sudo)
        :raise UserError: when the text is missing or too long, or too much was written today
        """
        self.ensure_one()
        text = (text or "").replace("\0", "").strip() if isinstance(text, str) else ""
        if not text:
            raise UserError(self.env._("Write your message."))
        if len(text) > LONGEST:
            raise UserError(self.env._("Your message is too long: %s characters at most.", LONGEST))
        messages = self.env["mail.message"].sudo()
        today = [("author_id", "=", user.partner_id.id), ("date", ">", fields.Datetime.now() - timedelta(days=1))]
        if messages.search_count(self._thread_domain() & Domain(today), limit=MOST_A_DAY) >= MOST_A_DAY:
            raise UserError(self.env._("You have written a lot here today: go on tomorrow, or call the #APTIC team."))
        message = (
            self.sudo()
            .with_context(mail_create_nosubscribe=True, mail_post_autofollow_author_skip=True)
            .message_post(
                author_id=user.partner_id.id,
                body=plaintext2html(text),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                attachments=[(file.name, file.data) for file in files],
            )
        )
        message.attachment_ids.write({"res_model": "mail.message", "res_id": message.id})
        self._ask_for_answer(user)
        return message

    def _ask_for_answer(self, user):
        """Give the team something to do, once until somebody answers."""
        thread = self.sudo().with_context(mail_create_nosubscribe=True)
        if thread.activity_search([HELP]):
            return
        kind = self.env.ref(HELP).sudo()
        thread.activity_schedule(
            HELP,
            fields.Date.context_today(self) + timedelta(days=kind.delay_count),
            self.env._("%(user)s of %(name)s waits for an answer", user=user.name, name=self._thread_provider().name),
            user_id=self._answerer().id,
        )

    def _answerer(self):
        """Who of the team answers: whoever wrote last here, else the one with the fewest answers to give."""
        staff = self.env.ref(STAFF).sudo().all_user_ids
        staff = staff.filtered(lambda user: user.active and not user._is_superuser())
        authors = [("author_id", "in", staff.partner_id.ids)]
        last = self.env["mail.message"].sudo().search(self._thread_domain() & Domain(authors), order="id desc", limit=1)
        if last:
            return last.author_id.user_ids.filtered(lambda user: user in staff)[:1]
        return self.env["aptic.todo.mixin"]._least_busy(self.env.ref(HELP), (STAFF,))

    # ------------------------------------------------------------------- staff
    def message_post(self, *, partner_ids=None, message_type="notification", subtype_xmlid=None, **kwargs):
        """What a person of the team sends from the chatter goes to the managers too; then nobody waits any more."""
        to_members = self._is_answer(message_type, subtype_xmlid, kwargs.get("subtype_id"))
        if to_members:
            members = self._thread_provider().sudo().member_ids
            managers = members.filtered(lambda member: member.active and member.role == "manager")
            partner_ids = list({*(partner_ids or ()), *managers.user_id.partner_id.ids})
        message = super().message_post(
            partner_ids=partner_ids, message_type=message_type, subtype_xmlid=subtype_xmlid, **kwargs
        )
        if to_members:
            self.sudo().activity_unlink([HELP])
        return message

    def _is_answer(self, message_type, subtype_xmlid, subtype_id):
        user = self.env.user
        if user.share or user._is_superuser() or message_type != "comment" or self.env.context.get("aptic_told"):
            return False
        return subtype_xmlid == "mail.mt_comment" or subtype_id == self.env.ref("mail.mt_comment").id

    # ------------------------------------------------------------------ access
    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Members read the thread on its page, where their role is checked; by no other way."""
        if message_operation == "read" and self.env.user.share:
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def _get_access_action(self, access_uid=None, force_website=False):
        """The link of a mail leads members to the page."""
        user = self.env["res.users"].sudo().browse(access_uid) if access_uid else self.env.user
        if user.share or force_website:
            return {"type": "ir.actions.act_url", "url": self._thread_url(), "target": "self", "res_id": self.id}
        return super()._get_access_action(access_uid=access_uid, force_website=force_website)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        for name, _belongs, options in groups:
            if name == "portal":
                options.update(active=True, has_button_access=True)
        return groups
