"""The arithmetic of corrections: undone is undone, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

reversals = load("aptic_settlement", "reversals")

CENTS = st.integers(0, 10**7)


@given(CENTS, CENTS, CENTS)
def test_what_is_paid_and_what_is_carried_make_the_balance(net, taken_back, carried):
    end = reversals.balance(net, taken_back, carried)
    assert end.due - end.carried == net - taken_back - carried
    assert min(end) == 0 <= max(end)


@given(st.lists(st.tuples(CENTS, CENTS), max_size=24))
def test_over_the_months_no_cent_is_lost(months):
    carried, paid = 0, 0
    for net, taken_back in months:
        end = reversals.balance(net, taken_back, carried)
        carried, paid = end.carried, paid + end.due
    assert paid - carried == sum(net - taken_back for net, taken_back in months)


def test_nothing_is_negative():
    with pytest.raises(ValueError, match="-1"):
        reversals.balance(100, -1, 0)
