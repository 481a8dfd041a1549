"""What many desks were told at once, judged as a whole: could one desk that does one act after another have said it?

Plain Python on plain facts. Each request is a :class:`Said`: from when to when, what was asked, what was answered (or
nothing: the server was killed, and nobody knows whether the act took place). :func:`judge` compares all of them with
each other and with what the database holds at the end, and returns what cannot be.

Each voucher is judged by itself as a register that is linearizable: every act must have taken place at one moment
between its request and its answer, so that in the order of these moments the voucher is spent only while nobody holds
it, given back only by the act that holds it, and every answer about it was true at a moment of its own request. The
search is that of Wing and Gong (1993): take any act that may have been next, go on, come back when nothing fits.
"""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from math import inf

# What may be answered; anything else to these clients, who send nothing wrong, is a mistake.
EXPECTED = {
    "redeem": {"done", "used", "busy", "key_reused"},
    "check": {"ok", "used"},
    "cancel": {"cancelled", "busy", "not_last"},  # the last: of an undo
}


@dataclass(frozen=True)
class Said:
    """A request and its answer.

    :param act: ``redeem``, ``check`` or ``cancel``
    :param start: when it was sent, in seconds of a clock that all clients share
    :param end: when the answer was there; None without one
    :param status: what was answered; None without an answer
    :param key: the client's key of a ``redeem``
    :param serials: the vouchers asked about
    :param redemption: the redemption answered, or to be cancelled
    :param cents: price, face value and co-payment answered
    :param args: ``message_args`` of the answer
    """

    act: str
    start: float
    end: float | None = None
    status: str | None = None
    key: str | None = None
    serials: tuple = ()
    redemption: int | None = None
    cents: tuple = ()
    args: dict = field(default_factory=dict, hash=False)

    @property
    def is_cancelled(self):
        """Whether the answer says that the act was done and is cancelled."""
        return self.args.get("reason") == "cancelled"


@dataclass(frozen=True)
class Row:
    """A redemption as the database holds it at the end; ``cents`` as in :class:`Said`."""

    id: int
    key: str
    serials: tuple
    cancelled: bool
    cents: tuple


@dataclass(frozen=True)
class _Step:
    """What happened to a voucher, or was seen of it, at one moment between ``start`` and ``end``."""

    kind: str
    row: int | None
    start: float
    end: float


def judge(history, rows, holders):
    """Return what is wrong, in words; nothing when all answers and the database fit together.

    :param history: every :class:`Said`
    :param rows: every :class:`Row` of these vouchers
    :param holders: the id of the redemption that holds a voucher at the end, or None, by serial
    """
    history, rows = sorted(history, key=lambda said: said.start), {row.id: row for row in rows}
    return [
        *_answers_as_expected(history),
        *_one_answer_a_key(history),
        *_answers_are_rows(history, rows),
        *_rows_were_asked_for(history, rows),
        *_held_by_one(rows, holders),
        *_each_voucher(history, rows, holders),
    ]


def _answers_as_expected(history):
    for said in history:
        if said.status is not None and said.status not in EXPECTED[said.act]:
            yield f"{said.act} of {said.serials or said.redemption} was answered {said.status!r} {said.args}"
        elif said.status == "used" and said.args.get("serial") not in said.serials:
            yield f"'used' names a voucher that was not asked about: {said}"


def _one_answer_a_key(history):
    answers, keys = defaultdict(set), defaultdict(set)
    for said in _done(history):
        answers[said.key].add((said.redemption, tuple(sorted(said.serials)), said.cents))
        keys[said.redemption].add(said.key)
    for key, found in answers.items():
        if len(found) > 1:
            yield f"the key {key} was given different answers: {sorted(found, key=str)}"
    for number, found in keys.items():
        if len(found) > 1:
            yield f"redemption {number} answers {len(found)} keys: {sorted(found)}"


def _answers_are_rows(history, rows):
    for said in _done(history):
        row = rows.get(said.redemption)
        if row is None:
            yield f"an answered success is not in the database: redemption {said.redemption}, key {said.key}"
        elif (row.key, sorted(row.serials), row.cents) != (said.key, sorted(said.serials), said.cents):
            yield f"redemption {row.id} is not what was answered: {row}, {said}"
        elif said.is_cancelled and not row.cancelled:
            yield f"redemption {row.id} was called cancelled and is not"
    for said in history:
        if said.act == "cancel" and said.status == "cancelled":
            row = rows.get(said.redemption)
            if row is None or not row.cancelled:
                yield f"an answered cancellation is not in the database: redemption {said.redemption}"
        elif said.status == "key_reused":
            others = [row for row in rows.values() if row.key == said.key]
            if not others or any(sorted(row.serials) == sorted(said.serials) for row in others):
                yield f"'key_reused' without another act under the key {said.key}"


