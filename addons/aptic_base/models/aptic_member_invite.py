import binascii
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, hash_sign, verify_hash_signed

from ..texts import one_line
from .aptic_member import COLUMNS

_logger = logging.getLogger(__name__)

MOST_INVITATIONS = 20
PAUSE = timedelta(hours=1)
SCOPE = "aptic_member_invitation"


class ApticMember(models.Model):
    """Members are invited by mail: who follows the link of the mail, logged in with that address, becomes one.

    Nothing that an inviter sees depends on whether an address has an account already.
    """

    _name = "aptic.member"
    _inherit = ["aptic.member", "aptic.guarded.mixin"]

    pending = fields.Boolean(string="Invited", readonly=True, copy=False, help="Invited, and has not accepted yet.")
    invited_email = fields.Char(string="Invited at", readonly=True, copy=False)
    invited_name = fields.Char(string="Invited as", readonly=True, copy=False)
    invited_at = fields.Datetime(string="Invited on", readonly=True, copy=False)
    invited_by_id = fields.Many2one("res.users", string="Invited by", readonly=True, copy=False, ondelete="set null")

    _guarded_fields = frozenset({"pending", "invited_email", "invited_name", "invited_at", "invited_by_id"})

    _pending_is_no_member = models.Constraint(
        "CHECK(NOT (pending AND active))", "Who is invited becomes a member by accepting."
    )

    # ----------------------------------------------------------------- invite
    @api.model
    def _invite(self, organisation, email, name, role):
        """Invite an address to an organisation, by one mail; the caller has checked that the user may.

        :param organisation: an ``aptic.provider``, ``aptic.sponsor`` or ``aptic.distributor`` record
        :param str email: as typed
        :param str name: how the inviter calls the person
        :param str role: ``manager``, ``mediator`` or ``accountant``
        :return: the pending membership (sudo)
        :raise UserError: says what is wrong; never whether the address has an account
        """
        address = email_normalize(one_line(email, 100), strict=True)
        if not address:
            raise UserError(self.env._("Write one complete e-mail address."))
        self._check_role(role)
        organisation = organisation.sudo()
        organisation.lock_for_update()
        members = self.sudo().with_context(active_test=False)
        column = (COLUMNS[organisation._name], "=", organisation.id)
        account = self._account_of(address)
        member = members.search([column, ("user_id", "in", account.ids)])
        if member.active:
            raise UserError(self.env._("This address belongs to a member already: change the role in the list below."))
        if member.pending:
            raise UserError(self.env._("This address was invited already: send the invitation again from the list."))
        members._check_invitations(column)
        self._check_pause(member)
        values = {
            **self._prepare_invitation_vals(),
            "role": role,
            "invited_email": address,
            "invited_name": one_line(name, 100) or address,
            "invited_by_id": self.env.uid,
        }
        if member:
            member._guarded_write(values)
        else:
            account = account or self._new_account(organisation, address, values["invited_name"])
            member = members._guarded_create([{**values, column[0]: organisation.id, "user_id": account.id}])
        member._send_invitation()
        if not member.user_id.active:
            organisation._message_log(
                body=self.env._("%s was invited, but this account is archived: decide about it.", address)
            )
        organisation._message_log(
            body=self.env._("%(user)s invited %(address)s.", user=self.env.user.name, address=address)
        )
        return member

    @api.model
    def _prepare_invitation_vals(self):
        """What every invited membership begins with."""
        return {"active": False, "pending": True}

    @api.model
    def _check_role(self, role):
        if role not in dict(self._fields["role"].selection):
            raise UserError(self.env._("Choose a role."))

    @api.model
    def _check_invitations(self, column):
        """Refuse more invitations than an organisation needs: each one is a mail to somebody."""
        recent = fields.Datetime.now() - timedelta(days=1)
        sent = self.search_count([column, "|", ("pending", "=", True), ("invited_at", ">", recent)])
        if sent >= MOST_INVITATIONS:
            raise UserError(
                self.env._(
                    "%(count)s invitations are waiting or were sent today: that is the most. Cancel some, or go on "
                    "tomorrow.",
                    count=MOST_INVITATIONS,
                )
            )

    def _check_pause(self, member):
        if member.invited_at and member.invited_at > fields.Datetime.now() - PAUSE:
            raise UserError(
                self.env._("An invitation was sent to this address within the last hour: wait before the next one.")
            )

    @api.model
    def _account_of(self, address):
        """The account that logs in with an address or whose address it is (sudo), or none; an open one first."""
        users = self.env["res.users"].sudo().with_context(active_test=False)
        found = users.search([("login", "=ilike", address)]) or users.search([("email_normalized", "=", address)])
        return found.sorted(lambda user: (not user.active, user.id))[:1]

    @api.model
    def _new_account(self, organisation, address, name):
        """A portal account for an address that has none; its owner chooses the password from the mail."""
        return (
            self.env["res.users"]
            .sudo()
            ._create_user_from_template(
                {"login": address, "email": address, "name": name, "lang": organisation.lang or self.env.user.lang}
            )
        )

    # ------------------------------------------------------------------- mail
    def _send_invitation(self):
        """Send the mail with the link, once."""
        self.ensure_one()
        self._guarded_write({"invited_at": fields.Datetime.now()})
        if not self.user_id.login_date:
            self.user_id.partner_id.signup_prepare()
        template = self.env.ref("aptic_base.mail_member_invitation").sudo()
        template.send_mail(self.id, email_layout_xmlid="mail.mail_notification_light")
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        _logger.info("%s %s: invitation sent by user %s", self._name, self.id, self.env.uid)

    def _invitation_hours(self):
        return self.env["ir.config_parameter"]._get_number("auth_signup.signup.validity.hours", 144)

    def _invitation_days(self):
        """How long the link of the mail holds, in days."""
        return self._invitation_hours() // 24

    def _invitation_url(self):
        """The link of the mail: to the invitation, by way of choosing a password for a new account."""
        self.ensure_one()
        stamp = fields.Datetime.to_string(self.invited_at)
        token = hash_sign(self.sudo().env, SCOPE, [self.id, stamp], expiration_hours=self._invitation_hours())
        path = f"/my/aptic/invitation/{token}"
        partner = self.user_id.partner_id
        if partner.signup_type and not self.user_id.login_date:
            return partner._get_signup_url_for_action(url=path)[partner.id]
        return self.get_base_url() + path

    def _role_label(self):
        self.ensure_one()
        return dict(self._fields["role"]._description_selection(self.env))[self.role]

    # ----------------------------------------------------------------- answer
    @api.model
    def _of_invitation(self, token):
        """The pending membership (sudo) of a link, or empty when the link is false, too old, or was used."""
        try:
            values = verify_hash_signed(self.sudo().env, SCOPE, token)
        except (binascii.Error, ValueError, IndexError):
            values = None
        if not values:
            return self.sudo()
        number, stamp = values
        member = self.sudo().with_context(active_test=False).browse(number).exists()
        is_last = member.pending and fields.Datetime.to_string(member.invited_at) == stamp
        return member if is_last else self.sudo()

    def _accept(self, user):
        """The invited person joins.

        :raise UserError: when the account is another one, or the invitation is no longer open
        """
        self.ensure_one()
        member = self.sudo()
        if member.user_id != user:
            raise UserError(self.env._("This invitation is for another account: log out, then follow the link again."))
        member.lock_for_update()
        member.invalidate_recordset(["pending"])
        if not member.pending:
            raise UserError(self.env._("This invitation is not open any more."))
        member._guarded_write({"pending": False, "active": True})
        member._organisation()._message_log(
            body=self.env._("%(user)s is now a member: %(role)s.", user=user.name, role=member._role_label())
        )
        return member

    # ----------------------------------------------------------------- manage
    def _resend(self):
        """Send an invitation again, with a new link; the former one no longer works.

        :raise UserError: within an hour of the last one
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["pending", "invited_at"])
        if not self.pending:
            raise UserError(self.env._("This invitation is not open any more."))
        self._check_pause(self)
        self._send_invitation()

    def _give_role(self, role):
        """Change the role of a member or of somebody invited.

        :raise UserError: when it is the last manager's
        """
        self.ensure_one()
        self._check_role(role)
        if self.role == role:
            return
        self.write({"role": role})
        self._organisation()._message_log(
            body=self.env._(
                "%(user)s gave %(member)s the role: %(role)s.",
                user=self.env.user.name,
                member=self._shown_name(),
                role=self._role_label(),
            )
        )

    def _revoke(self):
        """Take a member's access away at once, or cancel an invitation; what the member did stays.

        :raise UserError: when it is the last manager
        """
        self.ensure_one()
        if not self.active and not self.pending:
            return
        self._guarded_write({"active": False, "pending": False})
        self._organisation()._message_log(
            body=self.env._(
                "%(user)s took away the access of %(member)s.", user=self.env.user.name, member=self._shown_name()
            )
        )
        _logger.info("%s %s: revoked by user %s", self._name, self.id, self.env.uid)

    def _shown_name(self):
        """The person's name, or, until the person has joined, what the inviter wrote."""
        self.ensure_one()
        return (self.invited_name or self.invited_email) if self.pending else self.user_id.name

    def _shown_email(self):
        """The account's address, or, until the person has joined, the one that was invited."""
        self.ensure_one()
        return self.invited_email if self.pending else (self.user_id.email or self.user_id.login)

    @api.depends("user_id", "role", "pending")
    def _compute_display_name(self):  # pylint: disable=missing-return
        """What members see of each other by any way: no name of an account before its owner has joined."""
        waiting = self.filtered("pending")
        super(ApticMember, self - waiting)._compute_display_name()
        for member in waiting:
            member.display_name = member.invited_name or member.invited_email
