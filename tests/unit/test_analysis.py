"""Percentages that make the cents again: what Odoo computes of them is what they were made of."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

analysis = load("aptic_settlement", "analysis")

CENTS = st.integers(-(10**8), 10**8)
SHARES = st.dictionaries(st.text("ab1,", max_size=4), CENTS, max_size=30)


@given(SHARES)
def test_percentages_sum_to_a_hundred_and_make_the_cents_again(cents):
    told = analysis.percentages(cents)
    whole = sum(cents.values())
    if not whole:
        assert told == {}
        return
    assert sum(Decimal(repr(share)).quantize(Decimal("1e-8")) for share in told.values()) == 100
    if abs(whole) > sum(map(abs, cents.values())) // 10:
        for key, share in told.items():
            amount = (Decimal(whole) * Decimal(repr(share)) / 100).quantize(Decimal(1), ROUND_HALF_UP)
            assert amount == cents[key]


def test_what_cancels_itself_out_has_no_shares():
    assert analysis.percentages({"a": 100, "b": -100}) == {}
    assert analysis.percentages({}) == {}


def test_what_is_taken_back_has_the_shares_it_came_with():
    given_back = {"a": -300, "b": -100}
    assert analysis.percentages(given_back) == analysis.percentages({"a": 300, "b": 100}) == {"a": 75, "b": 25}


def test_a_part_may_go_against_the_sum():
    assert analysis.percentages({"a": 300, "b": -100}) == {"a": 150, "b": -50}
