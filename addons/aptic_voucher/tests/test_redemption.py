"""The redemption: each answer, once for each voucher, in few statements."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.aptic_base.uploads import Upload
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import tagged

from .. import acts
from ..models.aptic_redemption_batch import ActConflict
from .common import VoucherCase


class RedemptionCase(VoucherCase):
    """An active order whose vouchers provider A may take."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._order(quantity=10)
        cls.codes = cls._codes(cls.order)
        cls.now = fields.Datetime.now()

    def _scan(self, codes, user=None, **change):
        return super()._scan(codes, user, **{"client_time": self.now, "now": self.now, **change})

    def _refused(self, status, codes=None, **change):
        """Check that an act is refused with ``status`` and leaves no trace; return what the person is told."""
        before = self._trace()
        answer = self._scan(codes or [self.codes[0]], **change)
        self.assertEqual(answer["status"], status)
        self.assertFalse(answer["redemption_id"])
        self.assertEqual(self._trace(), before)
        return answer["message_args"]

    def _trace(self):
        self.env.invalidate_all()
        return (
            self.env["aptic.redemption"].search_count([]),
            self.env["aptic.event"].search_count([]),
            self.env["aptic.voucher"]._read_group([], ["state"], ["__count"]),
        )

    def _vouchers(self, codes):
        return self.env["aptic.voucher"].search([("serial", "in", [int(code[:10]) for code in codes])])

    def _set_voucher(self, code, state):
        self.env.cr.execute("UPDATE aptic_voucher SET state = %s WHERE serial = %s", [state, int(code[:10])])
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestRedeem(RedemptionCase):
    def test_one_voucher_for_one_service(self):
        answer = self._scan([self.codes[0]])
        self.assertEqual(answer["status"], "done")
        self.assertEqual((answer["price_cents"], answer["face_cents"], answer["copay_cents"]), (1000, 1000, 0))
        redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.assertRecordValues(
            redemption,
            [
                {
                    "provider_id": self.provider_a.id,
                    "place_id": self.place_a.id,
                    "territory_id": self.bordeaux.id,
                    "offer_id": self.offer_a.id,
                    "service_id": self.service.id,
                    "audience_id": self.everyone.id,
                    "user_id": self.mediator_a.id,
                    "member_id": self.mediator_a_member.id,
                    "voucher_count": 1,
                    "state": "done",
                    "received_at": self.now,
                }
            ],
        )
        voucher = self._vouchers([self.codes[0]])
        self.assertEqual((voucher.state, voucher.redemption_id), ("redeemed", redemption))
        self.assertRecordValues(
            redemption.event_ids,
            [
                {
                    "kind": "redeem",
                    "order_id": self.order.id,
                    "quantity": 1,
                    "amount_cents": 1000,
                    "serial_from": voucher.serial,
                    "serial_to": voucher.serial,
                    "user_id": self.mediator_a.id,
                    "day": redemption.day,
                }
            ],
        )

    def test_partial_payment(self):
        self.offer_a.price_cents = 1200
        answer = self._scan([self.codes[0]], price_cents=1200)
        self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("done", 1000, 200))

    def test_vouchers_give_no_change(self):
        self.offer_a.price_cents = 1200
        answer = self._scan(self.codes[:2], price_cents=1200)
        self.assertEqual((answer["status"], answer["face_cents"], answer["copay_cents"]), ("done", 2000, 0))

    def test_vouchers_of_two_orders_make_two_ledger_rows(self):
        other = self._order(self.sponsor_b, quantity=5)
        self.offer_a.price_cents = 3000
        answer = self._scan([*self._codes(other)[:1], self.codes[0], self.codes[2]], price_cents=3000)
        self.assertEqual(answer["status"], "done")
        redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.assertRecordValues(
            redemption.event_ids.sorted("quantity"),
            [
                {
                    "order_id": other.id,
                    "quantity": 1,
                    "amount_cents": 1000,
                    "serial_from": int(self._codes(other)[0][:10]),
                },
                {"order_id": self.order.id, "quantity": 2, "amount_cents": 2000, "serial_from": False},
            ],
        )
        self.assertEqual(len(redemption.serials.split()), 3)

    def test_the_same_voucher_scanned_twice_in_an_act_counts_once(self):
        self.offer_a.price_cents = 1900
        answer = self._scan([self.codes[0], self.codes[0]], price_cents=1900)
        self.assertEqual((answer["status"], answer["face_cents"]), ("done", 1000))

    def test_a_misread_keyboard_is_understood(self):
        misread = self.codes[0].translate(str.maketrans("0123456789", "à&é\"'(-è_ç"))
        self.assertEqual(self._scan([misread])["status"], "done")

    def test_past_receipt_time_for_demonstration_data(self):
        past = self.now - timedelta(days=40)
        answer = self._scan([self.codes[0]], now=past, client_time=past)
        redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])
        self.assertEqual((redemption.received_at, redemption.event_ids.at), (past, past))
        self.assertEqual(redemption.event_ids.day, redemption.day)

    def test_the_accounting_day_is_that_of_paris(self):
        late = datetime(2026, 3, 31, 22, 30)
        answer = self._scan([self.codes[0]], now=late, client_time=late)
        self.assertEqual(self.env["aptic.redemption"].browse(answer["redemption_id"]).day, date(2026, 4, 1))

    # ---------------------------------------------------------- idempotency
    def test_the_same_key_gives_the_same_answer_and_one_row(self):
        first = self._scan([self.codes[0]], client_key="once")
        before = self._trace()
        again = self._scan([self.codes[0]], client_key="once")
        self.assertEqual(again, first)
        self.assertEqual(self._trace(), before)

    def test_another_payload_under_a_key_is_refused(self):
        self.offer_a.price_cents = 1000
        self._scan([self.codes[0]], client_key="once")
        self._refused("key_reused", [self.codes[1]], client_key="once")
        self._refused("key_reused", [self.codes[0]], client_key="once", audience=self.seniors)
        self._refused("key_reused", [self.codes[0]], client_key="once", price_cents=1200)

    def test_a_refused_try_does_not_use_the_key_up(self):
        self._refused("price", client_key="once", price_cents=1100)
        self.assertEqual(self._scan([self.codes[0]], client_key="once")["status"], "done")

    def test_a_key_is_the_providers_own(self):
        self._scan([self.codes[0]], client_key="once")
        answer = self._scan(
            [self.codes[1]], self.manager_b, client_key="once", place=self.place_b, offer=self.offer_b, price_cents=1200
        )
        self.assertEqual(answer["status"], "done")

    def test_a_cancelled_act_says_so_when_its_key_comes_again(self):
        answer = self._scan([self.codes[0]], client_key="once")
        self.env["aptic.redemption"].browse(answer["redemption_id"])._cancel("Wrong person")
        again = self._scan([self.codes[0]], client_key="once")
        self.assertEqual(
            (again["redemption_id"], again["message_args"]), (answer["redemption_id"], {"reason": "cancelled"})
        )

    def test_what_the_facts_missed_the_update_does_not(self):
        self._scan([self.codes[0]])
        before = self._trace()
        with (
            patch.object(acts, "refusal", return_value=None),
            self.assertRaises(ActConflict),
            self.env.cr.savepoint(),
        ):
            self._scan([self.codes[0]])
        self.assertEqual(self._trace(), before)

    # -------------------------------------------------------------- refusals
    def test_unknown(self):
        code = self.codes[0]
        typing_error = code[:-1] + str((int(code[-1]) + 1) % 10)
        with patch.object(type(self.env["aptic.redemption"]), "_facts") as query:
            self.assertEqual(self._refused("unknown", [typing_error])["reason"], "digits")
            self.assertEqual(self._refused("unknown", ["no code"])["reason"], "digits")
        query.assert_not_called()
        body = code[:10] + str((int(code[10:22]) + 1) % 10**12).zfill(12)
        forged = f"{body}{98 - int(body) * 100 % 97:02d}"
        with patch.object(type(self.env["aptic.redemption"]), "_note_wrong_code") as note:
            self.assertEqual(self._refused("unknown", [forged]), {})
        note.assert_called_once()

    def test_voucher_states(self):
        for state, status in (
            ("printed", "inactive"),
            ("blocked", "blocked"),
            ("replaced", "blocked"),
            ("expired", "expired"),
        ):
            self._set_voucher(self.codes[0], state)
            self._refused(status)

    def test_used_says_when_and_whether_it_was_here(self):
        self._scan([self.codes[0]])
        told = self._refused("used")
        self.assertTrue(told["own"])
        self.assertEqual(told["day"], self.env["aptic.redemption"].search([], limit=1).day.isoformat())
        told = self._refused("used", user=self.manager_b, place=self.place_b, offer=self.offer_b, price_cents=1200)
        self.assertFalse(told["own"])

    def test_expiry_counts_the_tolerance_and_its_last_day(self):
        order = self._order(quantity=5, last_day=date(2030, 1, 31), tolerance_months=1)
        codes = self._codes(order)
        after = datetime(2030, 2, 28, 23, 0)
        self.assertEqual(self._refused("expired", codes[:1], now=after, client_time=after)["day"], "2030-02-28")
        before = datetime(2030, 2, 28, 22, 59)
        self.assertEqual(self._scan(codes[:1], now=before, client_time=before)["status"], "done")
        # Taken in time at a desk whose network was down; a clock set further back gains nothing.
        self.assertEqual(self._scan(codes[1:2], now=after, client_time=before)["status"], "done")
        self._refused("expired", codes[2:3], now=after + timedelta(hours=25), client_time=before)

    def test_rules(self):
        region = self.bordeaux._region()
        self.assertEqual(self._scan(self._codes(self._order(rules=[("territory", region)]))[:1])["status"], "done")
        for rule, status in (
            (("territory", self.lyon), "territory"),
            (("place_type", self.fablab), "place_type"),
            (("category", self.other_category), "service"),
            (("service", self.other_service), "service"),
            (("audience", self.seniors), "audience"),
            (("provider", self.provider_b), "provider"),
        ):
            told = self._refused(status, self._codes(self._order(quantity=5, rules=[rule]))[:1])
            self.assertEqual(told["reason"], "rule")
            self.assertEqual(told["names"], [rule[1].display_name])

    def test_audience_is_asked_where_a_rule_wants_it(self):
        codes = self._codes(self._order(rules=[("audience", self.seniors)]))
        self._refused("audience", codes[:1], audience=self.env["aptic.audience"])
        self.assertEqual(self._scan(codes[:1], audience=self.seniors)["status"], "done")

    def test_offer(self):
        elsewhere = self._place(self.provider_a, "Ailleurs", self.pau, self.library)
        self.offer_a.place_ids = elsewhere
        self.assertEqual(self._refused("service")["reason"], "offer")
        self.offer_a.place_ids = self.place_a
        self.offer_a.audience_ids = self.seniors
        self.assertEqual(self._refused("audience")["reason"], "offer")
        self.offer_a.audience_ids = False
        self.offer_a.active = False
        self._refused("service")

    def test_place_closed(self):
        today = fields.Date.today()
        self.place_a.open_until = today - timedelta(days=2)
        self._refused("place_closed")
        self.place_a.write({"open_until": False, "open_from": today + timedelta(days=2)})
        self._refused("place_closed")
        self.place_a.write({"open_from": False, "active": False})
        self._refused("place_closed")

    def test_a_hosts_place_takes_vouchers_while_an_accepted_convention_runs(self):
        today = fields.Date.today()
        self.place_a.presence = "convention"
        self._refused("place_closed")
        upload = Upload(b"%PDF-1.4", "convention.pdf", "application/pdf", 1)
        stays = self.env["aptic.hosting"]
        convention = stays._send_convention(self.place_a, upload, "Commune", today - timedelta(days=9), today)
        self._refused("place_closed")
        convention._accept()
        convention._guarded_write({"ends_on": today - timedelta(days=3)})
        self._refused("place_closed")
        convention._guarded_write({"ends_on": False})
        self.assertEqual(self._scan(self.codes[:1])["status"], "done")
        convention.reason = "Résiliée par la commune."
        convention._refuse()
        self._refused("place_closed", self.codes[1:2])

    def test_price(self):
        self.assertEqual(self._refused("price", price_cents=900)["price_cents"], 1000)
        self._refused("price", price_cents=0)
        self._refused("price", price_cents=-1000)

    def test_too_many(self):
        self._refused("too_many", self.codes[:2])
        self.offer_a.price_cents = 2000
        self._refused("too_many", self.codes[:3], price_cents=2000)
        self._refused("too_many", [f"{n:024d}" for n in range(21)])

    def test_vouchers_of_two_operators_do_not_pay_together(self):
        theirs = self._order(quantity=10)
        others = self._codes(theirs)
        self.offer_a.price_cents = 3000
        both = [self.codes[0], *others[:2]]
        operator = self.env["res.company"].create({"name": "Autre opérateur (test)"})
        self.cr.execute("UPDATE aptic_order SET company_id = %s WHERE id = %s", [operator.id, theirs.id])
        self._refused("operators", both, price_cents=3000)
        look = self.env["aptic.redemption"].with_user(self.mediator_a)
        self.assertEqual(look._peek(self.mediator_a_member, self.place_a, both)["status"], "operators")
        self.assertEqual(look._peek(self.mediator_a_member, self.place_a, others[:2])["status"], "ok")
        self.assertEqual(self._scan(others[:2], price_cents=3000)["status"], "done")
        self.assertEqual(self._scan(self.codes[:2], price_cents=3000)["status"], "done")

    # ------------------------------------------------------------------- who
    def test_only_those_who_may_scan(self):
        self.assertEqual(self._refused("provider", user=self.accountant_a)["reason"], "member")
        self.assertEqual(self._refused("provider", user=self.manager_b)["reason"], "member")
        self.assertEqual(
            self._refused("provider", user=self.stranger, member=self.mediator_a_member)["reason"], "member"
        )
        self.assertEqual(self._refused("provider", offer=self.offer_b)["reason"], "member")
        self.mediator_a_member.active = False
        self.assertEqual(self._refused("provider", member=self.mediator_a_member)["reason"], "member")

    def test_a_suspended_provider_cannot_scan(self):
        self.provider_a._guarded_write({"state": "suspended"})
        self.assertEqual(self._refused("provider")["state"], "suspended")

    def test_hooks(self):
        model = type(self.env["aptic.redemption"])
        with patch.object(model, "_check_redeemer", return_value="throttled"):
            self._refused("throttled")
        with patch.object(model, "_after_redemption") as after:
            self._refused("price", price_cents=900)
            after.assert_not_called()
            answer = self._scan([self.codes[0]])
        after.assert_called_once()
        values = after.call_args.args[0]
        self.assertEqual(
            (values["provider_id"], values["redemption_id"]), (self.provider_a.id, answer["redemption_id"])
        )

    # ------------------------------------------------------------------ peek
    def _peek(self, codes, user=None, place=None):
        user = user or self.mediator_a
        return (
            self.env["aptic.redemption"].with_user(user)._peek(user.aptic_member_ids[:1], place or self.place_a, codes)
        )

    def test_peek_spends_nothing(self):
        before = self._trace()
        answer = self._peek([self.codes[0]])
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(answer["vouchers"][0]["sponsor"], self.sponsor_a.display_name)
        self.assertEqual((answer["offer_ids"], answer["audience_ids"]), (None, None))
        self.assertEqual(self._trace(), before)
        self._scan([self.codes[0]])
        self.assertEqual(self._peek([self.codes[0]])["status"], "used")

    def test_peek_says_what_may_be_chosen(self):
        order = self._order(quantity=5, rules=[("category", self.category), ("audience", self.seniors)])
        self._offer(self.provider_a, self.other_service, 1000)
        answer = self._peek(self._codes(order)[:1])
        self.assertEqual((answer["offer_ids"], answer["audience_ids"]), ([self.offer_a.id], [self.seniors.id]))
        order = self._order(quantity=5, rules=[("territory", self.lyon)])
        self.assertEqual(self._peek(self._codes(order)[:1])["status"], "territory")

    def test_peek_is_no_oracle(self):
        for user in (self.accountant_a, self.manager_b):
            answer = self._peek([self.codes[0]], user)
            self.assertEqual((answer["status"], answer["vouchers"]), ("provider", []))

    # ------------------------------------------------------------ statements
    def test_statements(self):
        self._scan([self.codes[0]])
        offer = self.offer_a
        offer.price_cents = 2000
        self.env["aptic.redemption"].with_user(self.mediator_a)
        statements = []
        execute = Cursor.execute

        def count(cursor, query, *args, **kwargs):
            statements.append(query)
            return execute(cursor, query, *args, **kwargs)

        with self.enter_registry_test_mode():
            arguments = (self.mediator_a_member, self.place_a, offer, self.everyone, self.codes[1:3], 2000)
            redemption = self.env["aptic.redemption"].with_user(self.mediator_a)
            with patch.object(Cursor, "execute", count):
                answer = redemption._redeem(*arguments, "counted", self.now)
        self.assertEqual(answer["status"], "done")
        self.assertIn("FOR NO KEY UPDATE SKIP LOCKED", str(statements[0]), "the first statement takes the locks")
        self.assertLessEqual(len(statements), 12, "\n".join(map(str, statements)))


