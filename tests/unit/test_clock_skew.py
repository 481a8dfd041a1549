"""The time at which an act is judged: the desk's, within bounds on both sides."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

bounded = load("aptic_voucher", "acts").bounded
moments = st.datetimes(datetime(2000, 1, 1), datetime(9999, 12, 31))
nows = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1))


@given(moments, nows, st.integers(0, 200))
def test_never_ahead_and_never_further_back_than_allowed(shown, now, hours):
    judged = bounded(shown, now, hours)
    assert now - timedelta(hours=hours) <= judged <= now
    if now - timedelta(hours=hours) <= shown <= now:
        assert judged == shown


@given(moments, moments, nows)
def test_the_order_of_acts_is_kept(first, second, now):
    assert (first <= second) <= (bounded(first, now, 24) <= bounded(second, now, 24))
