"""Who reads, writes and acts on what an order is made of: each model, each role, and staff of another company."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_distribution import DistributionCase

STAFF = ("staff", "reviewer", "accountant", "staff_manager")
SPONSOR = ("sponsor_user_a", "sponsor_user_b")
OTHERS = ("manager_a", "mediator_a", "stranger", "relay_manager", "public")
# Who may read rows of a model; the others have no access to the model at all.
READERS = {
    "aptic.allotment": STAFF,
    "aptic.amendment": STAFF,
    "aptic.amendment.extension": STAFF,
    "aptic.amendment.refusal": STAFF,
    "aptic.api.key": ("staff_manager",),
    "aptic.api.use": ("staff_manager",),
    "aptic.blocking": STAFF,
    "aptic.blocking.lift": STAFF,
    "aptic.blocking.take": STAFF,
    "aptic.booklet": STAFF,
    "aptic.closing.agree": STAFF,
    "aptic.event": STAFF,
    "aptic.extend": STAFF,
    "aptic.issue": STAFF,
    "aptic.ledger.check": ("accountant", "staff_manager"),
    "aptic.lookup": (),
    "aptic.order.delivery": STAFF,
    "aptic.order.point": STAFF,
    "aptic.print": STAFF,
    "aptic.printing": STAFF,
    "aptic.proof": STAFF,
    "aptic.proof.version": STAFF,
    "aptic.quote": STAFF,
    "aptic.quote.signature": STAFF,
    "aptic.redemption.cancel": STAFF,
    "aptic.seal": STAFF,
    "aptic.voucher": STAFF,
    "aptic.webhook": ("staff_manager",),
    "aptic.webhook.delivery": ("staff_manager",),
}
# Models that portal users may read; record rules leave each of them its own rows.
SHARED = ("aptic.closing", "aptic.expiry.notice", "aptic.extension", "aptic.order", "aptic.rule")
LOTS = ("aptic.distribution", "aptic.distribution.part")


@tagged("post_install", "-at_install")
class TestAccess(DistributionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env.ref("base.public_user")
        # A company like ours, of which this person alone is staff.
        cls.elsewhere = cls.env["res.company"].create({"name": "Ailleurs (test)"})
        cls.stray = new_test_user(cls.env, "stray", groups="aptic_base.group_aptic_manager")
        cls.stray.write({"company_ids": [Command.set(cls.elsewhere.ids)], "company_id": cls.elsewhere.id})

    def _may(self, name, model):
        return self.env[model].with_user(getattr(self, name)).has_access("read")

    def test_each_model_is_read_by_whom_it_is_for(self):
        for model, readers in READERS.items():
            for name in (*STAFF, *SPONSOR, *OTHERS):
                with self.subTest(model=model, name=name):
                    self.assertEqual(self._may(name, model), name in readers)
        for model in (*SHARED, *LOTS):
            for name in STAFF:
                with self.subTest(model=model, name=name):
                    self.assertTrue(self._may(name, model))
            with self.subTest(model=model, name="public"):
                self.assertFalse(self._may("public", model))

    def test_nobody_outside_writes(self):
        for model in (*READERS, *SHARED, *LOTS):
            for name in (*SPONSOR, *OTHERS):
                rows = self.env[model].with_user(getattr(self, name))
                for operation in ("create", "write", "unlink"):
                    with self.subTest(model=model, name=name, operation=operation):
                        self.assertFalse(rows.has_access(operation))

    def test_every_model_of_the_addon_is_named_here(self):
        named = {*READERS, *SHARED, *LOTS}
        own = {
            model._name
            for model in self.env.registry.values()
            if model._original_module in ("aptic_voucher", "aptic_base")
            and not model._abstract
            and (model._original_module == "aptic_voucher" or model._name.startswith("aptic.api."))
        }
        self.assertLessEqual(own - {"aptic.redemption"}, named, "redemptions have tests of their own")

    def test_staff_of_another_company_neither_read_nor_act(self):
        lot = self._lot(2)
        serial = lot.serial_from
        blocking = self.env["aptic.blocking"].with_user(self.staff)._block(serial, serial, "lost", "Perdu")
        self.env["aptic.allotment"].create(
            {"order_id": self._order(state="draft").id, "distributor_id": self.relay_a.id}
        )
        for model in ("aptic.order", "aptic.blocking", "aptic.distribution", "aptic.distribution.part", "aptic.proof",
                      "aptic.allotment"):  # fmt: skip
            with self.subTest(model):
                self.assertTrue(self.env[model].with_user(self.staff).search_count([]))
                self.assertFalse(self.env[model].with_user(self.stray).search_count([]))
        stray = blocking.with_user(self.stray)
        for verb in (
            lambda: stray._lift("Retrouvé"),
            lambda: stray._replace("Perdu"),
            lambda: stray._block(lot.serial_to, lot.serial_to, "lost", "Perdu"),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                verb()
        self.assertFalse(blocking.outcome)
