from datetime import timedelta

import psycopg2
from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import LockError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger


class SessionsCase(TransactionCase):
    """An order that other sessions see: it is really committed, so it is taken away at the end."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            sponsor = env["aptic.sponsor"].create({"name": "Course (test)", "is_company": True})
            order = env["aptic.order"]._guarded_create(
                [{"sponsor_id": sponsor.id, "last_day": fields.Date.today() + timedelta(days=9), "state": "delivered"}]
            )
            self.order_id, self.sponsor_id, self.partner_id = order.id, sponsor.id, sponsor.partner_id.id
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM aptic_order WHERE id = %s", (self.order_id,))
            cr.execute("DELETE FROM aptic_sponsor WHERE id = %s", (self.sponsor_id,))
            cr.execute("DELETE FROM res_partner WHERE id = %s", (self.partner_id,))

    def _session(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, SUPERUSER_ID, {})["aptic.order"].browse(self.order_id)


@tagged("post_install", "-at_install")
class TestActivationRace(SessionsCase):
    """Two sessions activate one order."""

    def test_the_second_does_not_wait_for_the_first(self):
        first, second = self._session(), self._session()
        first.lock_for_update()
        with self.assertRaises(LockError):
            second._activate()

    @mute_logger("odoo.sql_db")
    def test_the_second_does_not_act_on_what_it_had_read(self):
        first, second = self._session(), self._session()
        self.assertEqual(second.state, "delivered")
        first._set_state(("delivered",), "cancelled")
        first.env.cr.commit()
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            second._activate()

    def test_neither_does_it_when_some_booklets_are_active(self):
        first, second = self._session(), self._session()
        first._set_state(("delivered",), "active")
        first.env.cr.commit()
        first.lock_for_update()
        with self.assertRaises(LockError):
            second._activate()
