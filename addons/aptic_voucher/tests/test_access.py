"""Who reads, writes and acts on what an order is made of: each model, each role, and staff of another company."""

from odoo.addons.aptic_base.tests.access import STAFF, RoleMatrix
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_distribution import DistributionCase

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
class TestAccess(RoleMatrix, DistributionCase):
    readers = READERS
    shared = (*SHARED, *LOTS)
    outside = (*SPONSOR, *OTHERS)

    def test_each_model_is_read_by_whom_it_is_for(self):
        self._check_readers()

    def test_nobody_outside_writes(self):
        self._check_outside()

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

    def test_vouchers_ledger_and_scans_of_a_company_are_its_own(self):
        ours, theirs = self._order(quantity=5), self._order(quantity=5)
        for order in (ours, theirs):
            [code, *_others] = self._codes(order)
            self.assertEqual(self._scan([code])["status"], "done")
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_order SET company_id = %s WHERE id = %s", [self.elsewhere.id, theirs.id])
        self.env.invalidate_all()
        both = new_test_user(self.env, "both", groups="aptic_base.group_aptic_manager")
        both.company_ids |= self.elsewhere
        for model, path in (
            ("aptic.booklet", "order_id"),
            ("aptic.voucher", "order_id"),
            ("aptic.event", "order_id"),
            ("aptic.redemption", "event_ids.order_id"),
        ):
            for user, companies, orders in (
                (self.staff, self.company, ours),
                (self.stray, self.elsewhere, theirs),
                (both, self.company | self.elsewhere, ours | theirs),
                (both, self.elsewhere, theirs),
            ):
                with self.subTest(model=model, user=user.login, companies=companies.mapped("name")):
                    rows = self.env[model].with_user(user).with_context(allowed_company_ids=companies.ids)
                    seen = rows.search([(path, "in", (ours | theirs).ids)])
                    self.assertEqual(seen.sudo().mapped(path), orders)
            row = self.env[model].search([(path, "=", ours.id)], limit=1).with_user(self.stray)
            with self.assertRaises(AccessError):
                row.read(["id", "create_date"] if row._log_access else ["id", "display_name"])

    def test_a_provider_reads_its_scans_whoever_is_to_pay_them(self):
        order = self._order(quantity=5)
        [code, *_others] = self._codes(order)
        self.assertEqual(self._scan([code])["status"], "done")
        self.env.flush_all()
        self.env.cr.execute("UPDATE aptic_order SET company_id = %s WHERE id = %s", [self.elsewhere.id, order.id])
        self.env.invalidate_all()
        scans = self.env["aptic.redemption"].with_user(self.manager_a).search([])
        self.assertIn(order, scans.sudo().event_ids.order_id)
