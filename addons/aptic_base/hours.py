"""Opening hours: OpenStreetMap's syntax on one side, a week as people fill it in on the other. Plain Python.

The syntax is judged by ``opening_hours`` (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification).
"""

import re
from datetime import datetime, timedelta, timezone
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, State

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
STRETCHES = 2  # of a day in the form: morning and afternoon
_TIME = r"(?:[01]?[0-9]|2[0-4]):[0-5][0-9]"
_RULE = re.compile(
    rf"(?:(?P<days>(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su))*)\s+)?"
    rf"(?P<hours>off|closed|{_TIME}-{_TIME}(?:\s*,\s*{_TIME}-{_TIME})*)"
)
_TYPED = re.compile(r"([0-9]{1,2})(?:\s*[:hH.]\s*([0-9]{2})?)?")


class BadHours(ValueError):
    """Hours that cannot be read, or that end before they begin."""


def check(text):
    """Return hours in OpenStreetMap's syntax without needless spaces.

    :raise BadHours: when they are not in that syntax
    """
    cleaned = " ".join((text or "").split()).rstrip("; ")
    try:
        OpeningHours(cleaned, auto_country=False, auto_timezone=False)
    except ParserError as error:
        raise BadHours(cleaned) from error
    return cleaned


def time(text):
    """Return a time as typed (``9``, ``9h``, ``9 h 30``, ``09:30``) as ``HH:MM``; empty when nothing is typed.

    :raise BadHours: when it is no time of a day; 24:00 is the end of one
    """
    cleaned = (text or "").strip()
    if not cleaned:
        return ""
    found = _TYPED.fullmatch(cleaned) if cleaned.isascii() else None
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if hour * 60 + minute > 24 * 60 or minute > 59:
        raise BadHours(text)
    return f"{hour:02}:{minute:02}"


def day(stretches):
    """Return a day's stretches in order: ``[("09:00", "12:00"), ("14:00", "18:00")]``.

    :param stretches: pairs of times as typed; an empty pair is none
    :raise BadHours: when half of a pair is missing, or a stretch ends before it begins or runs into the next
    """
    found = sorted((time(start), time(end)) for start, end in stretches)
    found = [pair for pair in found if pair != ("", "")]
    flat = [moment for pair in found for moment in pair]
    if "" in flat or any(start >= end for start, end in found) or flat != sorted(flat):
        raise BadHours(stretches)
    return found


def write(week):
    """Return a week in OpenStreetMap's syntax; days in a row with the same hours are one rule.

    :param dict week: the stretches of each of ``DAYS``, as :func:`day` gives them
    """
    rules = []
    for name in DAYS:
        hours = ",".join(f"{start}-{end}" for start, end in week.get(name) or ())
        if rules and rules[-1][2] == hours:
            rules[-1][1] = name
        else:
            rules.append([name, name, hours])
    return "; ".join(
        f"{first if first == last else f'{first}-{last}'} {hours}" for first, last, hours in rules if hours
    )


def read(text):
    """Return the week that hours tell, or None when they tell more than a week (seasons, holidays, remarks).

    :param str text: hours that :func:`check` accepts
    """
    if not text:
        return {name: [] for name in DAYS}
    if text.strip() == "24/7":
        return {name: [("00:00", "24:00")] for name in DAYS}
    week = {name: [] for name in DAYS}
    for rule in text.rstrip("; ").split(";"):
        found = _RULE.fullmatch(rule.strip())
        if not found:
            return None
        pairs = [] if found["hours"] in ("off", "closed") else found["hours"].split(",")
        try:
            stretches = day(pair.strip().split("-") for pair in pairs)
        except BadHours:  # past midnight
            return None
        for name in _days(found["days"]):
            week[name] = stretches
    return week


def open_spans(text, first, last, zone="Europe/Paris"):
    """Return when hours are open, from one day to another: ``[(start, end)]``, naive UTC, in order.

    What may be open (``unknown``, on appointment) counts as open.

    :param str text: hours that :func:`check` accepts
    :param date first: the first day, where the place is
    :param date last: the last day, inclusive
    :param str zone: name of the place's time zone
    """
    local = ZoneInfo(zone)
    starts = datetime.combine(first, clock_time.min)
    ends = datetime.combine(last + timedelta(days=1), clock_time.min)
    found = OpeningHours(text, auto_country=False, auto_timezone=False).intervals(starts, ends)
    return [
        tuple(moment.replace(tzinfo=local).astimezone(timezone.utc).replace(tzinfo=None) for moment in (start, end))
        for start, end, state, _comment in found
        if state != State.CLOSED
    ]


def fits_form(week):
    """Whether a week, as :func:`read` gives it, can be shown with a morning and an afternoon a day."""
    return week is not None and all(len(stretches) <= STRETCHES for stretches in week.values())


def spans(week):
    """Group days in a row with the same hours, closed ones left out: ``[(first, last, stretches)]``, days by number."""
    found = []
    for number, name in enumerate(DAYS):
        stretches = week[name]
        if found and found[-1][1] == number - 1 and found[-1][2] == stretches:
            found[-1] = (found[-1][0], number, stretches)
        elif stretches:
            found.append((number, number, stretches))
    return found


def _days(selector):
    """Yield the days of a selector such as ``Mo-We,Fr``; a range may run over Sunday. None is every day."""
    for part in (selector or "Mo-Su").split(","):
        first, _dash, last = part.partition("-")
        start = DAYS.index(first)
        count = (DAYS.index(last or first) - start) % 7 + 1
        for number in range(start, start + count):
            yield DAYS[number % 7]
