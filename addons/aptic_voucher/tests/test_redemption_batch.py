"""Acts of one request: each answered as if it had come by itself, in as many statements as one."""

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged

from ..batch import MOST_ACTS
from ..models.aptic_redemption_batch import ActConflict
from .test_redemption import RedemptionCase

LEFT_OUT = ("redemption_id", "facts")


@tagged("post_install", "-at_install")
class TestBatch(RedemptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counted = cls._codes(cls._order(quantity=10, rules=[("max_per_day", {"max_count": 2})]))
        cls.foreign = cls._codes(cls._order(cls.sponsor_b, quantity=5, rules=[("territory", cls.lyon)]))

    def setUp(self):
        super().setUp()
        self.redemptions = self.env["aptic.redemption"].with_user(self.mediator_a)
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)

    def _act(self, *codes, **change):
        return {
            "member": self.mediator_a_member,
            "place": self.place_a,
            "offer": self.offer_a,
            "audience": self.everyone,
            "codes": list(codes),
            "price_cents": 1000,
            "client_key": f"batch-{next(self._keys)}",
            "client_time": self.now,
            **change,
        }

    def _forged(self, code):
        body = code[:10] + str((int(code[10:22]) + 1) % 10**12).zfill(12)
        return f"{body}{98 - int(body) * 100 % 97:02d}"

    def _statuses(self, *wanted):
        return [answer["status"] for answer in self.redemptions._redeem_batch(list(wanted))]

    def _told(self, answers):
        return [{name: value for name, value in answer.items() if name not in LEFT_OUT} for answer in answers]

    def _undone(self, act):
        """What ``act()`` returns, and the rows that it left; undone."""
        with self.env.cr.savepoint() as savepoint:
            result, rows = act(), self._rows()
            savepoint.rollback()
        self.env.invalidate_all()
        return result, rows

    def _rows(self):
        self.env.invalidate_all()
        redemptions = self.env["aptic.redemption"].search([], order="id")
        return [
            (
                redemption.client_key,
                redemption.provider_id.id,
                redemption.serials,
                redemption.face_cents,
                redemption.copay_cents,
                redemption.payload_hash,
                redemption.day,
                [
                    (event.kind, event.order_id.id, event.quantity, event.amount_cents, event.serial_from, event.at)
                    for event in redemption.event_ids
                ],
                sorted(self.env["aptic.voucher"].search([("redemption_id", "=", redemption.id)]).mapped("serial")),
            )
            for redemption in redemptions
        ]

    # ------------------------------------------------------------ as by itself
    def test_acts_are_done_in_their_order(self):
        answers = self.redemptions._redeem_batch([self._act(code) for code in self.codes])
        self.assertEqual({answer["status"] for answer in answers}, {"done"})
        numbers = [answer["redemption_id"] for answer in answers]
        self.assertEqual(numbers, sorted(set(numbers)))
        redemptions = self.env["aptic.redemption"].browse(numbers)
        self.assertEqual(redemptions.mapped("serials"), [str(int(code[:10])) for code in self.codes])
        self.assertEqual(redemptions.event_ids.mapped("amount_cents"), [1000] * 10)
        self.assertEqual(self._vouchers(self.codes).mapped("redemption_id.id"), numbers)

    def test_a_voucher_given_twice_is_used_the_second_time(self):
        first, second = self.redemptions._redeem_batch([self._act(self.codes[0]), self._act(self.codes[0])])
        self.assertEqual((first["status"], second["status"]), ("done", "used"))
        self.assertEqual(second["message_args"]["day"], first["day"].isoformat())
        self.assertTrue(second["message_args"]["own"])

    def test_a_key_sent_twice_is_answered_twice_and_done_once(self):
        act = self._act(self.codes[0], client_key="twice-in-one")
        first, again, other = self.redemptions._redeem_batch([act, act, {**act, "codes": self.codes[1:2]}])
        self.assertEqual((first["status"], other["status"]), ("done", "key_reused"))
        self.assertEqual(again, first)
        self.assertEqual(self.env["aptic.redemption"].search_count([("client_key", "=", "twice-in-one")]), 1)

    def test_a_refused_act_does_not_use_its_key_up(self):
        wrong = self._act(self.codes[0], client_key="tried", price_cents=900)
        right = {**wrong, "price_cents": 1000}
        self.assertEqual(self._statuses(wrong, right), ["price", "done"])

    def test_the_maximum_of_a_day_counts_what_the_batch_has_spent(self):
        some = [self._act(code) for code in self.counted[:4]]
        some[3]["client_time"] = self.now - timedelta(hours=24)
        self.assertEqual(self._statuses(*some), ["done", "done", "max_per_day", "done"])

    def test_one_bad_act_spoils_no_other(self):
        self.assertEqual(
            self._statuses(
                self._act(self.codes[0]),
                self._act(self._forged(self.codes[1])),
                self._act("no code"),
                self._act("9" * 22 + f"{98 - int('9' * 22) * 100 % 97:02d}"),
                self._act(self.codes[2], price_cents=0),
                self._act(self.codes[3], place=self.place_b),
                self._act(self.codes[3], place=self.place_a.browse(2**31 - 1)),
                self._act(*self.codes[4:6]),
                self._act(self.codes[6]),
            ),
            ["done", "unknown", "unknown", "unknown", "price", "provider", "provider", "too_many", "done"],
        )

    def test_what_others_hold_is_busy_by_itself(self):
        facts = type(self.redemptions)._facts
        held = int(self.codes[1][:10])

        def elsewhere(records, *args, **kwargs):
            rows = facts(records, *args, **kwargs)
            rows[0]["vouchers"][held]["held"] = False
            rows[2]["is_free"] = False
            return rows

        with (
            patch.object(type(self.redemptions), "_facts", elsewhere),
            patch("odoo.addons.aptic_voucher.models.aptic_redemption_batch.PAUSES", (0,)),
        ):
            answers = self.redemptions._redeem_batch([self._act(code) for code in self.codes[:4]])
        self.assertEqual([answer["status"] for answer in answers], ["done", "busy", "busy", "done"])
        self.assertEqual([answers[n]["message_args"]["reason"] for n in (1, 2)], ["locked", "same_act"])

    def test_hooks_run_for_each(self):
        model = type(self.redemptions)
        with patch.object(model, "_after_redemption") as after, patch.object(model, "_note_wrong_code") as note:
            answers = self.redemptions._redeem_batch(
                [self._act(self.codes[0]), self._act(self._forged(self.codes[1])), self._act(self.codes[2])]
            )
        done = [call.args[0] for call in after.call_args_list]
        self.assertEqual([values["redemption_id"] for values in done], [answers[n]["redemption_id"] for n in (0, 2)])
        self.assertEqual([values["facts"]["earlier_done"] for values in done], [0, 1])
        self.assertEqual([values["facts"]["earlier_wrong"] for values in done], [0, 1])
        note.assert_called_once_with(self.mediator_a_member, self.place_a)

    def test_any_acts_are_answered_as_one_by_one(self):
        """Acts drawn at random: the same answers and the same rows as when each comes by itself."""
        drawn = random.Random(50)
        at_b = {"user_id": self.mediator_a.id, "provider_id": self.provider_b.id, "role": "mediator"}
        member = self.env["aptic.member"].create(at_b).with_user(self.mediator_a)
        pool = [*self.codes[:5], *self.counted[:5], *self.foreign[:2]]
        pool += [self._forged(self.codes[0]), self._forged(self.counted[0]), "12", "9" * 24]
        keys, seen = [f"drawn-key-{number}" for number in range(8)], set()
        for number in range(12):
            wanted = []
            for _act in range(drawn.randint(2, 12)):
                there = drawn.random() < 0.15
                act = self._act(
                    *drawn.sample(pool, drawn.choice((1, 1, 1, 2))),
                    client_time=self.now - timedelta(hours=drawn.choice((0, 0, 20, 24, 40))),
                    price_cents=drawn.choice((1000, 1000, 1000, 2000)),
                    audience=drawn.choice((self.everyone, self.everyone, self.seniors, self.env["aptic.audience"])),
                )
                if there:
                    act |= {"member": member, "place": self.place_b, "offer": self.offer_b, "price_cents": 1200}
                if drawn.random() < 0.5:
                    act["client_key"] = drawn.choice(keys)
                wanted.append(act)
            with self.subTest(number):
                with patch("odoo.fields.Datetime.now", lambda *_a: self.now):
                    single, rows = self._undone(lambda acts=wanted: [self.redemptions._redeem(**act) for act in acts])
                    batch, batch_rows = self._undone(lambda acts=wanted: self.redemptions._redeem_batch(acts))
                self.assertEqual(self._told(batch), self._told(single))
                self.assertEqual(batch_rows, rows)
                seen |= {answer["status"] for answer in batch}
                ids = [[answer["redemption_id"] for answer in answers] for answers in (batch, single)]
                self.assertEqual(*([found.index(one) for one in found] for found in ids))
        self.assertLessEqual({"done", "used", "key_reused", "max_per_day", "unknown", "territory", "too_many"}, seen)

    # ------------------------------------------------------------ one by one
    def test_after_a_conflict_they_are_done_one_by_one(self):
        model = type(self.redemptions)
        write, sizes = model._write_acts, []

        def conflict(records, done):
            sizes.append(len(done))
            if len(done) > 1:
                raise ActConflict("elsewhere")
            return write(records, done)

        forged = self._act(self._forged(self.codes[4]))
        with patch.object(model, "_write_acts", conflict), patch.object(model, "_note_wrong_code") as note:
            statuses = self._statuses(*[self._act(code) for code in self.codes[:3]], forged, self._act(self.codes[0]))
        self.assertEqual(statuses, ["done", "done", "done", "unknown", "used"])
        self.assertEqual(sizes, [3, 1, 1, 1, 0, 0])
        note.assert_called_once()

    def test_a_conflict_leaves_nothing_half_written(self):
        before = self._trace()
        with (
            patch("odoo.addons.aptic_voucher.acts.refusal", return_value=None),
            patch("odoo.addons.aptic_voucher.models.aptic_redemption_batch.PAUSES", (0,)),
        ):
            self._set_voucher(self.codes[1], "blocked")
            statuses = self._statuses(*[self._act(code) for code in self.codes[:3]])
        self.assertEqual(statuses, ["done", "busy", "done"])
        self._set_voucher(self.codes[1], "active")
        self.assertEqual(self._trace()[0], before[0] + 2)

    # ------------------------------------------------------------ statements
    def _statements(self, wanted):
        statements, execute = [], Cursor.execute

        def count(cursor, query, *args, **kwargs):
            statements.append(str(query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", count):
            answers = self.redemptions._redeem_batch(wanted)
        self.assertEqual({answer["status"] for answer in answers}, {"done"})
        return statements

    def test_fifty_acts_cost_as_many_statements_as_one(self):
        codes = self._codes(self._order(quantity=120))
        self._statements([self._act(codes[119])])
        one = self._statements([self._act(codes[0])])
        many = self._statements([self._act(*codes[n : n + 1]) for n in range(1, 1 + MOST_ACTS)])
        self.assertIn("FOR NO KEY UPDATE SKIP LOCKED", many[0], "the first statement takes the locks")
        self.assertEqual(len(many), len(one), "\n".join(many))

    def test_there_are_so_many_acts_at_most(self):
        with self.assertRaises(ValueError):
            self.redemptions._redeem_batch([self._act(self.codes[0])] * (MOST_ACTS + 1))
        self.assertEqual(self.redemptions._redeem_batch([]), [])
