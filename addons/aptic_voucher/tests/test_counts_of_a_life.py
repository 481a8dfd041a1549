"""The counts of an order after a life with everything in it, against naive counts of its vouchers and of its ledger."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .. import clock
from ..models.aptic_order_counts import COUNTS, EVENTS
from .test_distribution_blocking import LotsBlockingCase


@tagged("post_install", "-at_install")
class TestCountsOfALife(LotsBlockingCase):
    def _naive_of_vouchers(self):
        """What the rows of vouchers, booklets and lots say, one by one."""
        vouchers = self.env["aptic.voucher"].search([("order_id", "=", self.order.id)])
        handed = self.order.lot_ids.part_ids.filtered(lambda part: part.place == "handed")
        states = vouchers.mapped("state")
        return {
            "printed": len(vouchers),
            "injected": sum(part.serial_to - part.serial_from + 1 for part in handed),
            "started": len(vouchers.filtered("redemption_id").booklet_id),
            **{state: states.count(state) for state in ("redeemed", "expired", "blocked", "replaced")},
        }

    def _naive_of_the_ledger(self):
        """What its rows add up to."""
        total = {}
        for event in self.env["aptic.event"].search([("order_id", "=", self.order.id)]):
            total[event.kind] = total.get(event.kind, 0) + event.quantity

        def less(kind, *others):
            return total.get(kind, 0) - sum(total.get(other, 0) for other in others)

        return {
            "printed": less("issue"),
            "delivered": less("deliver"),
            "activated": less("activate"),
            "injected": less("inject", "restore"),
            "redeemed": less("redeem", "cancel"),
            "replaced": less("replace"),
            "expired and blocked": less("expire", "revive") + less("block", "unblock", "replace"),
        }

    def _agree(self):
        self.env.flush_all()
        self.env.invalidate_all()
        counts = self.order._counts()[self.order.id]
        naive, ledger = self._naive_of_vouchers(), self._naive_of_the_ledger()
        self.assertEqual({key: counts[key] for key in naive}, naive)
        self.assertEqual(
            {**counts, "expired and blocked": counts["expired"] + counts["blocked"], **ledger},
            {**counts, "expired and blocked": counts["expired"] + counts["blocked"]},
        )
        redeemed = self.env["aptic.event"].search(
            [("order_id", "=", self.order.id), ("kind", "in", ("redeem", "cancel"))]
        )
        self.assertEqual(
            counts["redeemed_cents"],
            sum(-row.amount_cents if row.kind == "cancel" else row.amount_cents for row in redeemed),
        )
        for key in COUNTS:
            self.assertEqual(self._drilled(key), counts[key], key)
        return counts

    def _drilled(self, key):
        """What the list that a count opens adds up to."""
        action = self.order.with_user(self.staff).with_context(aptic_count=key).action_open_count()
        records = self.env[action["res_model"]].with_user(self.staff).search(action["domain"])
        if key in EVENTS:
            return sum(-row.quantity if row.kind == "restore" else row.quantity for row in records)
        return sum(records.mapped("size")) if key == "ordered" else len(records)

    def test_after_losses_replacement_restore_expiry_and_extension(self):
        self._agree()
        lot = self._lot(6)
        self._move(lot, "inject", 0, 3)
        self._move(lot, "restore", 2)
        self._agree()
        for serial in (lot.serial_from, lot.serial_from + 1, self._booklet(lot, 1)[0], self._booklet(lot, 4)[0]):
            self.assertEqual(self._scan_serial(serial)["status"], "done")
        act = self.env["aptic.redemption"].search([], limit=1)
        self._move(lot, "lose", 4, 5, reason="Cambriolage")
        self._agree()
        act.with_user(self.staff)._cancel("Erreur")  # of a lost booklet: its voucher is blocked, not given back
        counts = self._agree()
        self.assertEqual((counts["redeemed"], counts["blocked"], counts["started"]), (3, 20, 2))
        loss = self._blockings()[0]
        made = loss.with_user(self.staff)._replace().sudo()
        self._agree()
        new = self._lot(2, self.relay_b, serial_from=made[0].serial)
        new._move("inject", made[1].serial, made[1].serial + made[1].size - 1)
        self.assertEqual(self._scan_serial(made[1].serial)["status"], "done")
        self._move(lot, "return", 2)
        self._agree()
        kept = self._block(self.last - 4, whole_booklets=False)
        lifted = self._block(self.last - 15, self.last - 10)
        lifted.with_user(self.staff_manager)._lift("Retrouvé")
        counts = self._agree()
        self.assertEqual(
            {key: counts[key] for key in COUNTS},
            {
                "ordered": 100, "printed": 119, "delivered": 100, "activated": 100, "injected": 40, "started": 3,
                "redeemed": 4, "expired": 0, "blocked": 2, "replaced": 19,
            },
        )  # fmt: skip
        with clock.at(fields.Datetime.now() + timedelta(days=300)):
            self.order._expire()
            counts = self._agree()
            self.assertEqual((counts["expired"], counts["blocked"]), (94, 2))
            self.assertEqual(kept.state, "expired")
            self.order._extend(fields.Date.today() + timedelta(days=600), "Un an de plus")
            counts = self._agree()
            self.assertEqual((counts["expired"], counts["blocked"], self.order.state), (0, 2, "active"))
        names = list(self.order._count_labels().values())
        heads, row = self.order._counts_rows()
        self.assertEqual(dict(zip(heads, row, strict=True))[names[4]], 40)
