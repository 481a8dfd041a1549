"""Lost booklets of a lot are blocked at once, and blocked booklets show in the lots; replacements make lots too."""

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .test_distribution import DistributionCase


class LotsBlockingCase(DistributionCase):
    def _states(self, first, last):
        vouchers = self.env["aptic.voucher"].search([("serial", ">=", first), ("serial", "<=", last)])
        return {state: vouchers.mapped("state").count(state) for state in vouchers.mapped("state")}

    def _blockings(self, order=None):
        return self.env["aptic.blocking"].search([("order_id", "=", (order or self.order).id)], order="id")

    def _block(self, first, last=None, cause="stolen", user=None, **options):
        return (
            self.env["aptic.blocking"]
            .with_user(user or self.staff)
            ._block(first, last or first, cause, "Vol au dépôt", **options)
            .sudo()
        )


@tagged("post_install", "-at_install")
class TestLoss(LotsBlockingCase):
    def test_a_loss_is_blocked_at_once_and_what_was_spent_stays_spent(self):
        lot = self._lot(4)
        first, last = self._booklet(lot, 1)[0], self._booklet(lot, 2)[1]
        self.assertEqual(self._scan_serial(first)["status"], "done")
        lot.with_user(self.relay_manager).sudo()._move("lose", first, last, "Sac volé", "stolen")
        [blocking] = self._blockings()
        self.assertEqual(
            (blocking.serial_from, blocking.serial_to, blocking.quantity, blocking.cause, blocking.reason),
            (first, last, 19, "stolen", "Sac volé"),
        )
        self.assertEqual(blocking.user_id, self.relay_manager)
        self.assertEqual(self._states(first, last), {"redeemed": 1, "blocked": 19})
        self.assertEqual(self._scan_serial(first + 1)["status"], "blocked")
        self.assertEqual(self._scan_serial(first)["status"], "used")
        self.assertEqual(self._scan_serial(lot.serial_from)["status"], "done", "the booklet beside it is not concerned")
        events = self.env["aptic.event"].search([("order_id", "=", self.order.id)], order="id")
        self.assertEqual(events.filtered(lambda event: event.kind in ("lose", "block")).mapped("quantity"), [20, 19])
        message = self.order.message_ids[0]
        self.assertIn("Sac volé", message.body)
        self.assertRegex(message.body, "19 (vouchers|chèques)")
        self.assertEqual(message.partner_ids, self.sponsor_a.member_ids.user_id.partner_id)
        self.assertEqual(
            message.author_id, self.order.company_id.partner_id, "who wrote it is not the sponsor's business"
        )

    def test_a_refused_loss_blocks_nothing(self):
        lot = self._lot(2)
        self._move(lot, "inject", 0)
        with self.assertRaisesRegex(UserError, "handed out already"):
            self._move(lot, "lose", 0, 1, reason="Perdus")
        with self.assertRaisesRegex(UserError, "lost, stolen or damaged"):
            lot._move("lose", *self._booklet(lot, 1), "Perdu", "reprint")
        self.assertFalse(self._blockings())
        self.assertEqual(self._states(lot.serial_from, lot.serial_to), {"active": 20})

    def test_vouchers_that_are_not_active_yet_are_blocked_too(self):
        order = self._order(quantity=20, state="delivered")
        lot = self._lot(2, order=order)
        self._move(lot, "lose", 0, reason="Perdu")
        self.assertEqual(self._blockings(order).was, "printed")
        self._fund(order)
        self.assertEqual(order._activate(), 10, "what is lost gets no value")
        self.assertEqual(self._scan_serial(lot.serial_from)["status"], "blocked")

    def test_a_loss_of_what_is_blocked_already_or_over_is_noted_all_the_same(self):
        lot = self._lot(2)
        self._block(*self._booklet(lot, 0))
        self._move(lot, "lose", 0, reason="Perdu")
        self.assertEqual(len(self._blockings()), 1)
        self.env.cr.execute("UPDATE aptic_order SET state = 'expired' WHERE id = %s", (self.order.id,))
        self.env.invalidate_all()
        self._move(lot, "lose", 1, reason="Perdu aussi")
        self.assertEqual((self._stock()["lost"], self._stock()["stock"]), (2, 0))
        self.assertEqual(len(self._blockings()), 1)

    def test_lost_booklets_are_replaced_once_and_the_new_ones_are_handed_out(self):
        lot = self._lot(4)
        self._scan_serial(self._booklet(lot, 1)[0])
        self._move(lot, "lose", 0, 1, reason="Dégât des eaux")
        [blocking] = self._blockings()
        made = blocking.with_user(self.staff)._replace().sudo()
        self.assertEqual(made.mapped("size"), [10, 9])
        with self.assertRaisesRegex(UserError, "ended already"):
            blocking.with_user(self.staff)._replace()
        new = self._lot(2, serial_from=made[0].serial)
        self.assertEqual((new.serial_to, new.quantity, new.booklet_size), (made[1].serial + 8, 19, 0))
        self.assertEqual(new.part_ids.booklet_count, 2)
        self.assertEqual(new._held_counts(), {new.id: 2})
        row = self.relay_a._hand_out(str(made[1].serial + 8))
        self.assertEqual((row.serial_from, row.serial_to, row.quantity), (made[1].serial, made[1].serial + 8, 9))
        stock = self._stock()
        self.assertEqual(
            {key: stock[key] for key in ("sent", "stock", "handed", "lost", "blocked")},
            {"sent": 6, "stock": 3, "handed": 1, "lost": 2, "blocked": 0},
        )
        self.assertEqual(self._scan_serial(made[1].serial)["status"], "done")
        self.assertEqual(self._stock()["started"], 1)

    def test_what_was_lost_leaves_the_quota(self):
        order = self._order(quantity=100, allotment_ids=[
            fields.Command.create({"distributor_id": self.relay_a.id, "booklet_limit": 4})
        ])  # fmt: skip
        lot = self._lot(4, order=order)
        self._move(lot, "lose", 0, reason="Perdu")
        made = self._blockings(order).with_user(self.staff)._replace()
        self._lot(1, order=order, serial_from=made.serial)
        with self.assertRaisesRegex(UserError, "leave 0 booklets"):
            self._lot(1, order=order)

    def test_unblocking_puts_a_lost_booklet_back_into_the_stock(self):
        lot = self._lot(3)
        lot.with_user(self.staff)._move("lose", *self._booklet(lot, 1), "Introuvable")
        blocking = self._blockings()
        with self.assertRaisesRegex(UserError, "another person"):
            blocking.with_user(self.staff)._lift("Retrouvé")
        blocking.with_user(self.staff_manager)._lift("Retrouvé derrière l'armoire")
        self.assertEqual((self._stock()["lost"], self._stock()["stock"]), (0, 3))
        event = lot.event_ids.sorted("id")[-1]
        self.assertEqual((event.kind, event.serial_from), ("find", self._booklet(lot, 1)[0]))
        self.assertEqual(event.reason, "Retrouvé derrière l'armoire")
        self.relay_a._hand_out(str(self._booklet(lot, 1)[0]))


