"""The rule engine: may a voucher of this order pay for this service, here, today, for this person?

An order's rules are frozen when it is confirmed as rows with a ``kind`` and the values of that kind (:data:`KINDS`):
``{"kind": "territory", "ids": [33, 64]}``. All rows must agree. A row that says nothing, that says more than its kind
has words for, or that nobody understands agrees with nothing: what a sponsor restricted is never taken by mistake.

What restricts the handing out of booklets rather than their use is no kind of this engine: the act of payment does not
know it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one voucher in one act of payment. None is what nobody knows yet; a rule about it refuses.

    ``territories`` are those that contain the place where the service is given: its municipality, all ancestors and its
    EPCI. ``day`` is the day at which validity is judged, ``price_cents`` what the service costs, ``covered_cents`` what
    all vouchers of the act are worth, ``booklet_count`` how many vouchers of this one's booklet are spent on that day,
    those of this act included.
    """

    territories: frozenset[int]
    place_type: int
    level: int
    category: int
    service: int
    audience: int | None
    provider: int
    day: date | None = None
    price_cents: int | None = None
    covered_cents: int | None = None
    booklet_count: int | None = None


# ------------------------------------------------------------------- values
def _numbers(rule: Rule, name: str) -> frozenset[int]:
    """A list of whole numbers; empty when it is anything else."""
    values = rule[name]
    if not isinstance(values, list | tuple) or not all(type(value) is int for value in values):
        return frozenset()
    return frozenset(values)


def _number(rule: Rule, name: str) -> int:
    """A number above zero; 0 when it is anything else."""
    value = rule[name]
    return value if type(value) is int and value > 0 else 0


def _bounds(rule: Rule) -> tuple[date, date] | None:
    """First and last day of a ``dates`` row, the widest where one is open; None when it says nothing."""
    values = rule["from"], rule["until"]
    if values == (None, None):
        return None
    try:
        first, last = (None if value is None else date.fromisoformat(value) for value in values)
    except (TypeError, ValueError):
        return None
    return first or date.min, last or date.max


# -------------------------------------------------------------------- kinds
def _one_of(name: str) -> Callable[[Rule, Facts], bool]:
    return lambda rule, facts: getattr(facts, name) in _numbers(rule, "ids")


def _territory(rule: Rule, facts: Facts) -> bool:
    return not facts.territories.isdisjoint(_numbers(rule, "ids"))


def _excluded_provider(rule: Rule, facts: Facts) -> bool:
    excluded = _numbers(rule, "ids")
    return bool(excluded) and facts.provider not in excluded


def _dates(rule: Rule, facts: Facts) -> bool:
    bounds = _bounds(rule)
    return bounds is not None and facts.day is not None and bounds[0] <= facts.day <= bounds[1]


def _weekdays(rule: Rule, facts: Facts) -> bool:
    return facts.day is not None and facts.day.isoweekday() in _numbers(rule, "days")


def _max_price(rule: Rule, facts: Facts) -> bool:
    return facts.price_cents is not None and facts.price_cents <= _number(rule, "cents")


def _no_copay(_rule: Rule, facts: Facts) -> bool:
    return (
        facts.price_cents is not None and facts.covered_cents is not None and facts.price_cents <= facts.covered_cents
    )


def _max_per_day(rule: Rule, facts: Facts) -> bool:
    return facts.booklet_count is not None and facts.booklet_count <= _number(rule, "count")


class Kind(NamedTuple):
    """A kind of rule: the values that its rows carry, how they judge an act, and the code of the refusal."""

    values: tuple[str, ...]
    judge: Callable[[Rule, Facts], bool]
    refusal: str


KINDS = {
    "territory": Kind(("ids",), _territory, "territory"),
    "place_type": Kind(("ids",), _one_of("place_type"), "place_type"),
    "level": Kind(("ids",), _one_of("level"), "service"),
    "category": Kind(("ids",), _one_of("category"), "service"),
    "service": Kind(("ids",), _one_of("service"), "service"),
    "audience": Kind(("ids",), _one_of("audience"), "audience"),
    "provider": Kind(("ids",), _one_of("provider"), "provider"),
    "excluded_provider": Kind(("ids",), _excluded_provider, "provider"),
    "dates": Kind(("from", "until"), _dates, "dates"),
    "weekdays": Kind(("days",), _weekdays, "weekdays"),
    "max_price": Kind(("cents",), _max_price, "max_price"),
    "no_copay": Kind((), _no_copay, "no_copay"),
    "max_per_day": Kind(("count",), _max_per_day, "max_per_day"),
}
NOT_UNDERSTOOD: Rule = {"kind": ""}
# Judged on the whole act: nobody knows it while vouchers are only looked at.
OF_THE_CHOICE = ("level", "category", "service", "audience", "max_price", "no_copay")


def kind_of(rule: Rule) -> Kind | None:
    """The kind of a row, or None when nobody understands the row."""
    if not isinstance(rule, Mapping) or not isinstance(rule.get("kind"), str):
        return None
    kind = KINDS.get(rule["kind"])
    return kind if kind and rule.keys() == {"kind", *kind.values} else None


def may_agree(rule: Rule) -> bool:
    """Whether the rule agrees with some act at all; what says nothing or is not understood never does."""
    kind = kind_of(rule)
    if kind is None:
        return False
    if "ids" in kind.values:
        return bool(_numbers(rule, "ids"))
    if rule["kind"] == "dates":
        bounds = _bounds(rule)
        return bounds is not None and bounds[0] <= bounds[1]
    if rule["kind"] == "weekdays":
        return not _numbers(rule, "days").isdisjoint(range(1, 8))
    return all(_number(rule, name) for name in kind.values)


# -------------------------------------------------------------------- engine
def agrees(rule: Rule, facts: Facts) -> bool:
    """Whether one frozen rule permits the act."""
    kind = kind_of(rule)
    return kind is not None and kind.judge(rule, facts)


def refusing(rules: Iterable[Rule], facts: Facts, ignore: Iterable[str] = ()) -> Rule | None:
    """The first rule that forbids the act, or None; :data:`NOT_UNDERSTOOD` for a row that nobody understands.

    :param ignore: kinds that are not known yet, such as the service while the voucher is only looked at
    """
    skipped = frozenset(ignore)
    found = (rule for rule in rules if name_of(rule) not in skipped and not agrees(rule, facts))
    return next((rule if kind_of(rule) else NOT_UNDERSTOOD for rule in found), None)


def name_of(rule: Rule) -> str:
    """The kind that a row names; empty when nobody understands the row."""
    return rule["kind"] if kind_of(rule) else ""


def refusal_of(rule: Rule) -> str:
    """The code of a refusal by this rule."""
    kind = kind_of(rule)
    return kind.refusal if kind else "service"


def first_day(rules: Iterable[Rule], since: date, until: date) -> date | None:
    """The first day of a period on which the rules about days agree, or None.

    :param since: first day of the period
    :param until: last day of it, inclusive
    """
    about_days = [rule for rule in rules if name_of(rule) in ("dates", "weekdays")]
    starts = [bounds[0] for rule in about_days if rule["kind"] == "dates" and (bounds := _bounds(rule))]
    facts = Facts(frozenset(), 0, 0, 0, 0, None, 0)
    first = max([since, *starts])
    for number in range(min(7, (until - first).days + 1)):
        day = first + timedelta(number)
        if not refusing(about_days, replace(facts, day=day)):
            return day
    return None
