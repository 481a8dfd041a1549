"""Which papers a dossier still lacks. Plain Python: rows in, needs out; it knows neither a database nor a language."""

from dataclasses import dataclass, field
from datetime import timedelta

SOON = timedelta(days=30)
FULFILLED = ("accepted", "expiring", "waived")


@dataclass(frozen=True)
class Kind:
    """A type of paper; see ``aptic.paper.type``."""

    id: int
    required: bool = True
    per_owner: bool = False
    waives: frozenset = frozenset()


@dataclass(frozen=True)
class Paper:
    """A document that was received."""

    id: int
    kind: int
    state: str
    owner: int = 0
    expires_on: object = None
    waives: bool = False


@dataclass
class Need:
    """What is asked for once: a type, or a type for one beneficial owner.

    ``state`` is ``missing``, ``undeclared`` (no beneficial owner was declared), ``received``, ``refused``, ``expired``,
    ``expiring`` (accepted, ends within 30 days), ``accepted`` or ``waived``. ``papers`` are the ids of what was sent
    and counts, newest first: those received or accepted, else the last refused one. ``waiting``: one of them waits for
    a reviewer.
    """

    kind: int
    owner: int
    required: bool
    state: str
    papers: list = field(default_factory=list)
    waiting: bool = False

    @property
    def is_fulfilled(self):
        """Whether nothing more is asked for."""
        return self.state in FULFILLED


def needs(kinds, papers, owners, today):
    """Return the needs of one dossier, in the order of ``kinds``.

    :param kinds: the :class:`Kind` of the provider's legal form
    :param papers: all its :class:`Paper`
    :param owners: ids of its declared beneficial owners
    :param date today: the day of the question
    """
    by_place = {}
    for paper in sorted(papers, key=lambda paper: paper.id, reverse=True):
        by_place.setdefault((paper.kind, paper.owner), []).append(paper)
    waived = set()
    for kind in kinds:
        sent = [paper for paper in papers if paper.kind == kind.id and paper.waives]
        if any(paper.state == "accepted" and not _is_over(paper, today) for paper in sent):
            waived |= kind.waives
    found = []
    for kind in kinds:
        if kind.per_owner and not owners:
            found.append(Need(kind.id, 0, kind.required, "waived" if kind.id in waived else "undeclared"))
            continue
        for owner in owners if kind.per_owner else (0,):
            need = _need(kind, owner, by_place.get((kind.id, owner), []), today)
            if not need.is_fulfilled and kind.id in waived:
                need.state = "waived"
            found.append(need)
    return found


def _is_over(paper, today):
    return paper.expires_on is not None and paper.expires_on < today


def _need(kind, owner, sent, today):
    received = [paper for paper in sent if paper.state == "received"]
    accepted = [paper for paper in sent if paper.state == "accepted"]
    refused = [paper for paper in sent if paper.state == "refused"]
    in_force = [paper for paper in accepted if not _is_over(paper, today)]
    live = sorted(received + accepted, key=lambda paper: paper.id, reverse=True)
    if in_force:
        lasts = any(paper.expires_on is None or paper.expires_on > today + SOON for paper in in_force)
        state = "accepted" if lasts else "expiring"
    elif received:
        state = "received"
    elif accepted:
        state = "expired"
    elif refused:
        state, live = "refused", refused[:1]
    else:
        state = "missing"
    return Need(kind.id, owner, kind.required, state, [paper.id for paper in live], bool(received))