@tagged("post_install", "-at_install")
class TestBlockedInLots(LotsBlockingCase):
    def test_what_is_blocked_shows_in_the_stock_and_is_told(self):
        lot, other = self._lot(4), self._lot(2, self.relay_b)
        self._move(lot, "inject", 3)
        self._block(self._booklet(lot, 1)[0], self._booklet(lot, 3)[1], user=self.sponsor_user_a)
        stock = self._stock()
        self.assertEqual((stock["stock"], stock["blocked"], stock["handed"]), (3, 2, 1))
        self.assertEqual(lot.part_ids.mapped("blocked_count"), [2, 1])
        self.assertEqual(self._stock(self.relay_b)["blocked"], 0)
        message = self.relay_a.message_ids[0]
        self.assertIn(f"{self._booklet(lot, 1)[0]:010d}", message.body)
        self.assertRegex(message.body, "Do not hand|Ne remettez pas")
        self.assertEqual(message.partner_ids, self.relay_manager.partner_id)
        self.assertEqual(message.author_id, self.order.company_id.partner_id)
        self.assertNotIn("Do not hand", self.relay_b.message_ids[0].body)
        [figures, _others] = self.order._distribution_figures()
        self.assertEqual(figures["blocked"], 2)
        self.assertFalse(other.part_ids.blocked_count)

    def test_a_blocked_or_replaced_booklet_is_not_handed_out_and_can_be_returned(self):
        lot = self._lot(4)
        blocking = self._block(self._booklet(lot, 1)[0])
        self._block(self._booklet(lot, 2)[0] + 3, whole_booklets=False, cause="damaged")
        for number, words in ((1, "is blocked .Stolen.. Do not hand it out"), (2, "is blocked .Damaged")):
            with self.subTest(number), self.assertRaisesRegex(UserError, words):
                self.relay_a._hand_out(str(self._booklet(lot, number)[0]))
        with self.assertRaisesRegex(UserError, f"{self._booklet(lot, 1)[0]:010d} is blocked"):
            self._move(lot, "inject", 0, 3)
        blocking.with_user(self.staff)._replace()
        with self.assertRaisesRegex(UserError, "was replaced by a new one"):
            self.relay_a._hand_out(str(self._booklet(lot, 1)[0]))
        self.assertEqual(self._stock()["blocked"], 2)
        self._move(lot, "return", 1, 2, reason="Bloqués")
        self.assertEqual((self._stock()["blocked"], self._stock()["stock"]), (0, 2))
        self.relay_a._hand_out(str(lot.serial_from))

    def test_unblocked_booklets_are_handed_out_again(self):
        lot = self._lot(1)
        blocking = self._block(lot.serial_from)
        blocking.with_user(self.staff_manager)._lift("Erreur de saisie")
        self.assertEqual(self._stock()["blocked"], 0)
        self.assertNotIn("find", lot.event_ids.mapped("kind"))
        self.relay_a._hand_out(str(lot.serial_from))

    def test_a_parcel_with_a_blocked_booklet_is_neither_sent_nor_acknowledged(self):
        lot, prepared = self._lot(3, state="sent"), self._lot(2, state="prepared")
        blocking = self._block(self._booklet(lot, 1)[0])
        with self.assertRaisesRegex(UserError, "is blocked .Stolen.. Do not acknowledge"):
            lot._receive(str(lot.serial_from), str(lot.serial_to))
        self.assertEqual(self._stock()["blocked"], 1)
        blocking.with_user(self.staff)._replace()
        with self.assertRaisesRegex(UserError, "was replaced"):
            lot._receive(str(lot.serial_from), str(lot.serial_to))
        self.assertEqual((lot.state, lot.event_ids.mapped("kind")), ("sent", ["send"]))
        self._block(prepared.serial_from)
        with self.assertRaisesRegex(UserError, "Take LOT.* back"):
            prepared.with_user(self.staff).action_send()
        self.assertEqual(prepared.state, "prepared")

    def test_blocked_and_replaced_booklets_are_in_no_new_lot(self):
        blocking = self._block(self.first + 20)
        lot = self._lot(3)
        self.assertEqual(lot.serial_from, self.first + 30)
        self.assertEqual(self._lot(2).serial_from, self.first)
        with self.assertRaisesRegex(UserError, "were blocked or replaced"):
            self._lot(1, serial_from=self.first + 20)
        made = blocking.with_user(self.staff)._replace()
        with self.assertRaisesRegex(UserError, "were blocked or replaced"):
            self._lot(1, serial_from=self.first + 20)
        self._lot(4)  # what is left of the first ones
        self.assertEqual(self._lot(1).serial_from, made.serial)

    def test_lots_of_replacements_are_whole_booklets(self):
        self._block(self.first + 3, self.first + 14, whole_booklets=False)
        made = self._blockings().with_user(self.staff)._replace().sudo()
        self.assertEqual(made.mapped("size"), [7, 5])
        for wrong in (made[0].serial + 1, made[0].serial + 5):
            with self.subTest(wrong), self.assertRaisesRegex(UserError, "not whole booklets"):
                self._lot(1, serial_from=wrong)
        with self.assertRaisesRegex(UserError, "not whole booklets"):
            self._lot(2, serial_from=made[1].serial)
        lot = self._lot(2, serial_from=made[0].serial, state="sent")
        with self.assertRaisesRegex(UserError, f"last booklet of {lot.name} should be {made[1].serial:010d}"):
            lot._receive(str(lot.serial_from), str(lot.serial_from))
        lot._receive(str(lot.serial_from), str(lot.serial_to))
        self._move_whole(lot, made[0])
        self.assertEqual((self._stock()["stock"], self._stock()["handed"]), (1, 1))
        self.assertIn(b"%PDF", lot._note_pdf()[:8])
        alone = made[1]
        self._block(alone.serial)
        again = self._blockings()[-1].with_user(self.staff)._replace()
        single = self._lot(1, self.relay_b, serial_from=again.serial)
        self.assertEqual((single.booklet_size, single.quantity), (5, 5), "booklets of one size")

    def _move_whole(self, lot, booklet):
        lot._move("inject", booklet.serial, booklet.serial + booklet.size - 1)


