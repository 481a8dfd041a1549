"""The judge of histories: what it must accept, and above all what it must refuse."""

import dataclasses
import random

import pytest

from tests.support.history import Row, Said, judge

CENTS = (1500, 1000, 500)
A, B = 101, 102


def redeem(key, start, end, status="done", serials=(A,), redemption=None, **more):
    cents = CENTS if status == "done" else ()
    return Said("redeem", start, end, status, key, serials, redemption, cents, more)


def check(start, end, status, *serials, **args):
    return Said("check", start, end, status, serials=serials, args=args)


def cancel(number, start, end, status="cancelled"):
    return Said("cancel", start, end, status, redemption=number)


def used(key, start, end, serial=A):
    return redeem(key, start, end, "used", (serial,), serial=serial)


def lost(key, start, serials=(A,)):
    return redeem(key, start, None, None, serials)


def row(number, key, serials=(A,), cancelled=False):
    return Row(number, key, serials, cancelled, CENTS)


SPENT = [redeem("k1", 0, 1, redemption=1)]
BACK = [*SPENT, cancel(1, 2, 3)]
ONE = [row(1, "k1")]
GONE = [row(1, "k1", cancelled=True)]

TRUE = {
    "one success": (SPENT, ONE, {A: 1}),
    "the same answer again": ([*SPENT, redeem("k1", 2, 3, redemption=1)], ONE, {A: 1}),
    "the same act twice at once": ([*SPENT, redeem("k1", 0.5, 0.8, redemption=1)], ONE, {A: 1}),
    "another is refused": ([*SPENT, used("k2", 0.5, 2)], ONE, {A: 1}),
    "a look before and after": ([check(-1, 0.5, "ok", A), *SPENT, check(0.5, 2, "used", A, serial=A)], ONE, {A: 1}),
    "busy says nothing": ([*SPENT, redeem("k2", 5, 6, "busy")], ONE, {A: 1}),
    "given back and spent again": (
        [*BACK, redeem("k2", 4, 5, redemption=2), redeem("k1", 6, 7, redemption=1, reason="cancelled")],
        [*GONE, row(2, "k2")],
        {A: 2},
    ),
    "given back and spent again within one request": (
        [*BACK, redeem("k2", 0.5, 2.5, redemption=2)],
        [*GONE, row(2, "k2")],
        {A: 2},
    ),
    "no answer, not done": ([lost("k1", 0), redeem("k2", 2, 3, redemption=2)], [row(2, "k2")], {A: 2}),
    "no answer, done": ([lost("k1", 0), used("k2", 2, 3)], ONE, {A: 1}),
    "no answer, done long after": ([lost("k1", 0), check(5, 6, "ok", A), used("k2", 7, 8)], ONE, {A: 1}),
    "no answer, done, sent again": ([lost("k1", 0), redeem("k1", 9, 10, redemption=1), used("k2", 2, 3)], ONE, {A: 1}),
    "a cancellation without answer": ([*SPENT, cancel(1, 2, None, None), check(3, 4, "ok", A)], GONE, {A: None}),
    "a cancellation that did not happen": ([*SPENT, cancel(1, 2, None, None), used("k2", 3, 4)], ONE, {A: 1}),
    "refused, then done under the same key": (
        [*SPENT, used("k2", 1.5, 2), cancel(1, 2, 3), redeem("k2", 3, 4, redemption=2)],
        [*GONE, row(2, "k2")],
        {A: 2},
    ),
    "two vouchers of one act": (
        [redeem("k1", 0, 1, serials=(A, B), redemption=1), used("k2", 2, 3, B)],
        [row(1, "k1", (A, B))],
        {A: 1, B: 1},
    ),
    "a key used for something else": ([*SPENT, redeem("k1", 2, 3, "key_reused", (B,))], ONE, {A: 1, B: None}),
}

