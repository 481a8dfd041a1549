"""Where the booklets of a lot are: ranges of serials, each in one place. Arithmetic only, no database here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Act of the ledger: where the booklets were, and where they are afterwards. They are held from the lot's making on.
MOVES = {
    "inject": ("held", "handed"),
    "restore": ("handed", "held"),
    "return": ("held", "returned"),
    "lose": ("held", "lost"),
    "find": ("lost", "held"),
}
KINDS = ("send", "recall", "receive", *MOVES)
Range = tuple[int, int]


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The serials from ``first`` to ``last``, both included, are in ``place``."""

    first: int
    last: int
    place: str


class NotThere(ValueError):
    """A serial is not where the act takes it from.

    :ivar serial: the first one
    :ivar place: where it is; None when it belongs to no part
    """

    def __init__(self, serial: int, place: str | None):
        self.serial, self.place = serial, place
        super().__init__(f"{serial} is {place}")


def moved(parts: Iterable[Part], first: int, last: int, source: str, target: str) -> list[Part]:
    """The parts after the serials ``first`` to ``last`` went from ``source`` to ``target``; neighbours are joined.

    :raises NotThere: when one of them is not in ``source``
    """
    result, reached = [], first
    for part in sorted(parts):
        low, high = max(part.first, first), min(part.last, last)
        if low > high:
            result.append(part)
            continue
        if low > reached:
            raise NotThere(reached, None)
        if part.place != source:
            raise NotThere(low, part.place)
        if part.first < low:
            result.append(Part(part.first, low - 1, part.place))
        result.append(Part(low, high, target))
        if high < part.last:
            result.append(Part(high + 1, part.last, part.place))
        reached = high + 1
    if reached <= last:
        raise NotThere(reached, None)
    return joined(result)


def joined(parts: Iterable[Part]) -> list[Part]:
    """The same serials in as few parts as can be, in order."""
    result: list[Part] = []
    for part in sorted(parts):
        before = result[-1] if result else None
        if before and before.place == part.place and before.last + 1 == part.first:
            result[-1] = Part(before.first, part.last, part.place)
        else:
            result.append(part)
    return result


def free(owned: Iterable[Range], busy: Iterable[Range]) -> list[Range]:
    """What of the owned ranges is not busy, in order; ranges that are owned do not overlap, busy ones may."""
    result, busy = [], sorted(busy)
    for low, high in sorted(owned):
        start = low
        for begin, end in busy:
            if end < start or begin > high:
                continue
            if begin > start:
                result.append((start, begin - 1))
            start = end + 1
        if start <= high:
            result.append((start, high))
    return result


def figures(totals: Mapping[str, int]) -> dict[str, int]:
    """What the ledger's sums by kind of act say.

    :param totals: vouchers or booklets by kind
    :return: ``sent`` (and not taken back), ``transit``, ``stock`` (received and still there), ``handed``, ``returned``,
        ``lost``
    """

    def total(kind: str) -> int:
        return totals.get(kind, 0)

    sent, handed, lost = (
        total("send") - total("recall"),
        total("inject") - total("restore"),
        total("lose") - total("find"),
    )
    return {
        "sent": sent,
        "transit": sent - total("receive"),
        "stock": total("receive") - handed - total("return") - lost,
        "handed": handed,
        "returned": total("return"),
        "lost": lost,
    }
