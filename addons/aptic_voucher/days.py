"""Days as the operator and the law count them: Europe/Paris, whatever the server's clock says."""

import calendar
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def paris_day(moment: datetime) -> date:
    """The day in metropolitan France at a moment.

    :param moment: a naive datetime in UTC, as Odoo keeps them
    """
    return paris_time(moment).date()


def paris_time(moment: datetime) -> datetime:
    """The time of day in metropolitan France at a moment, naive.

    :param moment: a naive datetime in UTC
    """
    return moment.replace(tzinfo=timezone.utc).astimezone(PARIS).replace(tzinfo=None)


def last_accepted_day(last_day: date, tolerance_months: int) -> date:
    """The last day on which a voucher is taken, inclusive.

    :param last_day: the last valid day printed on the voucher, inclusive
    :param tolerance_months: calendar months added; a day that the month lacks becomes the month's last
    """
    months = last_day.year * 12 + last_day.month - 1 + tolerance_months
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:  # typed by mistake: refused elsewhere, with a sentence
        return date.max if year > date.max.year else date.min
    month += 1
    return date(year, month, min(last_day.day, calendar.monthrange(year, month)[1]))
