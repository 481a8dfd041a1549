"""Arithmetic of the counter-payment: whole cents in, whole cents out, rounded once.

Source of the rule: the guide, « Le contre-paiement de vos services » (the sum of the vouchers less 4 %) and « 1 % des
valeurs qui transitent […] est reversé à un fonds territorial ».
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

BASIS = 10_000  # basis points in one


@dataclass(frozen=True, slots=True)
class Rule:
    """How a fee is made of the gross amount of one document: the provider's statement or the sponsor's invoice."""

    rate_bp: int = 400
    payer: str = "provider"
    tax_bp: int = 2000
    tax_included: bool = True  # rate and minimum give an amount VAT included
    fund_bp: int = 100
    minimum: int = 0  # cents
    tiers: tuple[tuple[int, int], ...] = ()  # (gross in cents, rate of what lies above it), rising
    fund_payer: str = "operator"


class Split(NamedTuple):
    """What becomes of a gross amount, in cents."""

    gross: int
    fee: int  # tax included, whoever pays it
    tax: int  # the part of ``fee`` that is VAT
    withheld: int  # what the provider leaves: the fee unless the sponsor pays it, and its contribution
    net: int  # what the provider receives
    fund: int  # what the operator owes to the territorial fund

    @property
    def untaxed(self) -> int:
        """The fee before tax, in cents."""
        return self.fee - self.tax

    @property
    def contribution(self) -> int:
        """What is withheld besides the fee, in cents: the fund's share where the provider pays it, outside VAT."""
        return max(0, self.withheld - self.fee)


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative integers rounded to the nearest one, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def tax_in(fee: int, tax_bp: int) -> int:
    """The VAT in a fee, tax included, as one document states it: rounded once.

    :param fee: in cents
    :param tax_bp: rate in basis points
    """
    return half_up(fee * tax_bp, BASIS + tax_bp)


def amount(gross: int, rule: Rule) -> int:
    """What rate and tiers make of a gross amount, in cents: each slice by its own rate, rounded once.

    Whether VAT is included is the rule's to say. The minimum is not applied.
    """
    steps = [(0, rule.rate_bp), *rule.tiers]
    ends = [*(start for start, _rate in steps[1:]), gross]
    return half_up(
        sum(max(min(gross, end) - start, 0) * rate for (start, rate), end in zip(steps, ends, strict=True)), BASIS
    )


def kind(gross: int, rule: Rule) -> str:
    """What has made the fee: ``rate``, ``tiers`` (one of them was reached) or ``minimum``."""
    if gross and amount(gross, rule) < rule.minimum:
        return "minimum"
    return "tiers" if any(start < gross for start, _rate in rule.tiers) else "rate"


def split(gross: int, rule: Rule) -> Split:
    """Share a gross amount between provider, operator, State and fund; each is rounded once.

    A fee is never more than the gross: a minimum takes no more than there is. Where the provider pays the fund's
    share, it pays it besides the fee and outside VAT (nobody serves it anything for it), out of what the fee leaves.

    :param gross: face value of the vouchers, in cents
    :param rule: the fee rule in force
    :raise ValueError: when ``gross`` is negative
    """
    if gross < 0:
        raise ValueError(gross)
    fee = max(amount(gross, rule), rule.minimum) if gross else 0
    if not rule.tax_included:
        fee += half_up(fee * rule.tax_bp, BASIS)
    fee = min(fee, gross)
    withheld = fee if rule.payer == "provider" else 0
    fund = half_up(gross * rule.fund_bp, BASIS)
    if rule.fund_payer == "provider":
        fund = min(fund, gross - withheld)
        withheld += fund
    return Split(gross, fee, tax_in(fee, rule.tax_bp), withheld, gross - withheld, fund)


def document(parts: Sequence[tuple[int, Rule]]) -> list[Split]:
    """Split the parts of one document, each by its own rule; the VAT of each rate is rounded once for all of them.

    :param parts: the gross amount in cents, and its rule
    :return: a split for each part, in the same order
    """
    splits = [split(gross, rule) for gross, rule in parts]
    for tax_bp in {rule.tax_bp for _gross, rule in parts}:
        same = [index for index, (_gross, rule) in enumerate(parts) if rule.tax_bp == tax_bp]
        owed = [splits[index].fee for index in same]
        for index, tax in zip(same, shares(tax_in(sum(owed), tax_bp), owed), strict=True):
            splits[index] = splits[index]._replace(tax=tax)
    return splits


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


def cut(whole: Split, grosses: Sequence[int]) -> list[tuple[int, int]]:
    """Cut the fee of one document over the statements that it is about, and the VAT in it with it.

    :param grosses: the gross amount of each, in cents
    :return: ``(fee, VAT in it)`` of each, in cents
    """
    parts = shares(whole.fee, grosses)
    return list(zip(parts, shares(whole.tax, parts), strict=True))
