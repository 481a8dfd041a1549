"""Lost and stolen booklets: blocked at once, unblocked by another person, replaced once; no money moves."""

from datetime import timedelta

import psycopg2
from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .. import clock
from .test_redemption import RedemptionCase

REASON = "Sac volé dans le tramway"


class BlockingCase(RedemptionCase):
    """Acts on the vouchers of ``self.order`` (two booklets of five, active)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=10, booklet_size=5)
        cls.codes = cls._codes(cls.order)
        cls.first = int(cls.codes[0][:10])
        cls.blockings = cls.env["aptic.blocking"]

    def _block(self, first=0, last=None, user=None, order=None, **values):
        first, last = self.first + first, self.first + (first if last is None else last)
        model = self.blockings.with_user(user or self.staff)
        return model._block(first, last, "stolen", values.pop("reason", REASON), order=order, **values).sudo()

    def _states(self, order=None):
        return self.env["aptic.voucher"].search([("order_id", "=", (order or self.order).id)]).mapped("state")

    def _rows(self, *kinds, order=None):
        """The ledger's rows of some kinds: first and last serial (from the order's first), vouchers, cents."""
        events = self.env["aptic.event"].search(
            [("order_id", "=", (order or self.order).id), ("kind", "in", kinds)], order="id"
        )
        return [
            (
                event.kind,
                event.serial_from - self.first,
                event.serial_to - self.first,
                event.quantity,
                event.amount_cents,
            )
            for event in events
        ]

    def _figures(self, order=None):
        return (order or self.order)._figures()[(order or self.order).id]


@tagged("post_install", "-at_install")
class TestBlock(BlockingCase):
    def test_a_stolen_booklet_is_blocked_and_its_scan_refused(self):
        self.assertEqual(self._scan([self.codes[1]])["status"], "done")
        blocking = self._block(3)
        self.assertEqual((blocking.serial_from, blocking.serial_to), (self.first, self.first + 4))
        self.assertEqual(
            (blocking.quantity, blocking.was, blocking.state, blocking.user_id), (4, "active", "blocked", self.staff)
        )
        self.assertEqual(self._states(), ["blocked", "redeemed", "blocked", "blocked", "blocked"] + ["active"] * 5)
        self._refused("blocked", [self.codes[3]])
        self.assertEqual(self._refused("used", [self.codes[1]])["own"], True)
        self.assertEqual(self._scan([self.codes[5]])["status"], "done", "the other booklet is not concerned")
        self.assertEqual(self._rows("block"), [("block", 0, 4, 4, 4000)])
        event = self.env["aptic.event"].search([("kind", "=", "block"), ("order_id", "=", self.order.id)])
        self.assertEqual((event.reason, event.user_id), (REASON, self.staff))
        self.assertIn(REASON, self.order.message_ids[0].body)

    def test_single_vouchers(self):
        blocking = self._block(3, 6, whole_booklets=False)
        self.assertEqual((blocking.serial_from, blocking.quantity), (self.first + 3, 4))
        self.assertEqual(self._states(), ["active"] * 3 + ["blocked"] * 4 + ["active"] * 3)

    def test_several_booklets_are_one_row(self):
        self._block(0, 9)
        self.assertEqual(set(self._states()), {"blocked"})
        self.assertEqual(self._rows("block"), [("block", 0, 9, 10, 10000)])

    def test_nothing_is_blocked_twice(self):
        self._block(0)
        with self.assertRaisesRegex(UserError, r"nothing to block.*Blocked \(5\)"):
            self._block(2)
        self.assertEqual(len(self._rows("block")), 1)

    def test_numbers_that_will_not_do(self):
        before, other = self._order(quantity=10), self._order(quantity=10)
        foreign = int(self._codes(other)[0][:10])
        for first, last, words in (
            (self.first + 5, self.first, "comes before"),
            (10**9, 10**9, "not all those of vouchers"),
            (9_999_999_999, 9_999_999_999, "not all those of vouchers"),
            (self.first, self.first + 999_999, "not all those of vouchers"),
            (self.first, self.first + 1_000_000, "more than 1000000"),
            (foreign - 1, foreign, "several orders"),
        ):
            with self.subTest(first=first, last=last), self.assertRaisesRegex(UserError, words):
                self.blockings.with_user(self.staff)._block(first, last, "lost", REASON)
        with self.assertRaisesRegex(UserError, "one order's"):
            self.blockings.with_user(self.staff)._block(foreign, foreign, "lost", REASON, order=self.order)
        self.assertFalse(self.blockings.search([("order_id", "in", (self.order | before | other).ids)]))

    def test_a_reason_is_needed(self):
        for reason in (None, "", "  \x00 "):
            with self.assertRaisesRegex(UserError, "Say why"):
                self._block(reason=reason)

    def test_vouchers_that_are_worth_nothing_are_not_blocked(self):
        order = self._order(state="printed")
        serial = order.booklet_ids[0].serial
        order._cancel()
        with self.assertRaisesRegex(UserError, "worth nothing"):
            self.blockings.with_user(self.staff)._block(serial, serial, "lost", REASON)

    def test_few_statements_whatever_the_quantity(self):
        counts = []
        for quantity in (10, 2000):
            order = self._order(quantity=quantity)
            first = order.booklet_ids[0].serial
            blockings = self.blockings.with_user(self.staff)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            blocking = blockings._block(first, first + quantity - 1, "lost", REASON)
            blocking._replace()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(blocking.quantity, quantity)
        self.assertLessEqual(counts[1], counts[0] + 2)


@tagged("post_install", "-at_install")
class TestLift(BlockingCase):
    def test_another_person_unblocks(self):
        blocking = self._block()
        with self.assertRaisesRegex(UserError, "another person"):
            blocking.with_user(self.staff)._lift("Retrouvé")
        with self.assertRaisesRegex(UserError, "Say why"):
            blocking.with_user(self.staff_manager)._lift(" ")
        self.assertEqual(self._states().count("blocked"), 5)
        blocking.with_user(self.staff_manager)._lift("Retrouvé")
        self.assertEqual(set(self._states()), {"active"})
        self.assertEqual((blocking.state, blocking.ended_by_id), ("lifted", self.staff_manager))
        self.assertEqual(self._rows("unblock"), [("unblock", 0, 4, 5, 5000)])
        self.assertEqual(self._figures()["active"], 10)
        self.assertEqual(self._scan([self.codes[0]])["status"], "done")
        with self.assertRaisesRegex(UserError, "ended already"):
            blocking.with_user(self.staff_manager)._replace()

    def test_the_database_refuses_to_rewrite_an_end(self):
        blocking = self._block()
        for statement in (
            "UPDATE aptic_blocking SET outcome = 'lifted', ended_by_id = user_id, ended_at = at, end_reason = 'x'",
            "UPDATE aptic_blocking SET outcome = 'lifted'",
            "UPDATE aptic_blocking SET quantity = 1",
            "DELETE FROM aptic_blocking",
            "UPDATE aptic_voucher SET state = 'active' WHERE state = 'blocked'",
        ):
            with (
                self.subTest(statement),
                self.assertRaises(psycopg2.IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(statement)
        blocking.with_user(self.staff_manager)._replace()
        with (
            self.assertRaises(psycopg2.IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(flush=False),
        ):
            self.env.cr.execute("UPDATE aptic_blocking SET outcome = NULL")


@tagged("post_install", "-at_install")
class TestReplace(BlockingCase):
    def test_new_serials_and_codes_for_what_was_unspent(self):
        self._scan([self.codes[1]])
        before = self._figures()
        money = (self.order.funded_cents, self.order.activated_cents)
        blocking = self._block(0, 9)
        booklets = blocking.with_user(self.staff)._replace().sudo()
        self.assertEqual(booklets.mapped("size"), [4, 5], "a booklet for a booklet, without what was spent")
        self.assertEqual(booklets.replaces_id, self.order.booklet_ids - booklets)
        self.assertEqual(booklets.blocking_id, blocking)
        vouchers = booklets.voucher_ids
        self.assertEqual(set(vouchers.mapped("state")), {"active"})
        first = booklets[0].serial
        self.assertEqual(sorted(vouchers.mapped("serial")), list(range(first, first + 9)))
        self.assertGreater(first, self.first + 9)
        self.assertEqual(len(set(self.order.booklet_ids.mapped("salt"))), 4)
        self.assertEqual(self._states()[:10].count("replaced"), 9)
        self.assertEqual(self._rows("replace"), [("replace", 0, 9, 9, 9000)])
        self.assertEqual(self._rows("issue")[1:], [("issue", first - self.first, first - self.first + 8, 9, 9000)])
        self.assertEqual((self.order.funded_cents, self.order.activated_cents), money)
        after = self._figures()
        self.assertEqual((after["active"], after["remaining_cents"]), (before["active"], before["remaining_cents"]))
        self.assertEqual((after["blocked"], after["replaced"], after["redeemed"]), (0, 9, 1))
        self._refused("blocked", [self.codes[0]])
        code = dict(self.env["aptic.booklet"]._codes(self.order))[first]
        self.assertEqual(self._scan([code])["status"], "done")

    def test_replaced_once(self):
        blocking = self._block()
        blocking.with_user(self.staff)._replace()
        count = len(self._states())
        for verb in ("_replace", "_lift"):
            with self.assertRaisesRegex(UserError, "ended already"):
                getattr(blocking.with_user(self.staff_manager), verb)("encore")
        with self.assertRaisesRegex(UserError, "nothing to block"):
            self._block()
        self.assertEqual(len(self._states()), count)

    def test_before_the_activation_nothing_has_value(self):
        order = self._order(quantity=10, booklet_size=5, state="delivered")
        serial = order.booklet_ids[0].serial
        blocking = self.blockings.with_user(self.staff)._block(serial, serial, "lost", REASON)
        self.assertEqual(blocking.was, "printed")
        figures = self._figures(order)
        self.assertEqual((figures["active"], figures["remaining_cents"], figures["blocked"]), (0, 0, 5))
        self._fund(order)
        order._activate()
        self.assertEqual(sorted(self._states(order)), ["active"] * 5 + ["blocked"] * 5)
        self.assertFalse(order._activate(), "what is blocked is not activated")
        booklet = blocking._replace()
        order._activate()
        self.assertEqual(sorted(self._states(order)), ["active"] * 10 + ["replaced"] * 5)
        figures = self._figures(order)
        self.assertEqual((figures["active"], figures["remaining_cents"], figures["blocked"]), (10, 10000, 0))
        self.assertEqual(booklet.voucher_ids.mapped("state"), ["active"] * 5)

    def test_a_replacement_can_be_lost_too(self):
        booklet = self._block().with_user(self.staff)._replace()
        again = self.blockings.with_user(self.staff)._block(booklet.serial, booklet.serial, "lost", "Encore perdu")
        newer = again._replace()
        self.assertEqual(newer.replaces_id, booklet)
        self.assertEqual((newer.size, self._figures()["active"]), (5, 10))

    def test_what_a_cancelled_scan_gives_back_stays_out_of_the_finders_hands(self):
        for replaced in (False, True):
            place = 5 * replaced
            answer = self._scan([self.codes[place]])
            blocking = self._block(place)
            if replaced:
                blocking.with_user(self.staff)._replace()
            self.env["aptic.redemption"].browse(answer["redemption_id"]).with_user(self.staff)._cancel("Erreur")
            self._refused("blocked", [self.codes[place]])
            again = self.blockings.search([("order_id", "=", self.order.id)], limit=1)
            self.assertEqual((again.quantity, again.state, again.reason), (1, "blocked", REASON))
        again.with_user(self.staff)._replace()
        figures = self._figures()
        self.assertEqual((figures["active"], figures["blocked"], figures["redeemed"]), (5, 5, 0))

    def test_at_the_end_the_money_of_blocked_vouchers_returns(self):
        self._block()
        after = fields.Datetime.now() + timedelta(days=300)
        with clock.at(after):
            blocking = self.blockings.search([("order_id", "=", self.order.id)])
            with self.assertRaisesRegex(UserError, "is over"):
                blocking.with_user(self.staff)._replace()
            self.order._expire()
        figures = self._figures()
        self.assertEqual((figures["expired"], figures["active"], figures["remaining_cents"]), (10, 0, 0))
        self.assertEqual(self._rows("expire")[0], ("expire", 0, 4, 5, 5000))
        self.assertEqual(blocking.state, "expired")
        self.assertEqual(set(self._states()), {"blocked", "expired"}, "an extension must not revive what was stolen")
        with self.assertRaises(UserError):
            blocking.with_user(self.staff_manager)._lift("Retrouvé")


@tagged("post_install", "-at_install")
class TestBlockingAccess(BlockingCase):
    def test_who_blocks(self):
        for user in (
            self.sponsor_user_b,
            self.manager_a,
            self.mediator_a,
            self.stranger,
            self.env.ref("base.public_user"),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._block(user=user)
        self.assertEqual(set(self._states()), {"active"})
        for place, user in enumerate((self.sponsor_user_a, self.accountant)):
            self.assertEqual(self._block(5 * place, user=user).user_id, user)

    def test_a_sponsor_neither_unblocks_nor_replaces(self):
        blocking = self._block()
        for user in (self.sponsor_user_a, self.manager_a, self.stranger):
            for verb in ("_lift", "_replace"):
                with self.subTest(user=user.login, verb=verb), self.assertRaises(AccessError):
                    getattr(blocking.with_user(user), verb)("Retrouvé")
        self.assertEqual(blocking.state, "blocked")

    def test_rights(self):
        blocking = self._block()
        for user in (self.staff, self.staff_manager, self.reviewer, self.accountant):
            self.assertTrue(blocking.with_user(user).read(["reason"]))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(blocking.with_user(user).has_access(operation))
        for user in (self.sponsor_user_a, self.sponsor_user_b, self.manager_a, self.stranger):
            with self.assertRaises(AccessError):
                blocking.with_user(user).read(["reason"])

    def test_wizards(self):
        take = self.env["aptic.blocking.take"].with_user(self.staff)
        wizard = take.create({"first": self.codes[0], "last": "", "cause": "lost", "reason": REASON})
        blocking = self.blockings.browse(wizard.action_block()["res_id"])
        self.assertEqual((blocking.quantity, blocking.cause), (5, "lost"))
        for text in ("", "abc", "0", "1" * 12, self.codes[0][:-1] + "x", "ß"):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, "is no serial"):
                take.create({"first": text, "cause": "lost", "reason": REASON}).action_block()
        with self.assertRaisesRegex(UserError, "more than"):
            take.create({"first": "1", "last": "9" * 10, "cause": "lost", "reason": REASON}).action_block()
        lift = self.env["aptic.blocking.lift"].with_user(self.staff_manager)
        lift.create({"blocking_id": blocking.id, "reason": "Retrouvé"}).action_lift()
        self.assertEqual(blocking.state, "lifted")
        self.assertEqual(self.order.with_user(self.staff).blocking_count, 1)


@tagged("post_install", "-at_install")
class TestBlockingPortal(BlockingCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_user, _member = cls._member(cls.sponsor_a, "accountant", "sponsor_accountant")
        for user in (cls.sponsor_user_a, cls.sponsor_user_b, cls.accountant_user, cls.manager_a, cls.stranger):
            user.password = user.login

    def _post(self, user=None, **data):
        user = user or self.sponsor_user_a
        self.authenticate(user.login, user.login)
        form = {"first": f"{self.first:010d}", "cause": "lost", "reason": REASON, "unit": "booklets", **data}
        url = f"/my/aptic/orders/{self.order.id}/block"
        return self.url_open(url, data={"csrf_token": http.Request.csrf_token(self), **form}, allow_redirects=False)

    def test_a_manager_blocks_its_own(self):
        self.authenticate(self.sponsor_user_a.login, self.sponsor_user_a.login)
        self.assertIn(f"/my/aptic/orders/{self.order.id}/block", self.url_open(self.order.access_url).text)
        self.assertEqual(self.url_open(f"/my/aptic/orders/{self.order.id}/block").status_code, 200)
        page = self._post(form_token="once")
        self.assertEqual(page.status_code, 303)
        self.assertEqual(self._states(), ["blocked"] * 5 + ["active"] * 5)
        self.assertEqual(self._post(form_token="once").status_code, 303, "sent twice it counts once")
        self.assertEqual(self.blockings.search([("order_id", "=", self.order.id)]).user_id, self.sponsor_user_a)
        self.assertIn(REASON, self.url_open(self.order.access_url).text)

    def test_others_are_refused(self):
        for user in (self.sponsor_user_b, self.accountant_user, self.manager_a, self.stranger):
            with self.subTest(user=user.login):
                self.assertEqual(self._post(user).status_code, 403)
                self.assertEqual(self.url_open(f"/my/aptic/orders/{self.order.id}/block").status_code, 403)
        self.assertEqual(set(self._states()), {"active"})

    def test_numbers_of_another_order_are_unknown_here(self):
        other = self._order(sponsor=self.sponsor_b, quantity=10)
        page = self._post(first=str(other.booklet_ids[0].serial))
        self.assertEqual(page.status_code, 422)
        self.assertEqual(set(self._states(other)), {"active"})

    def test_bad_input_is_explained_and_nothing_is_written(self):
        for change in (
            {"first": ""},
            {"first": "<script>alert(1)</script>"},
            {"first": "9" * 200},
            {"last": "1"},
            {"cause": "reprint"},
            {"cause": ""},
            {"reason": "\x00 "},
        ):
            with self.subTest(change):
                page = self._post(**change)
                self.assertEqual(page.status_code, 422)
                self.assertIn("alert-danger", page.text)
                self.assertNotIn("<script>alert(1)", page.text)
        self.assertFalse(self.blockings.search([("order_id", "=", self.order.id)]))

    def test_an_order_that_does_not_circulate(self):
        self.order = self._order(state="confirmed")
        page = self._post()
        self.assertEqual(page.status_code, 422)
        self.assertRegex(page.text, "not in circulation|pas en circulation")
