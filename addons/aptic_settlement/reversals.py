"""Arithmetic of a correction: what a reversed redemption takes back, and what of it is carried over.

Source of the rule: the guide pays the sum of the vouchers less the fee; undone, each part goes back the way it came, to
the cent, so that a statement whose redemptions are all reversed leaves nothing behind.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .fees import BASIS, half_up, shares

# What a statement keeps of it.
COLUMNS = (
    "correction_cents",
    "correction_fee_cents",
    "correction_tax_cents",
    "correction_fund_cents",
    "carried_in_cents",
    "carried_out_cents",
)


class Act(NamedTuple):
    """A redemption of a statement: its face value in cents, and the fund of its place."""

    id: int
    face: int
    fund: int


class Parts(NamedTuple):
    """What a statement made of one redemption, in cents."""

    face: int
    fee: int  # withheld from the provider, tax included
    share: int  # what the fund received
    fund: int

    @property
    def net(self) -> int:
        """What the provider received, in cents."""
        return self.face - self.fee


class Balance(NamedTuple):
    """The end of a statement, in cents: one of the two is zero."""

    due: int  # paid to the provider
    carried: int  # what the provider still owes, taken from the next statement


def parts(acts: Sequence[Act], act_id: int, fee: int, funds: dict[int, int]) -> Parts:
    """What a statement made of one of its redemptions: the fee and the funds are cut without losing a cent.

    :param acts: all redemptions of the statement, in a fixed order
    :param act_id: the one that is looked for
    :param fee: of the whole statement, in cents
    :param funds: what the statement brought to each fund, in cents
    :raise StopIteration: when the statement does not have it
    """
    index, act = next((index, act) for index, act in enumerate(acts) if act.id == act_id)
    neighbours = [each for each in acts if each.fund == act.fund]
    part_of_fee = shares(fee, [each.face for each in acts])[index]
    share = shares(funds.get(act.fund, 0), [each.face for each in neighbours])[neighbours.index(act)]
    return Parts(act.face, part_of_fee, share, act.fund)


def tax_in(fee: int, tax_bp: int) -> int:
    """The VAT in a fee, tax included, as one document states it: rounded once.

    :param fee: in cents
    :param tax_bp: rate in basis points
    """
    return half_up(fee * tax_bp, BASIS + tax_bp)


def tax_given_back(before: int, fee: int, tax_bp: int) -> int:
    """The VAT in a fee given back, tax included: all that was given back of one invoice has the VAT of its sum.

    So an invoice that is corrected in several months gives its VAT back to the cent, and no more.

    :param before: of the same invoice, given back by earlier documents, in cents
    :param fee: given back now, in cents
    :param tax_bp: rate in basis points
    """
    return tax_in(before + fee, tax_bp) - tax_in(before, tax_bp)


def balance(net: int, taken_back: int, carried: int) -> Balance:
    """What is paid, or else carried over to the next statement.

    :param net: of the month, in cents
    :param taken_back: net of the redemptions that are reversed, in cents
    :param carried: what the last statement has carried over, in cents, as a positive number
    :raise ValueError: when one of them is negative
    """
    if min(net, taken_back, carried) < 0:
        raise ValueError((net, taken_back, carried))
    rest = net - taken_back - carried
    return Balance(max(rest, 0), max(-rest, 0))
