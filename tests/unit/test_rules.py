"""The rule engine and the days, alone."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

rules = load("aptic_voucher", "rules")
days = load("aptic_voucher", "days")

KINDS = sorted(rules.REFUSALS)
IDS = st.integers(1, 12)
FACTS = st.builds(
    rules.Facts,
    territories=st.frozensets(IDS, min_size=1, max_size=5),
    place_type=IDS,
    level=IDS,
    category=IDS,
    service=IDS,
    audience=st.none() | IDS,
    provider=IDS,
)
RULE = st.fixed_dictionaries({"kind": st.sampled_from(KINDS), "ids": st.lists(IDS, max_size=4)})
HERE = rules.Facts(frozenset({1, 2, 3}), 4, 5, 6, 7, 8, 9)
AGREEING = {"territory": 2, "place_type": 4, "level": 5, "category": 6, "service": 7, "audience": 8, "provider": 9}


def test_an_order_without_rules_is_taken_everywhere():
    assert rules.first_refusal([], HERE) is None


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_agrees_and_refuses(kind):
    assert rules.first_refusal([{"kind": kind, "ids": [99, AGREEING[kind]]}], HERE) is None
    assert rules.first_refusal([{"kind": kind, "ids": [99]}], HERE) == rules.REFUSALS[kind]


def test_codes_are_those_that_the_desk_knows():
    assert set(rules.REFUSALS.values()) == {"territory", "place_type", "service", "audience", "provider"}


def test_the_first_refusing_rule_is_told():
    both = [{"kind": "audience", "ids": [99]}, {"kind": "territory", "ids": [99]}]
    assert rules.first_refusal(both, HERE) == "audience"
    assert rules.first_refusal(both[::-1], HERE) == "territory"
    assert rules.refusing(both, HERE, ignore=("audience",)) == both[1]


def test_an_audience_nobody_asked_for_does_not_pass_a_rule():
    unasked = rules.Facts(frozenset({1}), 4, 5, 6, 7, None, 9)
    assert rules.first_refusal([{"kind": "audience", "ids": [8]}], unasked) == "audience"


@pytest.mark.parametrize(
    "rule", [{"kind": "moon", "ids": [1]}, {"kind": "ids", "ids": [1]}, {"kind": "service", "ids": []}]
)
def test_what_is_not_understood_is_refused(rule):
    assert rules.first_refusal([rule], HERE) == "service"


@given(st.lists(RULE, max_size=6), FACTS)
def test_all_rules_must_agree(many, facts):
    alone = [rules.first_refusal([rule], facts) for rule in many]
    assert rules.first_refusal(many, facts) == next((code for code in alone if code), None)


@given(st.lists(RULE, max_size=6), FACTS, st.randoms())
def test_order_never_turns_a_no_into_a_yes(many, facts, random):
    shuffled = random.sample(many, len(many))
    assert (rules.first_refusal(many, facts) is None) == (rules.first_refusal(shuffled, facts) is None)


@given(RULE, FACTS, st.lists(IDS, max_size=4))
def test_a_wider_rule_refuses_no_more(rule, facts, more):
    if rules.agrees(rule, facts):
        assert rules.agrees({**rule, "ids": rule["ids"] + more}, facts)


# ----------------------------------------------------------------------- days
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 31, 22, 59, 59), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0), date(2026, 2, 1)),
        (datetime(2026, 6, 30, 21, 59, 59), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0), date(2026, 7, 1)),
    ],
)
def test_a_day_ends_at_midnight_in_paris(moment, expected):
    assert days.paris_day(moment) == expected


@pytest.mark.parametrize(
    ("last", "months", "expected"),
    [
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 15), 14, date(2028, 1, 15)),
    ],
)
def test_the_tolerance_is_counted_in_calendar_months(last, months, expected):
    assert days.last_accepted_day(last, months) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 24))
def test_more_tolerance_is_never_shorter(last, months):
    accepted = days.last_accepted_day(last, months)
    assert timedelta(0) <= accepted - last <= timedelta(31 * months)
    assert accepted <= days.last_accepted_day(last, months + 1)
