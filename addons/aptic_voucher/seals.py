"""The hash chain over the ledger: what a seal is made of and how the chain is checked. No ORM: any cursor of psycopg2.

A seal covers every row of the ledger between two ids. Its hash is the SHA-256 of one header line, which carries the
hash of the seal before, followed by the rows as PostgreSQL's COPY writes them; ``psql`` and ``sha256sum`` find it too::

    (printf 'aptic-seal-1\\t…\\n'; psql -c "COPY (SELECT …) TO STDOUT") | sha256sum

Beside the hash a seal keeps eight bytes of each row's own hash: they prove nothing, but tell which row it is that no
longer agrees.
"""

import base64
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

FORMAT = "aptic-seal-1"
FIRST = "0" * 64  # what stands for the hash before the first seal
LEAF = struct.Struct(">i8s")
PAGE = 20  # seals read at once
COLUMNS = (
    "id", "kind", "at", "day", "order_id", "serial_from", "serial_to",
    "quantity", "amount_cents", "redemption_id", "user_id", "reason",
    "distribution_id",
)  # fmt: skip
KNOWN = (",".join(COLUMNS),)  # what seals may cover: the columns of today, and those of before
# JSON writes times in one way, whatever the session's DateStyle.
_EXPRESSIONS = {"at": "to_json(at) #>> '{}'", "day": "to_json(day) #>> '{}'"}
_ESCAPES = {
    ord(char): "\\" + letter
    for char, letter in (("\\", "\\"), ("\b", "b"), ("\f", "f"), ("\n", "n"), ("\r", "r"), ("\t", "t"), ("\v", "v"))
}


# ----------------------------------------------------------------- what is hashed
def line(values: Sequence[Any]) -> bytes:
    """A row of the ledger as COPY writes it.

    :param values: the values of the columns, in order; dates and times without time zone
    """
    return "\t".join(map(_text, values)).encode() + b"\n"


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, datetime):
        whole, dot, fraction = value.isoformat().partition(".")
        return whole + (dot + fraction).rstrip("0")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).translate(_ESCAPES)


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain; ``hash`` is empty until it was computed."""

    number: int
    previous_hash: str
    id_from: int
    id_to: int
    row_count: int
    made_at: datetime
    columns: str
    leaves: bytes = b""
    hash: str = ""

    def header(self) -> bytes:
        """What is hashed before the rows."""
        names = ("number", "previous_hash", "id_from", "id_to", "row_count", "made_at", "columns")
        return line((FORMAT, *(getattr(self, name) for name in names)))

    @property
    def is_readable(self) -> bool:
        """Whether it covers what seals cover."""
        return self.columns in KNOWN

    def query(self) -> str:
        """The statement that writes its rows. The first seal begins below every id, so that nothing hides there."""
        fields = ", ".join(_EXPRESSIONS.get(name, name) for name in self.columns.split(","))
        start = f"id >= {int(self.id_from)} AND " if self.previous_hash != FIRST else ""
        where = f"{start}id <= {int(self.id_to)}"
        return f"COPY (SELECT {fields} FROM aptic_event WHERE {where} ORDER BY id) TO STDOUT"


class Tape:
    """Takes a seal's rows from COPY, one call of ``write`` a row, and keeps 12 bytes of each."""

    def __init__(self, seal: Seal):
        self._sha = sha256(seal.header())
        self._leaves: list[bytes] = []

    def write(self, row: bytes) -> int:  # pylint: disable=method-required-super
        """Take one row with its line end."""
        self._sha.update(row)
        self._leaves.append(LEAF.pack(int(row[: row.index(b"\t")]), sha256(row).digest()[:8]))
        return len(row)

    @property
    def count(self) -> int:
        """How many rows it took."""
        return len(self._leaves)

    @property
    def hash(self) -> str:
        """Hexadecimal."""
        return self._sha.hexdigest()

    @property
    def leaves(self) -> bytes:
        """An id and the beginning of a hash for each row, as the table keeps them."""
        return base64.b64encode(b"".join(self._leaves))


def computed(cursor: Any, seal: Seal) -> tuple[Seal, int]:
    """The seal with its hash and leaves as the ledger's rows give them now, and the number of those rows."""
    tape = Tape(seal)
    cursor.copy_expert(seal.query(), tape)
    return replace(seal, hash=tape.hash, leaves=tape.leaves), tape.count


