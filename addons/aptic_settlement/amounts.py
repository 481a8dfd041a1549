"""Amounts of money as people type them into a form. Plain Python, integer cents."""

import re

_AMOUNT = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?", re.ASCII)


def parse(text: str | None) -> int:
    """The cents of an amount such as ``1500``, ``12,5`` or ``1 250,00 €``; 0 for what is none.

    Never rounds: more than two decimals are no amount.
    """
    found = _AMOUNT.fullmatch(re.sub(r"[\s\u202f\xa0€]", "", text or ""))
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")) if found else 0
