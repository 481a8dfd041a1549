"""What the file of accounting entries (FEC) must be, checked on the bytes that the administration would read.

Source of the rules: livre des procédures fiscales, article A. 47 A-1, VII and VIII (fields and their order, dates,
amounts), and plan comptable général for the first three figures of an account.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

FIELDS = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
)  # fmt: skip
MAY_BE_EMPTY = frozenset({"CompAuxNum", "CompAuxLib", "EcritureLet", "DateLet", "Montantdevise", "Idevise"})
DATES = ("EcritureDate", "PieceDate", "DateLet", "ValidDate")
AMOUNTS = ("Debit", "Credit", "Montantdevise")
TOGETHER = (("CompAuxNum", "CompAuxLib"), ("EcritureLet", "DateLet"), ("Montantdevise", "Idevise"))
AMOUNT = re.compile(r"-?\d+,\d{2}")
ACCOUNT = re.compile(r"[1-8]\d{2}[0-9A-Za-z]*")  # class 9 is cost accounting


class Problem(NamedTuple):
    """What is wrong: ``code`` is ``header``, ``width``, ``empty``, ``date``, ``period``, ``order``, ``amount``,
    ``account``, ``pair``, ``split`` (one entry on several days) or ``unbalanced``."""

    line: int  # 1 is the header
    code: str
    field: str
    value: str


def read(content: bytes) -> Iterator[list[str]]:
    """The rows of a file, the header first.

    :raise UnicodeDecodeError: when it is not UTF-8
    """
    return csv.reader(content.decode().splitlines(), delimiter="|")


def amount(text: str) -> Decimal:
    """An amount as the file writes it."""
    return Decimal(text.strip().replace(",", "."))


def check(content: bytes, first: date, last: date) -> list[Problem]:
    """Read a file and say all that the law would refuse, in the order of its lines.

    :param content: the file
    :param first: first day of the period
    :param last: its last day
    :return: nothing when the file may be handed over
    """
    rows = read(content)
    header = next(rows, [])
    if tuple(header) != FIELDS:
        return [Problem(1, "header", "", "|".join(header))]
    problems, entries, latest = [], defaultdict(list), first
    for number, row in enumerate(rows, 2):
        if len(row) != len(FIELDS):
            problems.append(Problem(number, "width", "", str(len(row))))
            continue
        values = {name: value.strip() for name, value in zip(FIELDS, row, strict=True)}
        found = [Problem(number, code, name, values[name]) for code, name in _wrong(values)]
        problems += found
        if found:
            continue
        day = _day(values["EcritureDate"])
        if not first <= day <= last:
            problems.append(Problem(number, "period", "EcritureDate", values["EcritureDate"]))
        elif day < latest:
            problems.append(Problem(number, "order", "EcritureDate", values["EcritureDate"]))
        latest = max(latest, day)
        entries[values["JournalCode"], values["EcritureNum"]].append((number, values))
    for (_journal, name), lines in entries.items():
        number = lines[0][0]
        if len({values["EcritureDate"] for _number, values in lines}) > 1:
            problems.append(Problem(number, "split", "EcritureNum", name))
        left = sum(amount(values["Debit"]) - amount(values["Credit"]) for _number, values in lines)
        if left:
            problems.append(Problem(number, "unbalanced", "EcritureNum", f"{name} ({left})"))
    return sorted(problems)


def _wrong(values):
    """``(code, field)`` of what is wrong in one line by itself."""
    for name, value in values.items():
        if not value:
            if name not in MAY_BE_EMPTY:
                yield "empty", name
        elif name in DATES and not _day(value):
            yield "date", name
        elif name in AMOUNTS and not AMOUNT.fullmatch(value):
            yield "amount", name
        elif name == "CompteNum" and not ACCOUNT.fullmatch(value):
            yield "account", name
    for one, other in TOGETHER:
        if bool(values[one]) != bool(values[other]):
            yield "pair", other if values[one] else one


def _day(text):
    try:
        return len(text) == 8 and datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None