@tagged("post_install", "-at_install")
class TestCancel(RedemptionCase):
    def setUp(self):
        super().setUp()
        answer = self._scan(self.codes[:1])
        self.redemption = self.env["aptic.redemption"].browse(answer["redemption_id"])

    def test_the_voucher_comes_back_and_the_ledger_says_so(self):
        self.redemption.with_user(self.manager_a)._cancel("Service not given")
        self.assertEqual(self.redemption.state, "cancelled")
        voucher = self._vouchers(self.codes[:1])
        self.assertEqual((voucher.state, voucher.redemption_id.id), ("active", False))
        self.assertRecordValues(
            self.redemption.event_ids,
            [
                {"kind": "redeem", "reason": False, "user_id": self.mediator_a.id},
                {"kind": "cancel", "reason": "Service not given", "user_id": self.manager_a.id},
            ],
        )
        self.assertEqual(self._scan(self.codes[:1])["status"], "done")

    def test_cancelling_twice_is_once(self):
        self.redemption._cancel("Twice")
        self.redemption._cancel("Twice")
        self.assertEqual(self.redemption.event_ids.mapped("kind"), ["redeem", "cancel"])

    def test_a_voucher_of_an_expired_order_comes_back_expired(self):
        self.order._guarded_write({"state": "expired"})
        self.env.flush_all()
        self.redemption._cancel("Too late")
        self.assertEqual(self._vouchers(self.codes[:1]).state, "expired")
        self.assertEqual(self.redemption.event_ids.mapped("kind"), ["redeem", "cancel", "expire"])

    def test_who_may(self):
        for user in (self.mediator_a, self.accountant_a, self.manager_b, self.sponsor_user_a, self.stranger):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.redemption.with_user(user)._cancel("Not mine")
        self.redemption.with_user(self.staff)._cancel("Staff")
        self.assertEqual(self.redemption.state, "cancelled")

    def test_not_without_a_reason_and_not_after_settlement(self):
        with self.assertRaisesRegex(UserError, "why"):
            self.redemption._cancel("  ")
        self.env.cr.execute("UPDATE aptic_redemption SET state = 'settled' WHERE id = %s", self.redemption.ids)
        with self.assertRaisesRegex(UserError, "settled"):
            self.redemption._cancel("Too late")


