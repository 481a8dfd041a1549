"""What a sponsor writes beside its order: purchase references, deliveries, distribution points. Plain Python.

Chorus Pro takes a service code of 100 characters, a commitment number and a contract reference of 50 at most.
"""

import re
from dataclasses import dataclass

LONGEST = {"service_code": 100, "engagement_number": 50, "contract_reference": 50}
MOST_ROWS = 200
MOST_BOOKLETS = 200_000
_REFERENCE = re.compile(r"[^\W_][\w .,:()/°#&+-]*")
_ZIP = re.compile(r"[0-9]{5}")
_COUNT = re.compile(r"[0-9]{1,6}")


class BadReference(ValueError):
    """A reference that Chorus Pro would not take; ``args[0]`` is ``long`` or ``sign``."""


def reference(text, name):
    """Return a purchase reference, or "" for none.

    :param str text: on one line, without spaces at its ends
    :param str name: a key of ``LONGEST``
    :raise BadReference: when it is too long or has a sign that no reference has
    """
    if len(text) > LONGEST[name]:
        raise BadReference("long")
    if text and not _REFERENCE.fullmatch(text):
        raise BadReference("sign")
    return text


@dataclass(frozen=True)
class Delivery:
    """A parcel of booklets: for whom and where; ``booklets`` is a number above zero, or None where none can be read."""

    name: str
    street: str
    zip: str
    city: str
    contact: str
    booklets: int | None

    def problem(self):
        """Return what is wrong: ``name``, ``street``, ``zip``, ``city`` or ``booklets``; None when nothing is."""
        for field in ("name", "street", "city"):
            if not getattr(self, field):
                return field
        if not _ZIP.fullmatch(self.zip):
            return "zip"
        return None if self.booklets else "booklets"


@dataclass(frozen=True)
class Point:
    """A named place or organisation that hands booklets out."""

    name: str
    city: str

    def problem(self):
        """Return ``name`` when it is missing; None when nothing is wrong."""
        return None if self.name else "name"


def deliveries(columns):
    """Read the deliveries of a form whose rows are lists of texts of one length; empty rows are left out.

    :param dict columns: lists of texts by the names of :class:`Delivery`
    """
    rows = _rows(columns, ("name", "street", "zip", "city", "contact", "booklets"))
    return [Delivery(*row[:2], row[2].replace(" ", ""), *row[3:5], _count(row[5])) for row in rows]


def points(columns):
    """Read the distribution points of a form, as :func:`deliveries` does."""
    return [Point(*row) for row in _rows(columns, ("name", "city"))]


def _rows(columns, names):
    lists = [columns.get(name) or [] for name in names]
    length = min(max(map(len, lists)), MOST_ROWS + 1)
    rows = ([one[number] if number < len(one) else "" for one in lists] for number in range(length))
    return [row for row in rows if any(row)]


def _count(text):
    digits = text.replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    number = int(digits) if digits.isascii() and _COUNT.fullmatch(digits) else 0
    return number if 0 < number <= MOST_BOOKLETS else None


def unplaced(booklets, rows):
    """How many booklets have no address yet; negative when addresses ask for more than there are, 0 without any row.

    :param int booklets: booklets of the order
    :param rows: numbers of booklets, one an address
    """
    rows = list(rows)
    return booklets - sum(rows) if rows else 0
