"""Which session of a pathway comes next, told by what the booklet has paid for before. No database here.

Nobody's name is kept: the booklet that the beneficiary carries is the only thread through a pathway. So sessions paid
without a voucher, or with another booklet, are not counted, and the screen proposes a number, it does not insist.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Pathway = TypeVar("Pathway")


@dataclass(frozen=True, slots=True)
class Session:
    """A session that an offer would be: the pathway, its place in it, and whether it is the one to give now."""

    pathway: Pathway
    number: int
    count: int
    is_next: bool


def sessions_ahead(pathways: Mapping[Pathway, Sequence[int]], earlier: Sequence[int]) -> dict[int, Session]:
    """The session that each offer would be now.

    An earlier act counts for the first session of its offer that none has counted for yet. An offer of several pathways
    goes to the one in which most was done. A pathway that has not begun begins with its first session only.

    :param pathways: the offers of each pathway's sessions, in their order
    :param earlier: the offers of the acts that the booklet has paid here before
    """
    found: dict[int, Session] = {}
    done_by = {pathway: sum((Counter(offers) & Counter(earlier)).values()) for pathway, offers in pathways.items()}
    for pathway in sorted(pathways, key=lambda pathway: -done_by[pathway]):
        rest, open_sessions = Counter(earlier), []
        for number, offer in enumerate(pathways[pathway], 1):
            if rest[offer]:
                rest[offer] -= 1
            else:
                open_sessions.append((number, offer))
        if not done_by[pathway]:
            open_sessions = open_sessions[:1]
        for number, offer in open_sessions:
            session = Session(pathway, number, len(pathways[pathway]), is_next=number == open_sessions[0][0])
            found.setdefault(offer, session)
    return found
