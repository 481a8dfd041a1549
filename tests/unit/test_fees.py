"""The provider's 96 %, the operator's 4 %, the fund's 1 %: to the cent, for any amount."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

fees = load("aptic_settlement", "fees")

DEFAULT = fees.Rule(date(2017, 1, 1))
CENTS = st.integers(min_value=0, max_value=10**12)
RULES = st.builds(
    fees.Rule,
    date_from=st.just(date(2017, 1, 1)),
    rate_bp=st.integers(0, 3000),
    payer=st.sampled_from(["provider", "sponsor"]),
    tax_bp=st.sampled_from([0, 550, 2000]),
    tax_included=st.booleans(),
    fund_bp=st.integers(0, 500),
)


@pytest.mark.parametrize(
    ("gross", "fee", "tax", "net", "fund"),
    [
        (0, 0, 0, 0, 0),
        (1000, 40, 7, 960, 10),
        (100_000, 4000, 667, 96_000, 1000),
        (12, 0, 0, 12, 0),
        (13, 1, 0, 12, 0),
        (37, 1, 0, 36, 0),
        (38, 2, 0, 36, 0),
        (75, 3, 1, 72, 1),
        (1234, 49, 8, 1185, 12),
    ],
)
def test_known_amounts(gross, fee, tax, net, fund):
    split = fees.split(gross, DEFAULT)
    assert split == (gross, fee, tax, fee, net, fund)
    assert split.untaxed == fee - tax


@given(CENTS, RULES)
def test_no_cent_is_lost(gross, rule):
    split = fees.split(gross, rule)
    assert split.net + split.withheld == split.gross == gross
    assert split.untaxed + split.tax == split.fee
    assert 0 <= split.tax <= split.fee
    assert split.withheld == (split.fee if rule.payer == "provider" else 0)


@given(CENTS.map(lambda number: number * 25))
def test_exactly_96_percent_where_cents_allow(gross):
    split = fees.split(gross, DEFAULT)
    assert split.net * 100 == gross * 96
    assert split.fee * 100 == gross * 4


@given(CENTS)
def test_rounded_once_and_to_the_nearest(gross):
    split = fees.split(gross, DEFAULT)
    assert abs(split.fee - Fraction(gross * 4, 100)) <= Fraction(1, 2)
    assert abs(split.fund - Fraction(gross, 100)) <= Fraction(1, 2)
    assert abs(split.tax - Fraction(split.fee, 6)) <= Fraction(1, 2)


@given(CENTS, st.integers(1, 10**6))
def test_halves_go_up(whole, denominator):
    assert fees.half_up(2 * whole * denominator + denominator, 2 * denominator) == whole + 1


def test_a_negative_gross_is_refused():
    with pytest.raises(ValueError, match="-1"):
        fees.split(-1, DEFAULT)


@given(CENTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(sum))
def test_shares_lose_no_cent_and_are_fair(total, weights):
    parts = fees.shares(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


def test_shares_of_nothing():
    assert fees.shares(0, []) == []
    assert fees.shares(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="share"):
        fees.shares(1, [0])


def test_shares_give_the_odd_cent_to_the_largest_remainder():
    assert fees.shares(10, [1, 1, 1]) == [4, 3, 3]
    assert fees.shares(100, [1, 2]) == [33, 67]


@given(st.integers(0, 4000))
def test_one_rule_a_day(days):
    day = date(2018, 1, 1) + timedelta(days)
    turn = date(2021, 1, 1)
    rules = [fees.Rule(date(2017, 1, 1), turn - timedelta(1)), fees.Rule(turn, rate_bp=500, payer="sponsor")]
    assert fees.rule_at(rules, day) == rules[day >= turn]


def test_no_rule():
    with pytest.raises(fees.NoRuleError):
        fees.rule_at([DEFAULT], date(2016, 12, 31))