def _rows_were_asked_for(history, rows):
    asked = {(said.key, tuple(sorted(said.serials))) for said in history if said.act == "redeem"}
    given_back = {said.redemption for said in history if said.act == "cancel"}
    for row in rows.values():
        if (row.key, tuple(sorted(row.serials))) not in asked:
            yield f"nobody asked for redemption {row.id}: {row}"
        if row.cancelled and row.id not in given_back:
            yield f"nobody cancelled redemption {row.id}"
    for key, same in itertools.groupby(sorted(rows.values(), key=lambda row: row.key), key=lambda row: row.key):
        numbers = [row.id for row in same]
        if len(numbers) > 1:
            yield f"the key {key} has several redemptions: {numbers}"


def _held_by_one(rows, holders):
    for serial, holder in holders.items():
        standing = [row.id for row in rows.values() if serial in row.serials and not row.cancelled]
        if standing != ([] if holder is None else [holder]):
            yield f"voucher {serial} is held by {holder}, and {standing} stand"


def _done(history):
    return (said for said in history if said.act == "redeem" and said.status == "done")


# --------------------------------------------------------------- linearizability
def _each_voucher(history, rows, holders):
    acts, seen = _acts(history, rows), _seen(history, rows)
    for serial in sorted(holders):
        if not linearizable(acts[serial], seen[serial]):
            story = "\n    ".join(map(str, sorted([*acts[serial], *seen[serial]], key=lambda step: step.start)))
            yield f"no order of the acts explains what was said of voucher {serial}:\n    {story}"


def _acts(history, rows):
    """By serial, the acts that took place: when they were first asked for, and first answered (if ever)."""
    spent, given = {number: [inf, inf] for number in rows}, {number: [inf, inf] for number in rows}
    numbers = {(row.key, tuple(sorted(row.serials))): row.id for row in rows.values()}
    for said in history:
        if said.act == "redeem":
            number = numbers.get((said.key, tuple(sorted(said.serials))))
            if number is not None:
                _widen(spent[number], said, said.status == "done")
        elif said.act == "cancel" and said.redemption in given:
            _widen(given[said.redemption], said, said.status == "cancelled")
    found = defaultdict(list)
    for row in rows.values():
        for serial in row.serials:
            found[serial].append(_Step("spend", row.id, *spent[row.id]))
            if row.cancelled:
                found[serial].append(_Step("give back", row.id, *given[row.id]))
    return found


def _widen(span, said, answered):
    span[0] = min(span[0], said.start)
    if answered:
        span[1] = min(span[1], said.end)


def _seen(history, rows):
    """By serial, what answers say of it without changing it."""
    found, keys = defaultdict(list), {row.key: row for row in rows.values()}
    for said in history:
        if said.status is None or said.status == "busy" or said.act == "cancel":
            continue
        if said.status == "done":
            kind = "seen given back" if said.is_cancelled else "seen held"
            some, number = said.serials, said.redemption
        elif said.status == "key_reused":
            kind, row = "seen done", keys.get(said.key)
            some, number = (row.serials, row.id) if row else ((), None)
        elif said.status == "ok":
            kind, some, number = "seen free", said.serials, None
        elif said.status == "used":
            mine = keys.get(said.key)
            kind, some, number = "seen used", (said.args.get("serial"),), mine and mine.id
        else:
            continue
        for serial in some:
            found[serial].append(_Step(kind, number, said.start, said.end))
    return found


def _is_true(step, holder, returned):
    """Whether something seen is true of a voucher in a state."""
    return {
        "seen free": holder is None,
        "seen used": holder is not None and holder != step.row,
        "seen held": holder is not None and holder == step.row,
        "seen given back": step.row in returned,
        "seen done": step.row in returned or (holder is not None and holder == step.row),
    }[step.kind]


def _after(step, holder, returned):
    """The state after an act, or None when it could not take place."""
    if step.kind == "spend" and holder is None:
        return step.row, returned
    if step.kind == "give back" and holder == step.row:
        return None, returned | {step.row}
    return None


def linearizable(acts, seen):
    """Whether moments can be found for the acts on one voucher that make all that was seen of it true."""
    todo = [(frozenset(range(len(acts))), frozenset(range(len(seen))), None, frozenset())]
    known = set()
    while todo:
        left, unseen, holder, returned = todo.pop()
        # What was seen changes nothing: whatever may be next and is true now is best taken now.
        while True:
            end = min([acts[n].end for n in left] + [seen[n].end for n in unseen], default=inf)
            taken = {n for n in unseen if seen[n].start <= end and _is_true(seen[n], holder, returned)}
            if not taken:
                break
            unseen -= taken
        if not left and not unseen:
            return True
        if (left, unseen) in known:
            continue
        known.add((left, unseen))
        for number in left:
            after = _after(acts[number], holder, returned) if acts[number].start <= end else None
            if after:
                todo.append((left - {number}, unseen, *after))
    return False
