"""Arithmetic of the analysis: shares of an amount as percentages that make its cents again, none lost.

Odoo keeps what a line is about as percentages and makes amounts of them. With enough decimals, and when they sum to
exactly 100, each amount comes out as the cents that it was made of.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from .fees import shares

DECIMALS = 8  # exact to the cent up to 50 million euros a line
UNITS = 10**DECIMALS

Key = TypeVar("Key", bound=Hashable)


def percentages(cents: Mapping[Key, int]) -> dict[Key, float]:
    """Each share of a sum in per cent, largest remainder first, so that together they are 100.

    :param cents: the shares; what is taken back is below zero
    :return: nothing when the shares cancel each other out, for a sum of zero has no shares
    """
    parts = {key: part for key, part in cents.items() if part}
    whole = sum(parts.values())
    if not whole:
        return {}
    sign = 1 if whole > 0 else -1
    units = shares(100 * UNITS, [sign * part for part in parts.values()])
    return {key: unit / UNITS for key, unit in zip(parts, units, strict=True)}


def add(rows: Sequence[tuple[Key, int]]) -> dict[Key, int]:
    """Sum cents by key, first key first."""
    sums: dict[Key, int] = {}
    for key, cents in rows:
        sums[key] = sums.get(key, 0) + cents
    return sums
