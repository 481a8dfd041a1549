"""What a seal hashes, and how the first row that differs is found."""

import base64
from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

seals = load("aptic_voucher", "seals")


def seal(**changes):
    """A seal of nothing."""
    values = {
        "number": 1, "previous_hash": seals.FIRST, "id_from": 1, "id_to": 9, "row_count": 0,
        "made_at": datetime(2026, 7, 1, 8, 30), "columns": ",".join(seals.COLUMNS),
    }  # fmt: skip
    return seals.Seal(**{**values, **changes})


def leaves(rows):
    """The leaves of rows given as ``{id: text}``."""
    tape = seals.Tape(seal())
    for number in sorted(rows):
        tape.write(seals.line((number, rows[number])))
    return tape.leaves


def test_a_row_is_one_line_whatever_it_holds():
    values = (7, "block", datetime(2026, 7, 1, 8, 30, 0, 120000), date(2026, 7, 1), None, "a\tb\n\\N c\r\b\f\v é")
    assert seals.line(values) == (
        "7\tblock\t2026-07-01T08:30:00.12\t2026-07-01\t\\N\ta\\tb\\n\\\\N c\\r\\b\\f\\v é\n".encode()
    )
    assert seals.line((datetime(2026, 7, 1, 8, 30),)) == b"2026-07-01T08:30:00\n"
    assert seals.line((100,)) == b"100\n"


@given(st.lists(st.one_of(st.none(), st.integers(), st.text()), min_size=2, max_size=4).map(tuple), st.data())
def test_different_rows_are_different_lines(values, data):
    other = data.draw(st.lists(st.one_of(st.none(), st.integers(), st.text()), min_size=2, max_size=4).map(tuple))
    same = [str(value) if value is not None else None for value in values] == [
        str(value) if value is not None else None for value in other
    ]
    assert (seals.line(values) == seals.line(other)) == same
    assert seals.line(values).count(b"\n") == 1


def test_everything_that_a_seal_says_is_hashed():
    changes = {
        "number": 2, "previous_hash": "f" * 64, "id_from": 2, "id_to": 10, "row_count": 1,
        "made_at": datetime(2026, 7, 1, 8, 31), "columns": "id,kind",
    }  # fmt: skip
    hashes = {seals.Tape(seal()).hash} | {seals.Tape(seal(**{name: changes[name]})).hash for name in changes}
    assert len(hashes) == len(changes) + 1


def test_columns_of_a_seal_are_columns_of_the_ledger():
    assert seal().is_readable
    for wrong in ("id,kind", f"{seals.KNOWN[0]},1", "id,kind;DROP TABLE aptic_event", "", "id,pg_sleep(9)"):
        assert not seal(columns=wrong).is_readable


@given(
    st.dictionaries(st.integers(1, 40), st.text(max_size=3), max_size=20),
    st.dictionaries(st.integers(1, 40), st.text(max_size=3), max_size=20),
)
def test_the_first_difference_is_the_first(before, now):
    found = seals.first_difference(leaves(before), leaves(now))
    wrong = sorted(number for number in before.keys() | now.keys() if before.get(number) != now.get(number))
    if not wrong:
        assert found == ("seal", None)
        return
    first = wrong[0]
    kind = "missing" if first not in now else "inserted" if first not in before else "altered"
    assert found == (kind, first)


def test_leaves_that_cannot_be_read_are_the_seals_fault():
    rows = leaves({1: "a"})
    for wrong in (b"", b"%%%", rows[:-4], base64.b64encode(b"1234567")):
        assert seals.first_difference(wrong, rows)[0] in ("seal", "inserted")
