"""Who reads and writes what the desk and the watch keep: each model, each role, and staff of another company."""

from odoo.addons.aptic_base.tests.access import OPERATIONS, STAFF, RoleMatrix
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DeskCase

MANAGER = ("staff_manager",)
# Kept by the verbs of the models alone.
FACTS = {
    "aptic.alert": STAFF,
    "aptic.attempt": MANAGER,
    "aptic.attempt.alarm": MANAGER,
    "aptic.lockout": STAFF,
    "aptic.receipt": STAFF,
}
FORMS = {"aptic.redemption.phone": STAFF, "aptic.watch.answer": STAFF}


@tagged("post_install", "-at_install")
class TestAccess(RoleMatrix, DeskCase):
    readers = {**FACTS, **FORMS, "aptic.alert.rule": STAFF}
    writers = {
        **{(model, operation): () for model in FACTS for operation in OPERATIONS},
        **{(model, "create"): STAFF for model in FORMS},
        ("aptic.alert.rule", "create"): MANAGER,
        ("aptic.alert.rule", "write"): MANAGER,
        ("aptic.alert.rule", "unlink"): (),
    }
    outside = (
        *("sponsor_user_a", "sponsor_user_b", "manager_a", "mediator_a", "accountant_a", "manager_b"),
        *("stranger", "public"),
    )

    def test_each_model_is_read_by_whom_it_is_for(self):
        self._check_readers()

    def test_nobody_outside_writes(self):
        self._check_outside()

    def test_who_of_the_team_writes(self):
        self._check_writers()

    def test_every_model_of_the_addon_is_named_here(self):
        own = {
            model._name
            for model in self.env.registry.values()
            if model._original_module == "aptic_pos" and not model._abstract
        }
        self.assertEqual(own, {*self.readers})

    def test_the_desk_is_for_who_may_scan(self):
        for name in self.outside:
            member = self.env["aptic.member"].with_user(getattr(self, name))._scanner_at(self.place_a.id)
            self.assertEqual(bool(member), name in ("manager_a", "mediator_a"), name)
        answer = self._scan(self.codes[:1], user=self.accountant_a, price_cents=1200)
        self.assertEqual(answer["status"], "provider")

    def test_staff_of_another_company_read_no_alert(self):
        rule = self.env["aptic.alert.rule"].create({"name": "Test", "kind": "booklet", "least": 1})
        redemption = self.env["aptic.redemption"].browse(self._scan(self.codes[:1], price_cents=1200)["redemption_id"])
        alert = self.env["aptic.alert"]._raise(
            rule,
            [
                {
                    "provider_id": self.provider_a.id,
                    "company_id": self.company.id,
                    "key": "test",
                    "found": 1,
                    "redemption_ids": redemption.ids,
                }
            ],
        )
        self.assertTrue(alert.with_user(self.staff).story)
        self.assertFalse(self.env["aptic.alert"].with_user(self.stray).search([]))
        for verb in ("_dismiss", "_confirm", "_cancel_scans"):
            with self.subTest(verb), self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(alert.with_user(self.stray), verb)("Moi")
        self.assertEqual((alert.state, redemption.is_held), ("open", True))