@tagged("post_install", "-at_install")
class TestAccess(RedemptionCase):
    def test_who_reads_which(self):
        by_mediator, by_manager = (
            self._scan(self.codes[n : n + 1], user)["redemption_id"]
            for n, user in enumerate((self.mediator_a, self.manager_a))
        )
        for user, expected in (
            (self.mediator_a, [by_mediator]),
            (self.manager_a, [by_mediator, by_manager]),
            (self.accountant_a, [by_mediator, by_manager]),
            (self.manager_b, []),
            (self.sponsor_user_a, []),
            (self.stranger, []),
            (self.staff, [by_mediator, by_manager]),
        ):
            with self.subTest(user=user.login):
                found = self.env["aptic.redemption"].with_user(user).search([("id", "in", [by_mediator, by_manager])])
                self.assertEqual(sorted(found.ids), sorted(expected))
        self.mediator_a_member.active = False
        self.env.invalidate_all()
        self.assertFalse(self.env["aptic.redemption"].with_user(self.mediator_a).search([("id", "=", by_mediator)]))

    def test_nobody_writes(self):
        redemption = self.env["aptic.redemption"].browse(self._scan(self.codes[:1])["redemption_id"])
        for user in (self.manager_a, self.staff_manager, self.accountant):
            for act in (lambda r: r.write({"state": "cancelled"}), lambda r: r.unlink(), lambda r: r.copy()):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    act(redemption.with_user(user))
