"""Periods of a subscription follow each other without a gap, and none is cut."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

terms = load("aptic_eligibility", "terms")
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("start", "plan", "end"),
    (
        (date(2026, 3, 14), "monthly", date(2026, 4, 13)),
        (date(2026, 1, 31), "monthly", date(2026, 2, 27)),
        (date(2028, 2, 29), "yearly", date(2029, 2, 27)),
        (date(2026, 3, 14), "yearly", date(2027, 3, 13)),
    ),
)
def test_the_last_day_of_a_period(start, plan, end):
    assert terms.period_end(start, plan) == end


@given(DAYS, DAYS, st.sampled_from(("monthly", "yearly")))
def test_the_day_lies_in_its_term(start, day, plan):
    first = terms.period_end(start, plan)
    end = terms.term_end(first, plan, day)
    assert end >= max(first, day)
    if day > first:
        assert end - timedelta(days=366 if plan == "yearly" else 31) < day


@given(DAYS, st.integers(0, 400), st.sampled_from(("monthly", "yearly")))
def test_a_paid_period_is_never_shortened(start, days, plan):
    end = terms.period_end(start, plan)
    assert terms.term_end(end, plan, end - timedelta(days=days)) == end