FALSE = {
    "spent twice": ([*SPENT, redeem("k2", 2, 3, redemption=2)], [*ONE, row(2, "k2")], {A: 2}),
    "spent twice, the database hides one": ([*SPENT, redeem("k2", 2, 3, redemption=2)], [row(2, "k2")], {A: 2}),
    "spent again while the other stood, cancelled too late": (
        [*SPENT, redeem("k2", 2, 3, redemption=2), cancel(1, 4, 5)],
        [*GONE, row(2, "k2")],
        {A: 2},
    ),
    "spent again before the other, which had the answer first": (
        [*SPENT, redeem("k2", 2, 3, redemption=2), cancel(2, 4, 5)],
        [*ONE, row(2, "k2", cancelled=True)],
        {A: 1},
    ),
    "a success that is lost": (SPENT, [], {A: None}),
    "a success that is given back by nobody": (SPENT, GONE, {A: None}),
    "a success whose voucher is free": (SPENT, ONE, {A: None}),
    "a voucher held without an act": ([], [], {A: 1}),
    "an act that nobody asked for": (SPENT, [*ONE, row(2, "k2", (B,))], {A: 1, B: 2}),
    "another redemption under the same key": (
        [*SPENT, redeem("k1", 2, 3, redemption=2)],
        [*GONE, row(2, "k1")],
        {A: 2},
    ),
    "one redemption for two keys": ([*SPENT, redeem("k2", 2, 3, redemption=1)], ONE, {A: 1}),
    "other amounts the second time": (
        [*SPENT, dataclasses.replace(redeem("k1", 2, 3, redemption=1), cents=(1500, 1000, 400))],
        ONE,
        {A: 1},
    ),
    "other amounts than the database": (SPENT, [dataclasses.replace(ONE[0], cents=(1500, 1000, 0))], {A: 1}),
    "other vouchers than the database": (SPENT, [row(1, "k1", (B,))], {A: None, B: 1}),
    "half of an act": ([redeem("k1", 0, 1, serials=(A, B), redemption=1)], [row(1, "k1", (A, B))], {A: 1, B: None}),
    "a cancellation that is lost": (BACK, ONE, {A: 1}),
    "a cancellation that is undone": ([*BACK, used("k2", 4, 5)], GONE, {A: None}),
    "seen free while it was spent": ([*SPENT, check(2, 3, "ok", A)], ONE, {A: 1}),
    "seen spent before anybody asked": ([used("k2", -3, -2), *SPENT], ONE, {A: 1}),
    "seen spent after it was given back": ([*BACK, check(4, 5, "used", A, serial=A)], GONE, {A: None}),
    "seen spent by itself": ([lost("k1", 0), used("k1", 2, 3)], ONE, {A: 1}),
    "called cancelled before": ([*BACK, redeem("k1", 1, 1.5, redemption=1, reason="cancelled")], GONE, {A: None}),
    "called cancelled and is not": ([*SPENT, redeem("k1", 2, 3, redemption=1, reason="cancelled")], ONE, {A: 1}),
    "not called cancelled and is": ([*BACK, redeem("k1", 4, 5, redemption=1)], GONE, {A: None}),
    "seen spent, then free, without a cancellation": (
        [lost("k1", 0), used("k2", 1, 2), check(3, 4, "ok", A)],
        ONE,
        {A: 1},
    ),
    "seen free, spent, free, spent with one cancellation": (
        [*BACK, check(1.2, 1.4, "ok", A), check(1.6, 1.8, "used", A, serial=A)],
        GONE,
        {A: None},
    ),
    "two without answer that cannot both be": (
        [lost("k1", 0), lost("k2", 0), check(1, 2, "ok", A)],
        [*ONE, row(2, "k2")],
        {A: 2},
    ),
    "a key called used that is new": ([redeem("k1", 0, 1, "key_reused")], [], {A: None}),
    "a key called used for its own act": ([*SPENT, redeem("k1", 2, 3, "key_reused")], ONE, {A: 1}),
    "used, but another voucher": ([*SPENT, used("k2", 2, 3, A), used("k3", 2, 3, B)], ONE, {A: 1, B: None}),
    "used names a voucher not asked about": (
        [*SPENT, redeem("k2", 2, 3, "used", (B,), serial=A)],
        ONE,
        {A: 1, B: None},
    ),
    "a genuine code called unknown": ([redeem("k1", 0, 1, "unknown")], [], {A: None}),
    "a cancellation refused": ([*SPENT, cancel(1, 2, 3, "settled")], ONE, {A: 1}),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_could_have_happened_is_accepted(name):
    assert judge(*TRUE[name]) == []


@pytest.mark.parametrize("name", FALSE)
def test_what_cannot_have_happened_is_refused(name):
    assert judge(*FALSE[name])


class OneDesk:
    """A correct desk that takes each act at one moment of its request: what it says must be accepted."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.serials = list(range(1, 7))
        self.keys, self.rows, self.holders = {}, {}, dict.fromkeys(self.serials)
        self.history = []

    def live(self, acts=150, lost=0.15):
        for moment in range(acts):
            start, end = moment - self.random.expovariate(0.3), moment + self.random.expovariate(0.3)
            kind = self.random.choices(("redeem", "again", "check", "cancel"), (5, 3, 2, 3))[0]
            said = getattr(self, kind)(start, end)
            if self.random.random() < lost:  # killed before the answer was there
                asked = said.redemption if said.act == "cancel" else None
                said = dataclasses.replace(said, end=None, status=None, redemption=asked, cents=(), args={})
            self.history.append(said)
        rows = [Row(number, key, some, gone, CENTS) for number, (key, some, gone) in self.rows.items()]
        return self.history, rows, self.holders

    def redeem(self, start, end):
        key = f"k{len(self.keys)}"
        self.keys[key] = tuple(self.random.sample(self.serials, self.random.choice((1, 1, 2))))
        return self.again(start, end, key)

    def again(self, start, end, key=None):
        key = key or self.random.choice([*self.keys, "k0"])
        some = self.keys.setdefault(key, (1,))
        number = next((number for number, one in self.rows.items() if one[0] == key), None)
        if number:
            args = {"reason": "cancelled"} if self.rows[number][2] else {}
            return Said("redeem", start, end, "done", key, some, number, CENTS, args)
        taken = next((serial for serial in some if self.holders[serial]), None)
        if taken:
            return Said("redeem", start, end, "used", key, some, args={"serial": taken})
        number = len(self.rows) + 1
        self.rows[number] = [key, some, False]
        self.holders.update(dict.fromkeys(some, number))
        return Said("redeem", start, end, "done", key, some, number, CENTS)

    def check(self, start, end):
        serial = self.random.choice(self.serials)
        if self.holders[serial]:
            return check(start, end, "used", serial, serial=serial)
        return check(start, end, "ok", serial)

    def cancel(self, start, end):
        if not self.rows:
            return self.check(start, end)
        number = self.random.choice(list(self.rows))
        key, some, gone = self.rows[number]
        if not gone:
            self.rows[number] = [key, some, True]
            self.holders.update(dict.fromkeys(some))
        return cancel(number, start, end)


@pytest.mark.parametrize("seed", range(40))
def test_a_correct_desk_is_accepted(seed):
    assert judge(*OneDesk(seed).live()) == []


@pytest.mark.parametrize("seed", range(40))
def test_one_false_answer_among_many_is_found(seed):
    """A look long after everything, that says the contrary of how it ended."""
    history, rows, holders = OneDesk(seed).live(lost=0)
    serial, holder = random.Random(seed).choice(list(holders.items()))
    lie = check(9_000, 9_001, "ok", serial) if holder else check(9_000, 9_001, "used", serial, serial=serial)
    assert judge(history, rows, holders) == []
    assert judge([*history, lie], rows, holders)


@pytest.mark.parametrize("seed", range(40))
def test_one_cancellation_that_nobody_asked_for_is_found(seed):
    history, rows, holders = OneDesk(seed).live(lost=0)
    number = random.Random(seed).choice([row.id for row in rows if row.cancelled])
    assert judge([said for said in history if (said.act, said.redemption) != ("cancel", number)], rows, holders)
