"""Parts of a lot: against a naive map from serial to place."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

lots = load("aptic_voucher", "lots")
PLACES = ("held", "handed", "returned", "lost")
ranges = st.tuples(st.integers(1, 30), st.integers(1, 30)).map(sorted).map(tuple)


def spread(parts):
    """Serial to place, one by one."""
    places = {}
    for part in parts:
        for serial in range(part.first, part.last + 1):
            assert serial not in places
            places[serial] = part.place
    return places


def parts_of(places):
    """The parts of a map, as many as serials."""
    return [lots.Part(serial, serial, place) for serial, place in places.items()]


@given(st.dictionaries(st.integers(1, 30), st.sampled_from(PLACES)), ranges, st.sampled_from(sorted(lots.MOVES)))
def test_a_move_moves_just_that(places, cut, act):
    source, target = lots.MOVES[act]
    first, last = cut
    wanted = range(first, last + 1)
    wrong = next((serial for serial in wanted if places.get(serial) != source), None)
    if wrong is None:
        after = lots.moved(parts_of(places), first, last, source, target)
        assert spread(after) == {**places, **dict.fromkeys(wanted, target)}
        for one, two in itertools.pairwise(after):
            assert one.last + 1 < two.first or one.place != two.place, "neighbours are joined"
    else:
        with pytest.raises(lots.NotThere) as refused:
            lots.moved(parts_of(places), first, last, source, target)
        assert (refused.value.serial, refused.value.place) == (wrong, places.get(wrong))


@given(st.lists(ranges, max_size=3), st.lists(ranges, max_size=4))
def test_what_is_free_is_what_is_owned_and_not_busy(owned, busy):
    islands = lots.joined([lots.Part(s, s, "x") for s in sorted({s for a, b in owned for s in range(a, b + 1)})])
    pairs = [(part.first, part.last) for part in islands]
    naive = {s for a, b in pairs for s in range(a, b + 1)} - {s for a, b in busy for s in range(a, b + 1)}
    found = lots.free(pairs, busy)
    assert sorted(naive) == [serial for first, last in found for serial in range(first, last + 1)]
    for (_first, last), (following, _last) in itertools.pairwise(found):
        assert last + 1 < following, "each range is as long as can be"


def test_figures_are_sums_of_the_ledger():
    totals = {"send": 20, "recall": 2, "receive": 18, "inject": 9, "restore": 1, "return": 3, "lose": 2, "find": 1}
    assert lots.figures(totals) == {"sent": 18, "transit": 0, "stock": 6, "handed": 8, "returned": 3, "lost": 1}
    assert set(lots.figures({}).values()) == {0}
    assert lots.figures({"send": 5})["transit"] == 5
