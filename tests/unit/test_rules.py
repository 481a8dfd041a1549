"""The rule engine and the days, alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.conftest import load

rules = load("aptic_voucher", "rules")
days = load("aptic_voucher", "days")

KINDS = sorted(rules.KINDS)
REFUSALS = {name: kind.refusal for name, kind in rules.KINDS.items()}
IDS = st.integers(1, 12)
DAYS = st.dates(date(2026, 12, 1), date(2027, 1, 31))
CENTS = st.integers(1, 3000)
FACTS = st.builds(
    rules.Facts,
    territories=st.frozensets(IDS, min_size=1, max_size=5),
    place_type=IDS,
    level=IDS,
    category=IDS,
    service=IDS,
    audience=st.none() | IDS,
    provider=IDS,
    day=st.none() | DAYS,
    price_cents=st.none() | CENTS,
    covered_cents=st.none() | CENTS,
    booklet_count=st.none() | st.integers(1, 10),
)
BOUND = st.none() | DAYS.map(str)
NAMED = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            ["territory", "place_type", "level", "category", "service", "audience", "provider", "excluded_provider"]
        ),
        "ids": st.lists(IDS, max_size=4),
    }
)
PLAIN = st.one_of(
    st.fixed_dictionaries({"kind": st.just("dates"), "from": BOUND, "until": BOUND}),
    st.fixed_dictionaries({"kind": st.just("weekdays"), "days": st.lists(st.integers(1, 7), max_size=7)}),
    st.fixed_dictionaries({"kind": st.just("max_price"), "cents": st.integers(-5, 3000)}),
    st.just({"kind": "no_copay"}),
    st.fixed_dictionaries({"kind": st.just("max_per_day"), "count": st.integers(-1, 10)}),
)
RULE = NAMED | PLAIN
HERE = rules.Facts(frozenset({1, 2, 3}), 4, 5, 6, 7, 8, 9, date(2026, 12, 9), 1200, 2000, 2)  # a Wednesday
ROWS = {
    "territory": ({"ids": [99, 2]}, {"ids": [99]}),
    "place_type": ({"ids": [99, 4]}, {"ids": [99]}),
    "level": ({"ids": [99, 5]}, {"ids": [99]}),
    "category": ({"ids": [99, 6]}, {"ids": [99]}),
    "service": ({"ids": [99, 7]}, {"ids": [99]}),
    "audience": ({"ids": [99, 8]}, {"ids": [99]}),
    "provider": ({"ids": [99, 9]}, {"ids": [99]}),
    "excluded_provider": ({"ids": [99]}, {"ids": [99, 9]}),
    "dates": ({"from": "2026-12-09", "until": "2026-12-09"}, {"from": "2026-12-10", "until": None}),
    "weekdays": ({"days": [1, 3]}, {"days": [1, 2, 4, 5, 6, 7]}),
    "max_price": ({"cents": 1200}, {"cents": 1199}),
    "no_copay": ({}, None),
    "max_per_day": ({"count": 2}, {"count": 1}),
}


def first_refusal(rows, facts):
    """The code of the first refusal, or None when all rules agree."""
    rule = rules.refusing(rows, facts)
    return rule and rules.refusal_of(rule)


def naive(rule, facts):
    """The rules once more, as a sponsor would say them; well-formed rows only."""
    kind = rule["kind"]
    if kind == "territory":
        return any(one in facts.territories for one in rule["ids"])
    if kind == "excluded_provider":
        return len(rule["ids"]) > 0 and all(one != facts.provider for one in rule["ids"])
    if kind == "dates":
        days = (rule["from"], facts.day and str(facts.day), rule["until"])
        return any((days[0], days[2])) and bool(days[1]) and (days[0] or "0") <= days[1] <= (days[2] or "9")
    if kind == "weekdays":
        return facts.day is not None and (facts.day.weekday() + 1) in rule["days"]
    if kind == "max_price":
        return rule["cents"] > 0 and facts.price_cents is not None and not facts.price_cents > rule["cents"]
    if kind == "no_copay":
        return None not in (facts.price_cents, facts.covered_cents) and facts.price_cents - facts.covered_cents <= 0
    if kind == "max_per_day":
        return rule["count"] > 0 and facts.booklet_count is not None and not facts.booklet_count > rule["count"]
    return getattr(facts, kind) is not None and any(one == getattr(facts, kind) for one in rule["ids"])


def test_an_order_without_rules_is_taken_everywhere():
    assert first_refusal([], HERE) is None


def test_every_kind_is_tested():
    assert sorted(ROWS) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_agrees_and_refuses(kind):
    yes, no = ROWS[kind]
    assert first_refusal([{"kind": kind, **yes}], HERE) is None
    if no is not None:
        assert first_refusal([{"kind": kind, **no}], HERE) == REFUSALS[kind]


def test_nothing_left_to_pay_looks_at_all_vouchers_together():
    rule = [{"kind": "no_copay"}]
    assert first_refusal(rule, replace(HERE, price_cents=2000)) is None
    assert first_refusal(rule, replace(HERE, price_cents=2001)) == "no_copay"


@pytest.mark.parametrize(
    ("row", "first", "last"),
    [
        ({"from": "2026-12-09", "until": "2026-12-11"}, date(2026, 12, 9), date(2026, 12, 11)),
        ({"from": "2026-12-09", "until": None}, date(2026, 12, 9), None),
        ({"from": None, "until": "2026-12-11"}, None, date(2026, 12, 11)),
    ],
)
def test_both_days_of_a_period_count(row, first, last):
    rule, one = [{"kind": "dates", **row}], timedelta(1)
    for day, outside in ((first, first and first - one), (last, last and last + one)):
        if day:
            assert first_refusal(rule, replace(HERE, day=day)) is None
            assert first_refusal(rule, replace(HERE, day=outside)) == "dates"


def test_codes_are_those_that_the_desk_knows():
    assert set(REFUSALS.values()) == {
        "territory", "place_type", "service", "audience", "provider",
        "dates", "weekdays", "max_price", "no_copay", "max_per_day",
    }  # fmt: skip


def test_the_first_refusing_rule_is_told():
    both = [{"kind": "audience", "ids": [99]}, {"kind": "territory", "ids": [99]}]
    assert first_refusal(both, HERE) == "audience"
    assert first_refusal(both[::-1], HERE) == "territory"
    assert rules.refusing(both, HERE, ignore=("audience",)) == both[1]


@pytest.mark.parametrize("kind", ["audience", "dates", "weekdays", "max_price", "no_copay", "max_per_day"])
def test_what_nobody_knows_yet_does_not_pass_a_rule(kind):
    unknown = rules.Facts(frozenset({1}), 4, 5, 6, 7, None, 9)
    assert first_refusal([{"kind": kind, **ROWS[kind][0]}], unknown) == REFUSALS[kind]


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "moon", "ids": [1]},
        {"kind": "ids", "ids": [1]},
        {"kind": "service", "ids": []},
        {"kind": "service"},
        {"kind": "service", "ids": 7},
        {"kind": "service", "ids": "7"},
        {"kind": "service", "ids": ["7"]},
        {"kind": "service", "ids": [True, 7.0]},
        {"kind": "service", "ids": [[7]]},
        {"kind": "service", "ids": [7], "but": "never on a Sunday"},
        {"kind": ["service"], "ids": [7]},
        {"kind": None},
        {"ids": [7]},
        {},
        "service",
        7,
        None,
        ["kind", "ids"],
    ],
)
def test_what_is_not_understood_is_refused(rule):
    assert first_refusal([rule], HERE) == "service"
    if not rules.kind_of(rule):
        assert rules.refusing([rule], HERE, ignore=KINDS) == rules.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "excluded_provider", "ids": []},
        {"kind": "excluded_provider", "ids": ["99"]},
        {"kind": "dates", "from": None, "until": None},
        {"kind": "dates", "from": "", "until": "2027-01-01"},
        {"kind": "dates", "from": "soon", "until": None},
        {"kind": "dates", "from": 20261201, "until": None},
        {"kind": "dates", "from": "2026-12-11", "until": "2026-12-01"},
        {"kind": "weekdays", "days": []},
        {"kind": "weekdays", "days": "3"},
        {"kind": "max_price", "cents": None},
        {"kind": "max_price", "cents": "99999"},
        {"kind": "max_price", "cents": 99999.0},
        {"kind": "no_copay", "cents": 99999},
        {"kind": "max_per_day", "count": True},
        {"kind": "max_per_day", "count": 0},
    ],
)
def test_a_row_whose_values_make_no_sense_is_refused(rule):
    assert first_refusal([rule], HERE) is not None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one, max_size=3)),
       st.sampled_from(KINDS), FACTS)  # fmt: skip
def test_no_value_makes_the_engine_fail(value, kind, facts):
    row = {"kind": kind, **dict.fromkeys(rules.KINDS[kind].values, value)}
    assert rules.agrees(row, facts) in (True, False)


@settings(max_examples=500)
@given(st.lists(RULE, max_size=6), FACTS)
def test_the_engine_says_what_a_naive_reader_says(many, facts):
    for rule in many:
        assert rules.agrees(rule, facts) == naive(rule, facts), rule
    assert (first_refusal(many, facts) is None) == all(naive(rule, facts) for rule in many)


@given(st.lists(PLAIN, max_size=4), DAYS, st.integers(0, 60))
def test_the_first_day_is_the_first_one_on_which_days_agree(many, since, length):
    until = since + timedelta(length)
    about_days = [rule for rule in many if rule["kind"] in ("dates", "weekdays")]
    days = [since + timedelta(number) for number in range(length + 1)]
    expected = next((day for day in days if all(naive(rule, replace(HERE, day=day)) for rule in about_days)), None)
    assert rules.first_day(many, since, until) == expected


@given(st.lists(RULE, max_size=6), FACTS)
def test_all_rules_must_agree(many, facts):
    alone = [first_refusal([rule], facts) for rule in many]
    assert first_refusal(many, facts) == next((code for code in alone if code), None)


@given(st.lists(RULE, max_size=6), FACTS, st.randoms())
def test_order_never_turns_a_no_into_a_yes(many, facts, random):
    shuffled = random.sample(many, len(many))
    assert (first_refusal(many, facts) is None) == (first_refusal(shuffled, facts) is None)


@given(NAMED.filter(lambda rule: rule["kind"] != "excluded_provider"), FACTS, st.lists(IDS, max_size=4))
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


def test_a_day_typed_by_mistake_does_not_fail():
    assert days.last_accepted_day(date(9999, 12, 31), 1) == date.max
    assert days.last_accepted_day(date(2026, 1, 1), -(10**9)) == date.min


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 24))
def test_more_tolerance_is_never_shorter(last, months):
    accepted = days.last_accepted_day(last, months)
    assert timedelta(0) <= accepted - last <= timedelta(31 * months)
    assert accepted <= days.last_accepted_day(last, months + 1)