# ------------------------------------------------------------------- the check
@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not agree: ``altered``, ``missing`` or ``inserted`` (a row), ``seal``, ``chain``,
    ``anchor``."""

    kind: str
    seal: int
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the check came: the seal before the next one, and what was seen so far."""

    number: int = 0
    hash: str = FIRST
    id_to: int = 0
    rows: int = 0
    fault: Fault | None = None
    is_finished: bool = False
    unsealed: int = 0


def check(
    cursor: Any,
    anchor: tuple[int, str] | None = None,
    start: Progress | None = None,
    seconds: float = float("inf"),
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Compare the ledger with its seals, from the first one on or from where an earlier call stopped.

    :param cursor: of psycopg2, or Odoo's
    :param anchor: number and hash of a seal as somebody kept them outside the database
    :param start: what an earlier call returned
    :param seconds: stop after so long, between two seals
    :param tell: called after each page of seals
    :return: ``fault`` says what is the first row altered, missing or inserted; ``is_finished`` when there is no more
    """
    done, end = start or Progress(), time.monotonic() + seconds
    while not done.is_finished:
        page = _page(cursor, done.number)
        for seal in page:
            done = _step(cursor, done, seal, anchor)
            if done.is_finished or time.monotonic() >= end:
                return done
        if not page:
            done = _last(cursor, done, anchor)
        tell(done)
    return done


def _page(cursor: Any, number: int) -> list[Seal]:
    cursor.execute(
        "SELECT number, previous_hash, id_from, id_to, row_count, made_at, columns, leaves, hash"
        " FROM aptic_seal WHERE number > %s ORDER BY number LIMIT %s",
        (number, PAGE),
    )
    return [Seal(*row[:-2], bytes(row[-2] or b""), row[-1]) for row in cursor.fetchall()]


def _step(cursor: Any, done: Progress, seal: Seal, anchor: tuple[int, str] | None) -> Progress:
    def broken(kind: str, row: int | None = None) -> Progress:
        return replace(done, fault=Fault(kind, number, row), is_finished=True)

    number = done.number + 1
    if seal.number != number:
        return broken("chain")
    follows = seal.previous_hash == done.hash and seal.id_from == done.id_to + 1 and seal.id_to >= seal.id_from
    if not follows or not seal.is_readable:
        return broken("seal")
    found, count = computed(cursor, seal)
    if found.leaves != seal.leaves:
        kind, row = first_difference(seal.leaves, found.leaves)
        return broken(kind if found.hash != seal.hash else "seal", row if found.hash != seal.hash else None)
    if found.hash != seal.hash or count != seal.row_count:
        return broken("seal")
    if anchor and anchor[0] == number and anchor[1] != seal.hash:
        return broken("anchor")
    return replace(done, number=number, hash=seal.hash, id_to=seal.id_to, rows=done.rows + count)


def _last(cursor: Any, done: Progress, anchor: tuple[int, str] | None) -> Progress:
    if anchor and anchor[0] > done.number:
        return replace(done, fault=Fault("anchor", done.number + 1), is_finished=True)
    cursor.execute("SELECT count(*) FROM aptic_event WHERE id > %s", (done.id_to,))
    return replace(done, unsealed=cursor.fetchone()[0], is_finished=True)


def first_difference(kept: bytes, found: bytes) -> tuple[str, int | None]:
    """What differs first between two lists of leaves: ``altered``, ``missing`` or ``inserted``, and the row's id.

    Leaves that cannot be read are the seal's fault.
    """
    try:
        raw = base64.b64decode(kept, validate=True)
        before, now = list(LEAF.iter_unpack(raw)), list(LEAF.iter_unpack(base64.b64decode(found)))
    except (ValueError, struct.error):
        return "seal", None
    for was, now_is in zip(before, now):  # noqa: B905 (the lengths are compared below)
        if was == now_is:
            continue
        if was[0] == now_is[0]:
            return "altered", was[0]
        return ("missing", was[0]) if was[0] < now_is[0] else ("inserted", now_is[0])
    if len(before) > len(now):
        return "missing", before[len(now)][0]
    if len(now) > len(before):
        return "inserted", now[len(before)][0]
    return "seal", None
