"""Rules made wider: whatever they allowed they still allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.conftest import load
from tests.unit.test_rules import FACTS, RULE

rules = load("aptic_voucher", "rules")
widening = load("aptic_voucher", "widening")

SOUND = RULE.filter(rules.may_agree)


@pytest.mark.parametrize(
    ("row", "change", "expected"),
    [
        ({"kind": "territory", "ids": [3, 5]}, {"ids": [4, 5]}, {"ids": [3, 4, 5]}),
        ({"kind": "provider", "ids": [3]}, {"ids": [1]}, {"ids": [1, 3]}),
        ({"kind": "excluded_provider", "ids": [3, 5]}, {"ids": [5, 9]}, {"ids": [3]}),
        ({"kind": "excluded_provider", "ids": [3]}, {"ids": [3]}, None),
        (
            {"kind": "dates", "from": "2027-01-10", "until": "2027-02-10"},
            {"from": "2027-01-09", "until": "2027-02-11"},
            {"from": "2027-01-09", "until": "2027-02-11"},
        ),
        (
            {"kind": "dates", "from": "2027-01-10", "until": "2027-02-10"},
            {"from": "2027-01-11", "until": "2027-02-11"},
            {"from": "2027-01-10", "until": "2027-02-11"},
        ),
        (
            {"kind": "dates", "from": None, "until": "2027-02-10"},
            {"from": "2027-01-11", "until": "2027-12-31"},
            {"from": None, "until": "2027-12-31"},
        ),
        ({"kind": "weekdays", "days": [1]}, {"days": [7]}, {"days": [1, 7]}),
        ({"kind": "weekdays", "days": [1, 2, 3]}, {"days": [4, 5, 6, 7]}, None),
        ({"kind": "max_price", "cents": 1000}, {"cents": 1500}, {"cents": 1500}),
        ({"kind": "max_per_day", "count": 1}, {"count": 2}, {"count": 2}),
        ({"kind": "no_copay"}, {}, None),
    ],
)
def test_each_kind_becomes_wider(row, change, expected):
    other = {"kind": "level", "ids": [1]}
    wider = [other] if expected is None else [other, {"kind": row["kind"], **expected}]
    assert widening.widened([other, row], [{"kind": row["kind"], **change}]) == wider


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ({"kind": "territory", "ids": [3, 5]}, {"kind": "territory", "ids": [3]}),
        ({"kind": "territory", "ids": [3, 5]}, {"kind": "service", "ids": [9]}),
        ({"kind": "excluded_provider", "ids": [3]}, {"kind": "excluded_provider", "ids": [4]}),
        (
            {"kind": "dates", "from": None, "until": "2027-02-10"},
            {"kind": "dates", "from": None, "until": "2027-02-09"},
        ),
        ({"kind": "max_price", "cents": 1000}, {"kind": "max_price", "cents": 999}),
        ({"kind": "max_per_day", "count": 2}, {"kind": "max_per_day", "count": 2}),
        ({"kind": "weekdays", "days": [1, 2]}, {"kind": "weekdays", "days": [2]}),
        ({"kind": "territory", "ids": [3]}, {"kind": "moon", "ids": [3]}),
        ({"kind": "territory", "ids": [3]}, {}),
    ],
)
def test_what_is_not_wider_is_refused(row, change):
    with pytest.raises(widening.NotWider):
        widening.widened([row], [change])


def test_nothing_is_no_change():
    with pytest.raises(widening.NotWider):
        widening.widened([{"kind": "territory", "ids": [3]}], [])


@settings(max_examples=400)
@given(st.lists(SOUND, min_size=1, max_size=4), st.lists(SOUND, min_size=1, max_size=2), st.lists(FACTS, max_size=5))
def test_what_was_allowed_stays_allowed(rows, changes, acts):
    try:
        wider = widening.widened(rows, changes)
    except widening.NotWider:
        return
    assert wider != rows
    for facts in acts:
        if not rules.refusing(rows, facts):
            assert not rules.refusing(wider, facts)
