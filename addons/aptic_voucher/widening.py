"""An order's frozen rules made wider: more territories, a later last day, a higher price; never narrower.

What is asked for is a list of rows of the rule engine that say what is to be allowed **besides**: the ids to add, the
new bounds, the higher maximum; for excluded providers those to admit again, for ``no_copay`` the rule itself, which is
given up.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from .rules import Rule, kind_of, name_of

EVERY_DAY = set(range(1, 8))


class NotWider(ValueError):
    """What is asked for allows nothing more: the order has no rule of this kind, or allows all that already."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def widened(rows: Iterable[Rule], changes: Sequence[Rule]) -> list[Rule]:
    """The rules with what the changes allow besides; whatever the rules allowed they still allow.

    :param rows: frozen rows of an order
    :param changes: rows that say what is added, at least one
    :raise NotWider: when a change adds nothing
    """
    rows = list(rows)
    if not changes:
        raise NotWider("")
    for change in changes:
        kind = name_of(change)
        left = applied(rows, change)
        if not kind or left == rows:
            raise NotWider(kind)
        rows = left
    return rows


def applied(rows: Iterable[Rule], change: Rule) -> list[Rule]:
    """The rules that are left once a change allows what it asks for besides."""
    wider = (widened_row(row, change) for row in rows)
    return [row for row in wider if row is not None]


def widened_row(row: Rule, change: Rule) -> Rule | None:
    """One rule with what a change allows besides; None when nothing is left to restrict, the rule itself where the
    change is about another kind."""
    if kind_of(row) is None or name_of(row) != name_of(change):
        return row
    kind = row["kind"]
    if kind == "excluded_provider":
        left = sorted(set(row["ids"]) - set(change["ids"]))
        return {**row, "ids": left} if left else None
    if kind == "dates":
        return {
            **row,
            "from": _bound(min, row["from"], change["from"]),
            "until": _bound(max, row["until"], change["until"]),
        }
    if kind == "weekdays":
        days = set(row["days"]) | set(change["days"])
        return {**row, "days": sorted(days)} if days < EVERY_DAY else None
    if kind == "no_copay":
        return None
    if kind in ("max_price", "max_per_day"):
        (name,) = kind_of(row).values
        return {**row, name: max(row[name], change[name])}
    return {**row, "ids": sorted(set(row["ids"]) | set(change["ids"]))}


def _bound(wider: Any, old: str | None, new: str | None) -> str | None:
    """The wider of two bounds; an open one stays open, and nothing asked for leaves the old one."""
    if old is None or new is None:
        return old
    return wider(date.fromisoformat(old), date.fromisoformat(new)).isoformat()
