from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestMemberInvite(ApticCase):
    def _invite(self, email="nouvelle@example.org", name="Nouvelle", role="mediator", organisation=None, user=None):
        members = self.env["aptic.member"].with_user(user or self.manager_a)
        return members._invite(organisation or self.provider_a, email, name, role)

    def _token(self, member):
        return member._invitation_url().partition("/my/aptic/invitation/")[2] or self._token_of_signup(member)

    def _token_of_signup(self, member):
        return member._invitation_url().partition("invitation%2F")[2].partition("&")[0]

    def _mails(self, address):
        return self.env["mail.mail"].sudo().search([("email_to", "=", address)])

    # ------------------------------------------------------------------ invite
    def test_an_unknown_address_gets_an_account_and_one_mail(self):
        member = self._invite(" Nouvelle@Example.org ")
        self.assertEqual((member.active, member.pending, member.role), (False, True, "mediator"))
        user = member.user_id
        self.assertEqual((user.login, user.email), ("nouvelle@example.org",) * 2)
        self.assertEqual(user.group_ids, self.env.ref("base.group_portal"))
        mail = self._mails("nouvelle@example.org")
        self.assertEqual(len(mail), 1)
        self.assertIn("/web/signup?", mail.body_html)
        self.assertFalse(self.env["aptic.member"]._find(self.provider_a, user=user))

    def test_a_known_address_becomes_a_member_by_accepting(self):
        self.manager_b.with_user(self.manager_b)._update_last_login()
        member = self._invite(self.manager_b.email)
        self.assertEqual(member.user_id, self.manager_b)
        mail = self._mails(self.manager_b.email)
        self.assertEqual(len(mail), 1)
        self.assertNotIn("/web/signup", mail.body_html)
        self.assertFalse(self.env["aptic.member"]._find(self.provider_a, user=self.manager_b))
        found = self.env["aptic.member"]._of_invitation(self._token(member))
        self.assertEqual(found, member)
        with self.assertRaisesRegex(UserError, "another account"):
            found._accept(self.stranger)
        found._accept(self.manager_b)
        self.assertEqual(self.env["aptic.member"]._find(self.provider_a, user=self.manager_b), member)
        self.assertFalse(self.env["aptic.member"]._of_invitation(self._token(member)), "a link works once")

    def test_what_the_inviter_sees_does_not_tell_whether_there_is_an_account(self):
        seen = []
        for address in (self.stranger.email, "inconnue@example.org"):
            member = self._invite(address, "Quelqu'un")
            seen.append((member._shown_name(), member._shown_email().partition("@")[2], member.display_name))
            as_manager = self.env["aptic.member"].with_user(self.manager_a).with_context(active_test=False)
            self.assertFalse(as_manager.search([("id", "=", member.id)]), "by RPC neither")
        self.assertEqual(seen[0], seen[1])
        self.assertNotIn(self.stranger.name, str(seen))

    def test_the_link_is_signed_dated_and_of_the_last_mail(self):
        member = self._invite()
        token = self._token_of_signup(member)
        members = self.env["aptic.member"]
        self.assertEqual(members._of_invitation(token), member)
        for bad in ("", "x", token[:-2], token[:-4] + "AAAA", "A" * 80, "é"):
            self.assertFalse(members._of_invitation(bad), bad)
        member._guarded_write({"invited_at": member.invited_at - timedelta(hours=2)})
        self.assertFalse(members._of_invitation(token))
        former = self._token_of_signup(member)
        self.assertTrue(members._of_invitation(former))
        member._resend()
        self.assertFalse(members._of_invitation(former))
        self.assertEqual(len(self._mails("nouvelle@example.org")), 2)
        member._revoke()
        self.assertFalse(members._of_invitation(self._token_of_signup(member)))

    def test_bad_invitations_are_explained(self):
        self._invite("deja@example.org")
        for values, words in (
            ({"email": "pas une adresse"}, "complete e-mail"),
            ({"email": "a@example.org, b@example.org"}, "complete e-mail"),
            ({"email": None}, "complete e-mail"),
            ({"role": "king"}, "Choose a role"),
            ({"email": self.mediator_a.email}, "a member already"),
            ({"email": "DEJA@example.org"}, "invited already"),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self._invite(**values)

    def test_an_organisation_does_not_invite_without_end(self):
        for number in range(20):
            self._invite(f"personne{number}@example.org")
        with self.assertRaisesRegex(UserError, "that is the most"), self.cr.savepoint():
            self._invite("de-trop@example.org")
        pending = self.provider_a.with_context(active_test=False).member_ids.filtered("pending")
        pending[0]._revoke()
        with self.assertRaisesRegex(UserError, "that is the most"), self.cr.savepoint():
            self._invite("de-trop@example.org")
        with self.assertRaisesRegex(UserError, "within the last hour"), self.cr.savepoint():
            pending[1]._resend()
        self._invite("chez-b@example.org", organisation=self.provider_b, user=self.manager_b)
        pending._guarded_write({"invited_at": fields.Datetime.now() - timedelta(days=2)})
        self._invite("de-trop@example.org")

    def test_inviting_again_after_a_while_reuses_the_membership(self):
        self.mediator_a_member._revoke()
        member = self._invite(self.mediator_a.email, role="accountant")
        self.assertEqual((member, member.role, member.active), (self.mediator_a_member, "accountant", False))
        member._revoke()
        with self.assertRaisesRegex(UserError, "within the last hour"), self.cr.savepoint():
            self._invite(self.mediator_a.email)

    def test_sponsors_and_distributors_invite_too(self):
        distributor = self.env["aptic.distributor"].create({"name": "Relais (test)"})
        for organisation in (self.sponsor_a, distributor):
            member = self._invite(organisation=organisation, user=self.sponsor_user_a)
            member._accept(member.user_id)
            self.assertEqual(member._organisation(), organisation)

    # ------------------------------------------------------------------ manage
    def test_who_is_invited_does_not_count_as_a_manager(self):
        self._invite(role="manager")
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a_member._revoke()

    def test_staff_do_not_make_a_pending_member_active_by_hand(self):
        member = self._invite()
        with self.assertRaisesRegex(UserError, "by its own actions"):
            member.with_user(self.staff).write({"pending": False, "active": True})

    def test_roles_and_revocation_are_traced(self):
        member = self.mediator_a_member
        member.with_user(self.manager_a).sudo()._give_role("accountant")
        member.with_user(self.manager_a).sudo()._revoke()
        self.assertFalse(self.env["aptic.member"]._find(self.provider_a, user=self.mediator_a))
        notes = " ".join(self.provider_a.message_ids.mapped("body"))
        self.assertIn("gave", notes)
        self.assertIn("took away", notes)

    # ----------------------------------------------------- accounts that close
    def test_the_last_managers_account_is_not_archived(self):
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a.with_user(self.staff_manager).sudo().active = False
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a.action_archive()
        self.mediator_a.active = False
        second, _membership = self._member(self.provider_a, "manager", "second")
        second.active = False
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a.active = False
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a_member._revoke()
        second.active = True
        self.manager_a.active = False

    def test_the_last_manager_does_not_close_the_account(self):
        with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
            self.manager_a._deactivate_portal_user()
        self.assertEqual(self.manager_a.login, "aptic_manager_a")
        self.mediator_a._deactivate_portal_user()
        self.assertFalse(self.mediator_a.active)
        self.assertFalse(self.mediator_a_member.active)
