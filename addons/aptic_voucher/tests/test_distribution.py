"""Lots to distributors: made, sent, acknowledged, handed out, returned, lost; each act is a row of the ledger."""

from unittest.mock import patch

import psycopg2
import pypdfium2
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import codes
from .common import VoucherCase


@tagged("post_install", "-at_install")
class DistributionCase(VoucherCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.relay_a, cls.relay_b = (
            cls.env["aptic.distributor"].create({"name": f"Relais {letter} (test)", "is_company": True})
            for letter in "AB"
        )
        cls.relay_manager, _member = cls._member(cls.relay_a, "manager", "relay_manager")
        cls.relay_mediator, _member = cls._member(cls.relay_a, "mediator", "relay_mediator")
        cls.relay_accountant, _member = cls._member(cls.relay_a, "accountant", "relay_accountant")
        cls.other_manager, _member = cls._member(cls.relay_b, "manager", "other_relay_manager")
        cls.order = cls._order(quantity=100)  # ten booklets of ten
        [(cls.first, cls.last)] = cls.order._serial_ranges()

    def _scan_serial(self, serial):
        """The answer to a scan of the voucher with this serial, whoever holds it."""
        order = self.env["aptic.voucher"].search([("serial", "=", serial)]).order_id
        return self._scan([dict(self.env["aptic.booklet"]._codes(order))[serial]])

    def _spend(self, serial):
        self.assertEqual(self._scan_serial(serial)["status"], "done")

    @classmethod
    def _lot(cls, count=4, relay=None, order=None, state="received", **vals):
        lot = cls.env["aptic.distribution"].create(
            {
                "order_id": (order or cls.order).id,
                "distributor_id": (relay or cls.relay_a).id,
                "booklet_count": count,
                **vals,
            }
        )
        if state in ("sent", "received"):
            lot._send()
        if state == "received":
            lot._receive(str(lot.serial_from), str(lot.serial_to))
        return lot

    def _booklet(self, lot, number):
        """First and last serial of the booklet ``number`` (from 0) of a lot."""
        size = lot.order_id.booklet_size
        return lot.serial_from + number * size, lot.serial_from + (number + 1) * size - 1

    def _move(self, lot, act, number, until=None, reason=None):
        first, _last = self._booklet(lot, number)
        _first, last = self._booklet(lot, number if until is None else until)
        return self.env["aptic.event"].browse(lot._move(act, first, last, reason))

    def _stock(self, relay=None):
        return (relay or self.relay_a)._stock()[(relay or self.relay_a).id]


@tagged("post_install", "-at_install")
class TestDistribution(DistributionCase):
    # ------------------------------------------------------------------- make
    def test_lots_take_the_first_booklets_that_are_free(self):
        one, two = self._lot(4), self._lot(3, self.relay_b)
        self.assertEqual((one.serial_from, one.serial_to), (self.first, self.first + 39))
        self.assertEqual((two.serial_from, two.serial_to), (self.first + 40, self.first + 69))
        self.assertEqual((one.quantity, two.quantity), (40, 30))
        self.assertNotEqual(one.name, two.name)
        with self.assertRaisesRegex(UserError, "smaller lots"):
            self._lot(4)
        given = self._lot(1, serial_from=self.last - 9)
        self.assertEqual(given.serial_to, self.last)
        self.assertEqual(self._lot(2).serial_from, self.first + 70)

    def test_a_lot_is_whole_booklets_of_its_order(self):
        other = self._order(quantity=20)
        [(elsewhere, _last)] = other._serial_ranges()
        for wrong in (self.first + 1, self.first - 10, self.last - 9 + 10, elsewhere):
            with self.subTest(wrong), self.assertRaisesRegex(UserError, "not whole booklets"):
                self._lot(1, serial_from=wrong)
        with self.assertRaisesRegex(UserError, "not whole booklets"):
            self._lot(2, serial_from=self.last - 9)
        draft = self._order(state="proofed")
        with self.assertRaisesRegex(UserError, "not printed"):
            self._lot(1, order=draft)

    def test_a_booklet_is_in_one_lot_at_a_time(self):
        lot = self._lot(4)
        with self.assertRaisesRegex(UserError, "in another lot"):
            self._lot(2, self.relay_b, serial_from=self._booklet(lot, 3)[0])
        with (
            patch.object(self.env.registry["aptic.order"], "_taken_ranges", lambda order: []),
            self.assertRaises(psycopg2.errors.ExclusionViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._lot(2, self.relay_b, serial_from=self._booklet(lot, 3)[0])
        self._move(lot, "return", 3)
        again = self._lot(1, self.relay_b, serial_from=self._booklet(lot, 3)[0])
        self.assertEqual(again.state, "received")

    def test_what_a_lot_is_made_of_does_not_change(self):
        lot = self._lot(2, state="prepared")
        for vals in (
            {"booklet_count": 3}, {"serial_from": self.first + 10}, {"distributor_id": self.relay_b.id},
            {"order_id": self._order().id},
        ):  # fmt: skip
            with self.assertRaisesRegex(UserError, "do not change"):
                lot.with_user(self.staff).write(vals)
        for vals in ({"state": "received"}, {"serial_to": 5}):
            with self.assertRaises(UserError):
                lot.with_user(self.staff).write(vals)
        lot.with_user(self.staff).write({"note": "Porte B"})
        with self.assertRaises(AccessError):
            lot.with_user(self.staff_manager).unlink()
        with self.assertRaisesRegex(UserError, "cancel it"):
            lot.unlink()

    # ---------------------------------------------------- rules of distribution
    def _ruled(self, *rules):
        """An active order of ten booklets with rules of distribution."""
        return self._order(quantity=100, allotment_ids=[Command.create(rule) for rule in rules])

    def test_only_the_orders_distributors_get_booklets(self):
        order = self._ruled({"distributor_id": self.relay_a.id})
        self._lot(10, order=order)
        order = self._ruled({"distributor_id": self.relay_a.id})
        with self.assertRaisesRegex(UserError, "do not let Relais B"):
            self._lot(1, self.relay_b, order=order)

    def test_a_distributor_of_the_territory_gets_booklets(self):
        order = self._ruled({"territory_id": self.bordeaux.parent_id.id})
        self.relay_a.territory_id, self.relay_b.territory_id = self.bordeaux, self.lyon
        self._lot(1, order=order)
        for territory in (self.lyon, self.pau, self.lyon.browse()):
            self.relay_b.territory_id = territory
            with self.subTest(territory.name), self.assertRaisesRegex(UserError, "do not let"):
                self._lot(1, self.relay_b, order=order)

    def test_a_quota_counts_what_was_not_returned(self):
        order = self._ruled({"distributor_id": self.relay_a.id, "booklet_limit": 4})
        lot = self._lot(3, order=order)
        self._move(lot, "inject", 0)
        with self.assertRaisesRegex(UserError, "leave 1 booklets"):
            self._lot(2, order=order)
        self._move(lot, "return", 1)
        self._lot(2, order=order)
        with self.assertRaisesRegex(UserError, "leave 0 booklets"):
            self._lot(1, order=order)
        found = self.env["aptic.distribution"].search([("order_id", "=", order.id), ("part_ids", "!=", False)])
        self.assertEqual(sorted(found.mapped("booklet_count")), [2, 3])

    def test_a_quota_of_a_territory_is_shared(self):
        self.relay_a.territory_id = self.relay_b.territory_id = self.bordeaux
        order = self._ruled(
            {"territory_id": self.bordeaux.id, "booklet_limit": 4},
            {"distributor_id": self.relay_b.id, "booklet_limit": 2},
        )
        self._lot(3, order=order)
        self._lot(2, self.relay_b, order=order)
        with self.assertRaisesRegex(UserError, "leave 0"):
            self._lot(1, self.relay_a, order=order)

    def test_rules_of_distribution_freeze_with_the_order(self):
        order = self._order(state="draft")
        rule = (
            self.env["aptic.allotment"]
            .with_user(self.staff)
            .create({"order_id": order.id, "distributor_id": self.relay_a.id})
        )
        rule.booklet_limit = 3
        self.assertEqual(order.copy().allotment_ids.distributor_id, self.relay_a)
        order._confirm()
        for act in (
            lambda: rule.write({"booklet_limit": 9}), rule.unlink, lambda: rule.copy({}),
            lambda: order.with_user(self.staff).write({"allotment_ids": [Command.clear()]}),
        ):  # fmt: skip
            with self.assertRaisesRegex(UserError, "frozen"):
                act()
        for values in ({}, {"distributor_id": self.relay_a.id, "territory_id": self.bordeaux.id}):
            with (
                self.assertRaises(psycopg2.errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env["aptic.allotment"].create({"order_id": self._order(state="draft").id, **values})
        for user in (self.sponsor_user_a, self.relay_manager, self.stranger):
            with self.assertRaises(AccessError):
                rule.with_user(user).read(["booklet_limit"])

    # ---------------------------------------------------------- send, receive
    def test_sending_tells_the_managers_and_is_in_the_ledger(self):
        lot = self._lot(4, state="prepared")
        self.assertFalse(lot.event_ids)
        lot.with_user(self.staff).action_send()
        [event] = lot.event_ids
        self.assertEqual((event.kind, event.quantity, event.amount_cents), ("send", 40, 40000))
        self.assertEqual((event.serial_from, event.serial_to, event.user_id), (self.first, self.first + 39, self.staff))
        message = self.relay_a.message_ids[0]
        self.assertEqual(message.partner_ids, self.relay_manager.partner_id)
        self.assertIn(lot.name, message.body)
        lot.action_send()
        self.assertEqual(len(lot.event_ids), 1, "once")
        self.assertEqual((self._stock()["transit"], self._stock()["stock"]), (4, 0))

    def test_a_lot_is_acknowledged_by_its_first_and_last_booklet(self):
        lot = self._lot(4, state="sent")
        pairs = dict(self.env["aptic.booklet"]._codes(self.order))
        lot.with_user(self.relay_mediator).sudo()._receive(pairs[lot.serial_from + 3], f" {lot.serial_to:010d} ")
        self.assertEqual((lot.state, lot.received_by_id), ("received", self.relay_mediator))
        self.assertEqual(lot.event_ids.mapped("kind"), ["send", "receive"])
        self.assertEqual((self._stock()["transit"], self._stock()["stock"]), (0, 4))
        lot._receive("anything", "")
        self.assertEqual(len(lot.event_ids), 2, "once")

    def test_another_parcel_is_not_acknowledged(self):
        lot = self._lot(4, state="sent")
        first, last, beside = str(lot.serial_from), str(lot.serial_to), str(lot.serial_to + 1)
        for given, words in (
            ((first, beside), f"last booklet of {lot.name} should be {lot.serial_to - 9:010d}"),
            ((str(lot.serial_from + 10), last), "first booklet"),
            ((last, first), "first booklet"),
            ((first, ""), "is no serial"),
            (("abc", last), "is no serial"),
            ((first, "9999999999"), "serial"),
            ((first, "2147483000"), "No booklet has the serial"),
            ((first, "0000000000"), "is no serial"),
            ((first, "٣٤"), "is no serial"),
            ((first, "٣" * 10), "is no serial"),
            ((first, "1" * 11), "is no serial"),
        ):
            with self.subTest(given), self.assertRaisesRegex(UserError, words):
                lot._receive(*given)
        self.assertEqual(lot.state, "sent")
        self.assertEqual(lot.event_ids.mapped("kind"), ["send"])
        with self.assertRaisesRegex(UserError, "not on its way"):
            self._lot(1, state="prepared")._receive(first, last)

    def test_a_lot_that_did_not_arrive_is_taken_back(self):
        lot = self._lot(4, state="sent")
        lot.with_user(self.staff).action_take_back()
        self.assertEqual(lot.event_ids.mapped("kind"), ["send", "recall"])
        self.assertFalse(any(self._stock().values()))
        self.assertEqual(self._lot(4, self.relay_b).serial_from, lot.serial_from)
        prepared = self._lot(1, state="prepared")
        prepared._take_back()
        self.assertFalse(prepared.event_ids)
        with self.assertRaisesRegex(UserError, "cannot become"):
            self._lot(1)._take_back()

    # ---------------------------------------------------------------- hand out
    def test_booklets_are_handed_out_one_by_one_or_by_range(self):
        lot = self._lot(4)
        relay = self.relay_a.with_user(self.relay_mediator).sudo()
        event = relay._hand_out(str(lot.serial_from + 14))
        self.assertEqual((event.kind, event.serial_from, event.serial_to), ("inject", *self._booklet(lot, 1)))
        self.assertEqual((event.quantity, event.user_id, event.reason), (10, self.relay_mediator, False))
        event = relay._hand_out(str(lot.serial_from + 20), str(lot.serial_to))
        self.assertEqual(
            (event.serial_from, event.serial_to, event.quantity), (lot.serial_from + 20, lot.serial_to, 20)
        )
        self.assertEqual(
            lot.part_ids.mapped(lambda part: (part.serial_from, part.serial_to, part.place)),
            [(lot.serial_from, lot.serial_from + 9, "held"), (lot.serial_from + 10, lot.serial_to, "handed")],
        )
        self.assertEqual((self._stock()["stock"], self._stock()["handed"]), (1, 3))

    def test_an_act_writes_the_parts_that_change_alone(self):
        lot = self._lot(count=6)
        self._move(lot, "inject", 0)
        self._move(lot, "return", 4, 5)
        before = {part.serial_from: part.id for part in lot.part_ids}
        self._move(lot, "inject", 2)
        after = {part.serial_from: part.id for part in lot.part_ids}
        kept = [self._booklet(lot, number)[0] for number in (0, 4)]
        self.assertEqual([before[serial] for serial in kept], [after[serial] for serial in kept])
        self.assertEqual(len(after), 5)

    def test_handing_out_names_no_person(self):
        lot = self._lot(1)
        event = self.relay_a._hand_out(str(lot.serial_from))
        people = {
            name
            for model in (event, lot, lot.part_ids)
            for name, field in model._fields.items()
            if field.comodel_name in ("res.partner", "res.users") and field.store
        }
        # Of the ledger and the lot: who of the distributor or of staff did it.
        self.assertLessEqual(people, {"user_id", "received_by_id", "create_uid", "write_uid"})

    def test_what_is_not_in_stock_is_not_handed_out(self):
        lot, other = self._lot(4), self._lot(2, self.relay_b)
        self._move(lot, "inject", 0)
        self._move(lot, "return", 1)
        self._move(lot, "lose", 2, reason="Vol")
        for serial, words in (
            (self._booklet(lot, 0)[0], "handed out already"),
            (self._booklet(lot, 1)[0], "was returned"),
            (self._booklet(lot, 2)[0], "declared lost"),
            (other.serial_from, "not in your stock"),
            (self.last, "not in your stock"),
            (2147483000, "No booklet"),
        ):
            with self.subTest(serial), self.assertRaisesRegex(UserError, words):
                self.relay_a._hand_out(str(serial))
        with self.assertRaisesRegex(UserError, "not in LOT|is not in"):
            self.relay_a._hand_out(str(self._booklet(lot, 3)[0]), str(other.serial_from))
        with self.assertRaisesRegex(UserError, "before the first"):
            self.relay_a._hand_out(str(lot.serial_to), str(lot.serial_from))
        sent = self._lot(1, state="sent")
        with self.assertRaisesRegex(UserError, "Acknowledge"):
            self.relay_a._hand_out(str(sent.serial_from))
        more = self._lot(1)
        with self.assertRaisesRegex(UserError, "several lots|Acknowledge"):
            self.relay_a._hand_out(str(sent.serial_from), str(more.serial_from))

    def test_only_active_vouchers_are_handed_out(self):
        delivered = self._order(quantity=20, state="delivered")
        lot = self._lot(2, order=delivered)
        with self.assertRaisesRegex(UserError, "not active yet"):
            self.relay_a._hand_out(str(lot.serial_from))
        self._fund(delivered)
        delivered._activate()
        self.relay_a._hand_out(str(lot.serial_from))
        for state, words in (("printed", "not active yet"), ("expired", "not accepted")):
            self.env.cr.execute(
                "UPDATE aptic_voucher SET state = %s WHERE serial = %s", (state, self._booklet(lot, 1)[1])
            )
            with self.subTest(state), self.assertRaisesRegex(UserError, words):
                self.relay_a._hand_out(str(self._booklet(lot, 1)[0]))

    def test_after_the_last_valid_day_booklets_are_returned(self):
        lot = self._lot(2)
        self.env.cr.execute("UPDATE aptic_order SET last_day = current_date - 3 WHERE id = %s", (self.order.id,))
        self.order.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "were valid until"):
            self.relay_a._hand_out(str(lot.serial_from))
        self._move(lot, "return", 0, 1)
        self.assertEqual(self._stock()["returned"], 2)

    # ------------------------------------------------- put back, return, lose
    def test_what_was_scanned_by_mistake_is_put_back(self):
        lot = self._lot(2)
        self._move(lot, "inject", 0, 1)
        self._move(lot, "restore", 0)
        self.assertEqual((self._stock()["stock"], self._stock()["handed"]), (1, 1))
        with self.assertRaisesRegex(UserError, "was not handed out"):
            self._move(lot, "restore", 0)
        self._spend(lot.serial_to)
        with self.assertRaisesRegex(UserError, "has used voucher"):
            self._move(lot, "restore", 1)

    def test_started_booklets_are_those_handed_out_and_used(self):
        lot = self._lot(4)
        self._move(lot, "inject", 0, 1)
        self.assertEqual(self._stock()["started"], 0)
        self._spend(lot.serial_from)
        self._spend(lot.serial_from + 1)
        self._spend(self._booklet(lot, 3)[0])  # never handed out
        self.assertEqual(self._stock()["started"], 1)
        with self.assertRaisesRegex(UserError, "used already"):
            self._move(lot, "inject", 3)
        [figures] = self.order._distribution_figures()
        self.assertEqual(
            {key: figures[key] for key in ("distributor", "sent", "stock", "handed", "started")},
            {"distributor": "Relais A (test)", "sent": 4, "stock": 2, "handed": 2, "started": 1},
        )

    def test_a_loss_needs_words_and_can_be_found_again(self):
        lot = self._lot(2)
        with self.assertRaisesRegex(UserError, "what happened"):
            self._move(lot, "lose", 0, reason="  ")
        event = self._move(lot, "lose", 0, reason="  Volé \n au guichet ")
        self.assertEqual((event.kind, event.reason), ("lose", "Volé au guichet"))
        self.assertEqual((self._stock()["lost"], self._stock()["stock"]), (1, 1))
        with self.assertRaisesRegex(UserError, "is not lost"):
            self._move(lot, "find", 1)
        self._move(lot, "find", 0)
        self.assertEqual((self._stock()["lost"], self._stock()["stock"]), (0, 2))

    # ----------------------------------------------------------------- figures
    def test_stock_is_the_ledgers_sum_and_agrees_with_the_parts(self):
        one, two = self._lot(4), self._lot(5, self.relay_b)
        self._move(one, "inject", 0, 2)
        self._move(one, "restore", 1)
        self._move(one, "return", 1)
        self._move(two, "lose", 4, reason="Inondation")
        stock = (self.relay_a | self.relay_b)._stock()
        for relay, lot in ((self.relay_a, one), (self.relay_b, two)):
            places = dict.fromkeys(("held", "handed", "returned", "lost"), 0)
            for part in lot.part_ids:
                places[part.place] += part.booklet_count
            figures = stock[relay.id]
            self.assertEqual(
                (figures["stock"], figures["handed"], figures["returned"], figures["lost"]),
                (places["held"], places["handed"], places["returned"], places["lost"]),
            )
        self.assertEqual(one._held_counts(), {one.id: 1})
        self.assertEqual((self.relay_a.stock_count, self.relay_a.handed_count), (1, 2))

    def test_figures_of_many_lots_are_few_queries(self):
        for number in range(5):
            self._lot(2, self.relay_a if number % 2 else self.relay_b)
        relays = self.relay_a | self.relay_b
        relays._stock()
        with self.assertQueryCount(2):
            relays._stock()

    def test_a_bulk_act_is_one_row(self):
        big = self._order(quantity=1000)
        lot = self._lot(100, order=big)
        before = self.env["aptic.event"].search_count([])
        self.relay_a._hand_out(str(lot.serial_from), str(lot.serial_to))
        self.assertEqual(self.env["aptic.event"].search_count([]), before + 1)

    # ------------------------------------------------------------------ papers
    def test_the_delivery_note_says_what_is_delivered_and_no_code(self):
        lot = self._lot(2, state="sent", note="Entrée par la cour")
        data = lot._note_pdf()
        self.assertTrue(data.startswith(b"%PDF"))
        self.assertEqual(data, lot._note_pdf())
        with pypdfium2.PdfDocument(data) as document:
            text = "\n".join(page.get_textpage().get_text_range() for page in document)
        for words in (
            lot.name, codes.serial_digits(lot.serial_from), codes.serial_digits(lot.serial_to),
            "2 carnets de 10 chèques", "Relais A (test)", self.order.name, "Entrée par la cour",
        ):  # fmt: skip
            self.assertIn(words, text)
        for code in self._codes(self.order):
            self.assertNotIn(code[10:22], text)

    # ------------------------------------------------------------------ access
    def test_each_sees_its_lots_only(self):
        mine, others = self._lot(1), self._lot(1, self.relay_b)
        hidden = self._lot(1, state="prepared")
        lots = self.env["aptic.distribution"]
        for user, seen in (
            (self.relay_manager, mine), (self.relay_mediator, mine), (self.relay_accountant, mine),
            (self.other_manager, others), (self.sponsor_user_a, lots), (self.sponsor_user_b, lots),
            (self.manager_a, lots), (self.mediator_a, lots), (self.stranger, lots),
        ):  # fmt: skip
            with self.subTest(user.login):
                self.assertEqual(lots.with_user(user).search([("id", "in", (mine | others | hidden).ids)]), seen)
                self.assertEqual(
                    self.env["aptic.distribution.part"].with_user(user).search([]).distribution_id & (mine | others),
                    seen,
                )
        for user in (self.staff, self.reviewer, self.accountant, self.staff_manager):
            self.assertEqual(len(lots.with_user(user).search([("id", "in", (mine | others | hidden).ids)])), 3)
        with self.assertRaises(AccessError):
            lots.with_user(self.env.ref("base.public_user")).search([])

    def test_nobody_writes_a_lot_but_staff(self):
        lot = self._lot(1)
        for user in (self.relay_manager, self.other_manager, self.sponsor_user_a, self.stranger):
            with self.assertRaises(AccessError):
                lot.with_user(user).write({"note": "x"})
            with self.assertRaises(AccessError):
                lot.with_user(user).action_take_back()
            with self.assertRaises(AccessError):
                self.env["aptic.distribution"].with_user(user).create(
                    {"order_id": self.order.id, "distributor_id": self.relay_a.id, "booklet_count": 1}
                )
            with self.assertRaises(AccessError):
                lot.part_ids.with_user(user).write({"place": "lost"})
        made = (
            self.env["aptic.distribution"]
            .with_user(self.staff)
            .create({"order_id": self.order.id, "distributor_id": self.relay_a.id, "booklet_count": 1})
        )
        self.assertTrue(made.serial_to)
