"""Figures without small groups: sums stay, nothing small shows, no subtraction of two tables gives it away."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

small_groups = load("aptic_voucher", "small_groups")

LEAST = 5
PATHS = st.tuples(st.sampled_from(["2026-09", "2026-10"]), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3))
ROWS = st.dictionaries(PATHS, st.integers(1, 12), max_size=20).map(
    lambda found: [
        # As territories are: an area lies in one larger area only.
        ((month, a, 10 * a + b, 100 * a + 10 * b + c), (acts, 2 * acts))
        for (month, a, b, c), acts in found.items()
    ]
)


def test_what_is_large_enough_is_shown_as_it_is():
    rows = [(("m", "a"), (5,)), (("m", "b"), (9,))]
    assert small_groups.shown(rows, 2, LEAST) == [(("m", "a"), (5,)), (("m", "b"), (9,))]


def test_a_single_small_group_takes_the_smallest_large_one_with_it():
    rows = [(("m", "a"), (2,)), (("m", "b"), (9,)), (("m", "c"), (6,))]
    assert small_groups.shown(rows, 2, LEAST) == [(("m", "b"), (9,)), (("m", None), (8,))]


def test_small_groups_stay_together():
    rows = [(("m", "a"), (2,)), (("m", "b"), (3,)), (("m", "c"), (6,))]
    assert small_groups.shown(rows, 2, LEAST) == [(("m", "c"), (6,)), (("m", None), (5,))]


def test_a_group_without_a_large_part_is_shown_whole():
    assert small_groups.shown([(("m", "a"), (4,)), (("m", "b"), (4,))], 2, LEAST) == [(("m", None), (8,))]


def test_too_little_in_all_shows_nothing():
    assert small_groups.shown([(("m", "a"), (4,))], 2, LEAST) == []
    assert small_groups.shown([], 2, LEAST) == []


@given(ROWS)
def test_sums_stay_and_nothing_small_shows(rows):
    total = sum(figures[0] for _path, figures in rows)
    for depth in (1, 2, 3, 4):
        found = small_groups.shown(rows, depth, LEAST)
        assert all(figures[0] >= LEAST for _path, figures in found)
        assert all(figures[1] == 2 * figures[0] for _path, figures in found)
        assert sum(figures[0] for _path, figures in found) == (total if total >= LEAST else 0)
        assert len({path for path, _figures in found}) == len(found)


@given(ROWS)
def test_no_difference_of_two_tables_is_small(rows):
    """A coarse group less the finer ones that are shown inside it is nothing, or large enough."""
    tables = [dict(small_groups.shown(rows, depth, LEAST)) for depth in (1, 2, 3, 4)]
    for coarse, table in enumerate(tables):
        for finer in tables[coarse + 1 :]:
            inside = Counter()
            named = Counter()
            for path, figures in finer.items():
                inside[path[: coarse + 1]] += figures[0]
                named[path[: coarse + 1]] += figures[0] if None not in path else 0
            for path, figures in table.items():
                assert inside[path] == figures[0]
                rest = figures[0] - named[path]
                assert rest == 0 or rest >= LEAST
