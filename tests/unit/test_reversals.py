"""The arithmetic of corrections: undone is undone, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

fees = load("aptic_settlement", "fees")
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


@given(st.lists(CENTS, max_size=12), st.sampled_from((0, 550, 2000)))
def test_over_the_months_an_invoice_gives_back_the_vat_of_its_sum(months, tax_bp):
    before = given_back = 0
    for fee in months:
        given_back += reversals.tax_given_back(before, fee, tax_bp)
        before += fee
    assert given_back == fees.tax_in(sum(months), tax_bp)


def test_two_fees_of_forty_cents_have_seven_and_six_cents_of_vat():
    assert (reversals.tax_given_back(0, 40, 2000), reversals.tax_given_back(40, 40, 2000)) == (7, 6)


def test_nothing_is_negative():
    with pytest.raises(ValueError, match="-1"):
        reversals.balance(100, -1, 0)
