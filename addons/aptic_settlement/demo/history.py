"""The demonstration's three months of money: what happens on which day, as plain values."""

import calendar
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
SEGREGATED_IBAN = "FR7630006000011234567890189"
OPERATOR_IBAN = "FR1420041010050500013M02606"
# Share of the week's visits by weekday, Monday first, and of the day's by hour.
WEEK = (0.6, 1.2, 1.4, 1.1, 1.2, 1.0, 0)
HOURS = (9, 10, 10, 10, 11, 11, 14, 14, 15, 15, 15, 16, 16, 17, 18)
VISITS_A_DAY = 5


@dataclass(frozen=True)
class Order:
    """An order that was paid: days count from the first day of the month three months ago (``months`` later)."""

    name: str
    sponsor: str
    quantity: int
    size: int
    month: int
    day: int
    last_month: int
    last_day: int
    message: str
    tolerance: int = 1
    rules: tuple = ()
    departments: tuple = ()
    end: str = ""


# Months count from three months before the current one (0) to the current one (3).
ORDERS = (
    Order("departement", "departement", 260, 10, 0, 4, 9, 28, "Le numérique pour tous, avec votre Département",
          rules=(("territory", "department", "33"),), departments=("33",)),
    Order("fondation", "fondation", 240, 10, 0, 6, 8, 28, "Osez le numérique !"),
    Order("ccas", "ccas", 100, 5, 0, 8, 6, 28, "Votre CCAS vous accompagne",
          rules=(("territory", "department", "64"),), departments=("64",)),
    Order("expired", "ccas", 40, 5, 0, 3, 1, 20, "Premiers pas en ligne", departments=("64",), end="expired"),
    Order("closed", "fondation", 20, 10, 0, 2, 1, 16, "Un été connecté", tolerance=0,
          departments=("33",), end="closed"),
    Order("departement_2", "departement", 200, 10, 2, 4, 10, 28, "Vos démarches en ligne, accompagnés",
          rules=(("territory", "department", "33"),), departments=("33",)),
)  # fmt: skip

# Paid in part only; its last day is moved when the demonstration is loaded, so that it always ends soon.
DEPOSIT = Order("deposit", "ccas", 50, 5, 2, 3, 3, 1, "Vos premiers clics", tolerance=2)


def add_months(first: date, months: int) -> date:
    """Return the first day of the month ``months`` after that of ``first``."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the naive UTC datetime of an hour in Paris."""
    local = datetime.combine(day, time(hour, minute), PARIS)
    return local.astimezone(timezone.utc).replace(tzinfo=None)


def day_of(origin: date, month: int, day: int) -> date:
    """Return a day of a month counted from ``origin``; days beyond its end are its last."""
    first = add_months(origin, month)
    return first.replace(day=min(day, calendar.monthrange(first.year, first.month)[1]))


def visits(first: date, last: date, chance: random.Random):
    """Yield the moments (naive UTC) of visits from ``first`` to ``last``, in order."""
    day = first
    while day <= last:
        count = int(VISITS_A_DAY * WEEK[day.weekday()] * chance.uniform(0.5, 1.4) + 0.5)
        yield from sorted(moment(day, chance.choice(HOURS), chance.randrange(60)) for _visit in range(count))
        day += timedelta(days=1)
