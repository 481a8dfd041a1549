"""Arithmetic of a correction: what a reversed redemption takes back, and what of it is carried over.

Source of the rule: the guide pays the sum of the vouchers less the fee; undone, each part goes back the way it came, to
the cent, so that a statement whose redemptions are all reversed leaves nothing behind.
"""

from typing import NamedTuple

from .fees import tax_in

# What a statement keeps of it.
COLUMNS = (
    "correction_cents",
    "correction_fee_cents",
    "correction_tax_cents",
    "correction_fund_cents",
    "carried_in_cents",
    "carried_out_cents",
)


class Balance(NamedTuple):
    """The end of a statement, in cents: one of the two is zero."""

    due: int  # paid to the provider
    carried: int  # what the provider still owes, taken from the next statement


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
