from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ApticCase


@tagged("post_install", "-at_install")
class TestMember(ApticCase):
    def test_the_last_manager_stays(self):
        for leave in (
            lambda member: member.write({"role": "mediator"}),
            lambda member: member.write({"active": False}),
            lambda member: member.write({"provider_id": self.provider_b.id}),
            lambda member: member.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "must keep a manager"), self.cr.savepoint():
                leave(self.manager_a_member)
        self.manager_a_member.write({"user_id": self.stranger.id})

    def test_a_manager_may_leave_when_there_is_another(self):
        _user, second = self._member(self.provider_a, "manager", "second")
        self.manager_a_member.role = "mediator"
        with self.assertRaises(UserError):
            second.active = False
        self.mediator_a_member.unlink()

    def test_two_managers_cannot_leave_together(self):
        _user, second = self._member(self.provider_a, "manager", "second")
        with self.assertRaises(UserError):
            (self.manager_a_member | second).write({"active": False})

    def test_one_organisation_and_once_each(self):
        for values in (
            {"user_id": self.stranger.id},
            {"user_id": self.stranger.id, "provider_id": self.provider_a.id, "sponsor_id": self.sponsor_a.id},
            {"user_id": self.mediator_a.id, "provider_id": self.provider_a.id, "role": "accountant"},
        ):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.env["aptic.member"].create(values)

    def test_find_answers_by_role_and_only_while_active(self):
        members = self.env["aptic.member"]
        self.assertEqual(members._find(self.provider_a, user=self.mediator_a), self.mediator_a_member)
        self.assertFalse(members._find(self.provider_a, ("manager",), user=self.mediator_a))
        self.assertFalse(members._find(self.provider_a, user=self.manager_b))
        self.assertFalse(members._find(self.provider_a, user=self.sponsor_user_a))
        self.mediator_a_member.active = False
        self.assertFalse(members._find(self.provider_a, user=self.mediator_a))

    def test_organisations_of_a_user(self):
        self.env["aptic.member"].create(
            {"user_id": self.manager_a.id, "sponsor_id": self.sponsor_b.id, "role": "accountant"}
        )
        found = self.env["aptic.member"].with_user(self.manager_a)._organisations()
        self.assertEqual(
            [(entry["kind"], entry["record"], entry["role"]) for entry in found],
            [("provider", self.provider_a, "manager"), ("sponsor", self.sponsor_b, "accountant")],
        )
        self.assertTrue(all(entry["record"].env.su for entry in found))
        self.assertEqual(self.env["aptic.member"].with_user(self.stranger)._organisations(), [])
