"""The provider's 96 %, the operator's 4 %, the fund's 1 %: to the cent, for any amount and any rule."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

fees = load("aptic_settlement", "fees")

DEFAULT = fees.Rule()
CENTS = st.integers(min_value=0, max_value=10**12)
RATES = st.integers(0, 3000)
TIERS = st.dictionaries(st.integers(1, 10**7), RATES, max_size=4).map(lambda tiers: tuple(sorted(tiers.items())))
RULES = st.builds(
    fees.Rule,
    rate_bp=RATES,
    payer=st.sampled_from(["provider", "sponsor"]),
    tax_bp=st.sampled_from([0, 550, 2000]),
    tax_included=st.booleans(),
    fund_bp=st.integers(0, 500),
    minimum=st.sampled_from([0, 0, 1, 500, 10_000]),
    tiers=TIERS,
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
    assert split.net >= 0


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


# ------------------------------------------------------------------------- tiers, minimum
@given(RULES, CENTS, CENTS)
def test_more_vouchers_never_cost_less(rule, one, other):
    few, many = sorted((one, other))
    assert fees.split(few, rule).fee <= fees.split(many, rule).fee


@given(RULES, CENTS)
def test_a_fee_is_never_above_the_gross_nor_a_minimum_asked_for_nothing(rule, gross):
    assert fees.split(gross, rule).fee <= gross
    assert fees.split(0, rule) == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("gross", "rule", "fee", "kind"),
    [
        (10_000, fees.Rule(minimum=500), 500, "minimum"),
        (20_000, fees.Rule(minimum=500), 800, "rate"),
        (300, fees.Rule(minimum=500), 300, "minimum"),
        (10_000, fees.Rule(minimum=500, tax_included=False), 600, "minimum"),
        (100_000, fees.Rule(tiers=((100_000, 300),)), 4000, "rate"),
        (150_000, fees.Rule(tiers=((100_000, 300),)), 5500, "tiers"),
        (300_000, fees.Rule(tiers=((100_000, 300), (200_000, 100))), 8000, "tiers"),
        (1000, fees.Rule(tax_included=False), 48, "rate"),
        (1000, fees.Rule(rate_bp=10_000, tax_included=False), 1000, "rate"),
    ],
)
def test_known_fees(gross, rule, fee, kind):
    assert (fees.split(gross, rule).fee, fees.kind(gross, rule)) == (fee, kind)


@given(RULES, CENTS, st.integers(1, 10**7))
def test_a_tier_with_the_same_rate_changes_nothing(rule, gross, start):
    plain = fees.Rule(rule.rate_bp)
    assert fees.amount(gross, fees.Rule(rule.rate_bp, tiers=((start, rule.rate_bp),))) == fees.amount(gross, plain)


@given(CENTS, st.integers(0, 10_000), st.sampled_from([550, 1000, 2000]))
def test_tax_on_top_is_the_tax_that_is_in(gross, rate_bp, tax_bp):
    untaxed = fees.amount(gross, fees.Rule(rate_bp))
    on_top = fees.half_up(untaxed * tax_bp, fees.BASIS)
    assert fees.tax_in(untaxed + on_top, tax_bp) == on_top


# ------------------------------------------------------------------------------ documents
@given(st.lists(st.tuples(st.integers(0, 10**8), RULES), max_size=8))
def test_the_parts_of_a_document_make_its_sums(parts):
    splits = fees.document(parts)
    for tax_bp in {rule.tax_bp for _gross, rule in parts}:
        same = [split for split, (_gross, rule) in zip(splits, parts, strict=True) if rule.tax_bp == tax_bp]
        assert sum(split.tax for split in same) == fees.tax_in(sum(split.fee for split in same), tax_bp)
    for split, (gross, rule) in zip(splits, parts, strict=True):
        alone = fees.split(gross, rule)
        assert split[:2] + split[3:] == alone[:2] + alone[3:]
        assert abs(split.tax - alone.tax) <= 1
        assert 0 <= split.tax <= split.fee


@given(RULES, st.lists(st.integers(1, 10**7), min_size=1, max_size=12))
def test_what_a_sponsor_pays_is_cut_over_the_statements_without_a_rest(rule, grosses):
    whole = fees.split(sum(grosses), rule)
    cuts = fees.cut(whole, grosses)
    assert sum(fee for fee, _tax in cuts) == whole.fee
    assert sum(tax for _fee, tax in cuts) == whole.tax
    assert all(0 <= tax <= fee <= gross for (fee, tax), gross in zip(cuts, grosses, strict=True))


@given(CENTS, RULES, st.integers(0, 3000))
def test_a_provider_may_pay_the_fund_s_share_besides_the_fee(gross, rule, fund_bp):
    rule = dataclasses.replace(rule, payer="provider", fund_payer="provider", fund_bp=fund_bp)
    out = fees.split(gross, rule)
    assert out.net == gross - out.fee - out.contribution >= 0
    assert out.fund == out.contribution <= fees.half_up(gross * fund_bp, fees.BASIS)
    before = fees.split(gross, dataclasses.replace(rule, fund_payer="operator"))
    assert (out.fee, out.tax) == (before.fee, before.tax), "outside the rate and outside VAT"
    assert before.net - out.net == out.contribution


def test_the_fund_s_share_that_a_provider_pays():
    assert fees.split(5000, fees.Rule(fund_payer="provider")) == (5000, 200, 33, 250, 4750, 50)
    assert fees.split(100, fees.Rule(minimum=100, fund_payer="provider")) == (100, 100, 17, 100, 0, 0)
