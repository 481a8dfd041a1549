"""The arithmetic of corrections: undone is undone, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

fees = load("aptic_settlement", "fees")
reversals = load("aptic_settlement", "reversals")

CENTS = st.integers(0, 10**7)
ACTS = st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from([7, 8, 9])), min_size=1, max_size=30).map(
    lambda pairs: [reversals.Act(number, face, fund) for number, (face, fund) in enumerate(pairs)]
)


def settled(acts, rate_bp, fund_bp):
    """What a settlement makes of the acts: the fee, and what each fund receives."""
    rule = fees.Rule(None, rate_bp=rate_bp, fund_bp=fund_bp)
    split = fees.split(sum(act.face for act in acts), rule)
    funds = sorted({act.fund for act in acts})
    shares = fees.shares(split.fund, [sum(act.face for act in acts if act.fund == fund) for fund in funds])
    return split, dict(zip(funds, shares, strict=True))


@given(ACTS, st.integers(0, 10_000), st.integers(0, 10_000))
def test_all_reversed_nothing_is_left(acts, rate_bp, fund_bp):
    split, funds = settled(acts, rate_bp, fund_bp)
    undone = [reversals.parts(acts, act.id, split.fee, funds) for act in acts]
    assert sum(part.face for part in undone) == split.gross
    assert sum(part.fee for part in undone) == split.fee
    assert sum(part.net for part in undone) == split.net
    for fund, cents in funds.items():
        assert sum(part.share for part in undone if part.fund == fund) == cents


@given(ACTS, st.integers(0, 10_000), st.data())
def test_a_part_is_within_a_cent_of_its_share(acts, rate_bp, data):
    split, funds = settled(acts, rate_bp, 100)
    act = data.draw(st.sampled_from(acts))
    part = reversals.parts(acts, act.id, split.fee, funds)
    assert part.face == act.face
    assert abs(part.fee * split.gross - split.fee * act.face) < split.gross
    assert 0 <= part.fee <= part.face


def test_of_ten_euros_the_provider_gives_back_nine_sixty():
    acts = [reversals.Act(1, 1000, 7), reversals.Act(2, 3000, 7)]
    part = reversals.parts(acts, 1, 160, {7: 40})
    assert (part.face, part.fee, part.net, part.share) == (1000, 40, 960, 10)


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


@pytest.mark.parametrize(("fee", "tax"), [(0, 0), (40, 7), (120, 20), (233, 39)])
def test_the_vat_of_a_credit_note_is_that_of_its_fee(fee, tax):
    assert reversals.tax_in(fee, 2000) == tax


@given(st.lists(CENTS, max_size=12), st.sampled_from((0, 550, 2000)))
def test_over_the_months_an_invoice_gives_back_the_vat_of_its_sum(months, tax_bp):
    before = given_back = 0
    for fee in months:
        given_back += reversals.tax_given_back(before, fee, tax_bp)
        before += fee
    assert given_back == reversals.tax_in(sum(months), tax_bp)


def test_two_fees_of_forty_cents_have_seven_and_six_cents_of_vat():
    assert (reversals.tax_given_back(0, 40, 2000), reversals.tax_given_back(40, 40, 2000)) == (7, 6)


def test_nothing_is_negative():
    with pytest.raises(ValueError, match="-1"):
        reversals.balance(100, -1, 0)
