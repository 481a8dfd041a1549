"""The rule engine: may a voucher of this order pay for this service, here, for this person?

An order's rules are frozen when it is confirmed as rows ``{"kind": …, "ids": [...]}``. All rows must agree; a row
agrees when one of its ids is a fact of the act. A row that says nothing or that nobody understands agrees with nothing:
what a sponsor restricted is never taken by mistake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Rule = Mapping[str, Any]

REFUSALS = {
    "territory": "territory",
    "place_type": "place_type",
    "level": "service",
    "category": "service",
    "service": "service",
    "audience": "audience",
    "provider": "provider",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one act of payment, as ids.

    ``territories`` are those that contain the place where the service is given: its municipality, all ancestors and its
    EPCI. ``audience`` is None as long as nobody was asked.
    """

    territories: frozenset[int]
    place_type: int
    level: int
    category: int
    service: int
    audience: int | None
    provider: int

    def ids(self, kind: str) -> frozenset[int]:
        """The ids that a rule of this kind is compared with; none for an unknown kind."""
        if kind == "territory":
            return self.territories
        value = getattr(self, kind) if kind in REFUSALS else None
        return frozenset() if value is None else frozenset((value,))


def agrees(rule: Rule, facts: Facts) -> bool:
    """Whether one frozen rule permits the act."""
    return not facts.ids(rule["kind"]).isdisjoint(rule["ids"])


def refusing(rules: Iterable[Rule], facts: Facts, ignore: Iterable[str] = ()) -> Rule | None:
    """The first rule that forbids the act, or None.

    :param ignore: kinds that are not known yet, such as the service while the voucher is only looked at
    """
    skipped = frozenset(ignore)
    return next((rule for rule in rules if rule["kind"] not in skipped and not agrees(rule, facts)), None)


def first_refusal(rules: Iterable[Rule], facts: Facts) -> str | None:
    """The refusal code of the first rule that forbids the act, or None when all agree."""
    rule = refusing(rules, facts)
    return rule and REFUSALS.get(rule["kind"], "service")
