"""What is blocked and replaced leaves the proof of coverage as it is, to the cent."""

from datetime import timedelta

from odoo import fields
from odoo.addons.aptic_voucher import clock
from odoo.tests import tagged

from .test_coverage import CoverageCase


@tagged("post_install", "-at_install")
class TestBlockedMoney(CoverageCase):
    def _active(self):
        seen = self._prove()
        return seen.get("active", (0,))[0], seen.get("to_return", (0,))[0]

    def test_blocking_and_replacing_move_no_money(self):
        self._bank(self._pays(self.order))
        self.order._activate()
        self.assertEqual(self._active(), (50000, 0))
        first, second = self.order.booklet_ids[:2].mapped("serial")
        blockings = self.env["aptic.blocking"].with_user(self.staff)
        gone = blockings._block(first, first, "stolen", "Volé")
        self.assertEqual(self._active(), (50000, 0))
        gone._replace()
        self.assertEqual(self._active(), (50000, 0))
        found = blockings._block(second, second, "lost", "Perdu")
        found.with_user(self.staff_manager)._lift("Retrouvé")
        self.assertEqual(self._active(), (50000, 0))
        self.assertEqual(self.order._figures()[self.order.id]["remaining_cents"], 50000)

    def test_what_expires_while_blocked_is_to_be_returned(self):
        with clock.at(fields.Datetime.now() - timedelta(days=100)):
            order = self._order(quantity=10, last_day=self.today - timedelta(days=60), state="delivered")
        self._bank(self._pays(order), day=self.today - timedelta(days=98))
        with clock.at(fields.Datetime.now() - timedelta(days=97)):
            order._activate()
            serial = order.booklet_ids.serial
            self.env["aptic.blocking"].with_user(self.staff)._block(serial, serial, "lost", "Perdu")
        self._bank(day=self.today)
        self.assertEqual(self._active(), (10000, 0))
        order._expire()
        self.assertEqual(self._active(), (0, 10000))