@tagged("post_install", "-at_install")
class TestLossPortal(LotsBlockingCase, HttpCase):
    def test_a_manager_declares_a_theft_and_the_sponsor_sees_it(self):
        lot = self._lot(3)
        for user in (self.relay_manager, self.sponsor_user_a, self.sponsor_user_b):
            user.password = user.login
        page = f"/my/aptic/distributor/{self.relay_a.id}/lots/{lot.id}"
        first = self._booklet(lot, 1)[0]
        self.authenticate(self.relay_manager.login, self.relay_manager.login)
        form = {
            "csrf_token": http.Request.csrf_token(self), "first": str(first), "reason": "Vol \x00 au guichet",
            "form_token": "once",
        }  # fmt: skip
        wrong = self.url_open(f"{page}/loss", data={**form, "cause": "reprint", "form_token": "a"})
        self.assertEqual(wrong.status_code, 422)
        self.assertFalse(self._blockings())
        for _time in range(2):
            answer = self.url_open(f"{page}/loss", data={**form, "cause": "stolen"}, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
        [blocking] = self._blockings()
        self.assertEqual((blocking.cause, blocking.reason, blocking.quantity), ("stolen", "Vol au guichet", 10))
        self._block(lot.serial_from, user=self.sponsor_user_a)
        text = self.url_open(page).text
        self.assertIn("o_aptic_blocked", text)
        self.assertIn('data-figure="blocked"', self.url_open(page.rpartition("/")[0]).text)
        refused = self.url_open(
            f"{page.rpartition('/')[0]}/hand-out",
            data={"csrf_token": http.Request.csrf_token(self), "first": str(lot.serial_from)},
        )
        self.assertEqual(refused.status_code, 422)
        self.assertIn(f"{lot.serial_from:010d}", refused.text.split("alert-danger")[1][:200])
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        page = self.url_open(f"/my/aptic/orders/{self.order.id}").text
        self.assertIn("Vol au guichet", page)
        parts = [page.index(part) for part in (
            "o_aptic_counts", "o_aptic_qualifying", "o_aptic_distribution", 'id="blocked"', "o_aptic_funding",
            "o_aptic_documents",
        )]  # fmt: skip
        self.assertEqual(parts, sorted(parts), "one page, not what each author put last")
        self.assertIn(f"{first:010d}", page)
