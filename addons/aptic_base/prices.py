"""Prices as people type them, and how a price is paid with vouchers. Plain Python, integer cents."""

import re

FACE_VALUE_CENTS = 1000  # guide: « le prix est de 10 €, la valeur nominale du chèque »
MOST_CENTS = 1_000_000
_PRICE = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")


class BadPrice(ValueError):
    """A price that cannot be read, is not above zero, or is unreasonable (above 10,000 €)."""


def parse(text):
    """Return the cents of a price such as ``12``, ``12,5``, ``12.50`` or ``1 250,00 €``.

    :raise BadPrice: never rounds: more than two decimals are refused
    """
    cleaned = re.sub(r"[\s\u202f\xa0€]", "", text or "")
    found = _PRICE.fullmatch(cleaned)
    if not found or not cleaned.isascii():
        raise BadPrice(text)
    cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
    if not 0 < cents <= MOST_CENTS:
        raise BadPrice(text)
    return cents


def share(price_cents, face_cents=FACE_VALUE_CENTS):
    """Return ``(vouchers, added_cents)``: whole vouchers a price takes, and what the beneficiary adds in money.

    Below the face value one voucher pays everything, and no change is given.
    """
    if price_cents < face_cents:
        return 1, 0
    return divmod(price_cents, face_cents)


def share_of_all(amounts, face_cents=FACE_VALUE_CENTS):
    """Return ``(vouchers, added_cents)`` of prices that are paid each by itself: no change goes to the next one."""
    shares = [share(cents, face_cents) for cents in amounts]
    return sum(vouchers for vouchers, _added in shares), sum(added for _vouchers, added in shares)
