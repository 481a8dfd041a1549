"""Arithmetic of the counter-payment: whole cents in, whole cents out, rounded once.

Source of the rule: the guide, « Le contre-paiement de vos services » (the sum of the vouchers less 4 %) and « 1 % des
valeurs qui transitent […] est reversé à un fonds territorial ».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

BASIS = 10_000  # basis points in one


@dataclass(frozen=True, slots=True)
class Rule:
    """A fee in force from one day to another (both inclusive; no last day: until further notice)."""

    date_from: date
    date_to: date | None = None
    rate_bp: int = 400
    payer: str = "provider"
    tax_bp: int = 2000
    tax_included: bool = True
    fund_bp: int = 100

    def covers(self, day: date) -> bool:
        """Whether the rule is in force on ``day``."""
        return self.date_from <= day and (self.date_to is None or day <= self.date_to)


class NoRuleError(LookupError):
    """No fee rule is in force on that day."""


class Split(NamedTuple):
    """What becomes of a gross amount, in cents."""

    gross: int
    fee: int  # tax included, whoever pays it
    tax: int  # the part of ``fee`` that is VAT
    withheld: int  # what the provider leaves: the fee, or nothing when the sponsor pays it
    net: int  # what the provider receives
    fund: int  # what the operator owes to the territorial fund

    @property
    def untaxed(self) -> int:
        """The fee before tax, in cents."""
        return self.fee - self.tax


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative integers rounded to the nearest one, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def rule_at(rules: Sequence[Rule], day: date) -> Rule:
    """The rule in force on ``day``.

    :raise NoRuleError: when there is none
    """
    for rule in rules:
        if rule.covers(day):
            return rule
    raise NoRuleError(day)


def split(gross: int, rule: Rule) -> Split:
    """Share a provider's gross amount between provider, operator, State and fund; each is rounded once.

    :param gross: face value of the vouchers, in cents
    :param rule: the fee rule in force
    :raise ValueError: when ``gross`` is negative
    """
    if gross < 0:
        raise ValueError(gross)
    amount = half_up(gross * rule.rate_bp, BASIS)
    if rule.tax_included:
        fee, tax = amount, half_up(amount * rule.tax_bp, BASIS + rule.tax_bp)
    else:
        tax = half_up(amount * rule.tax_bp, BASIS)
        fee = amount + tax
    withheld = fee if rule.payer == "provider" else 0
    return Split(gross, fee, tax, withheld, gross - withheld, half_up(gross * rule.fund_bp, BASIS))


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Cut ``total`` cents in proportion to ``weights`` so that no cent is lost (largest remainder, first one first).

    :raise ValueError: when there is something to share and no weight
    """
    whole = sum(weights)
    if not whole:
        if total:
            raise ValueError("Nothing to share by.")
        return [0 for _weight in weights]
    parts = [total * weight // whole for weight in weights]
    rests = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in rests[: total - sum(parts)]:
        parts[index] += 1
    return parts
