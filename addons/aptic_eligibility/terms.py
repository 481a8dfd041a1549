"""The terms of a subscription: periods that follow each other, without a gap and without prorata. Plain Python."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

PERIODS = {"monthly": relativedelta(months=1), "yearly": relativedelta(years=1)}


def period_end(start: date, plan: str) -> date:
    """Return the last day of the period that begins on ``start``: 14 March → 13 April, for the monthly plan."""
    return start + PERIODS[plan] - timedelta(days=1)


def term_end(end: date, plan: str, day: date) -> date:
    """Return the last day of the period in which ``day`` lies, following on from one that ends on ``end``.

    A period that is paid for is never shortened: when ``end`` is still to come it is the answer.
    """
    while end < day:
        end = period_end(end + timedelta(days=1), plan)
    return end
