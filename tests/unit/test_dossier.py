from datetime import date, timedelta

import pytest

from tests.unit.conftest import load

dossier = load("aptic_base", "dossier")
TODAY = date(2026, 11, 25)
KBIS = dossier.Kind(1, waives=frozenset({2}))
STATUTES = dossier.Kind(2)
OWNERS = dossier.Kind(3, per_owner=True)
RIB = dossier.Kind(4, required=False)


def paper(number, state="accepted", kind=1, **values):
    return dossier.Paper(number, kind, state, **values)


def need(*papers, kinds=(KBIS,), owners=()):
    (found, *_others) = dossier.needs(kinds, papers, owners, TODAY)
    return found


@pytest.mark.parametrize(
    ("papers", "state", "shown"),
    [
        ((), "missing", []),
        ((paper(1, "received"),), "received", [1]),
        ((paper(1),), "accepted", [1]),
        ((paper(1, "refused"),), "refused", [1]),
        ((paper(1, "refused"), paper(2, "refused")), "refused", [2]),
        ((paper(1, "refused"), paper(2, "received")), "received", [2]),
        ((paper(1), paper(2, "refused")), "accepted", [1]),
        ((paper(1), paper(2, "received")), "accepted", [2, 1]),
        ((paper(1, expires_on=TODAY - timedelta(days=1)),), "expired", [1]),
        ((paper(1, expires_on=TODAY),), "expiring", [1]),
        ((paper(1, expires_on=TODAY + timedelta(days=30)),), "expiring", [1]),
        ((paper(1, expires_on=TODAY + timedelta(days=31)),), "accepted", [1]),
        ((paper(1, expires_on=TODAY), paper(2, expires_on=TODAY + timedelta(days=400))), "accepted", [2, 1]),
        ((paper(1, expires_on=TODAY - timedelta(days=1)), paper(2, "received")), "received", [2, 1]),
        ((paper(1, kind=9), paper(2, owner=5)), "missing", []),
    ],
)
def test_states(papers, state, shown):
    found = need(*papers)
    assert (found.state, found.papers) == (state, shown)
    assert found.waiting == any(one.state == "received" and one.kind == 1 for one in papers)
    assert found.is_fulfilled == (state in ("accepted", "expiring"))


def test_a_tick_on_an_accepted_paper_waives_another():
    kinds = (KBIS, STATUTES, RIB)
    for one, states in (
        (paper(1, waives=True), ["accepted", "waived", "missing"]),
        (paper(1), ["accepted", "missing", "missing"]),
        (paper(1, "received", waives=True), ["received", "missing", "missing"]),
        (paper(1, waives=True, expires_on=TODAY - timedelta(days=1)), ["expired", "missing", "missing"]),
    ):
        assert [found.state for found in dossier.needs(kinds, [one], (), TODAY)] == states
    found = dossier.needs(kinds, [paper(1, waives=True), paper(2, kind=2)], (), TODAY)
    assert [one.state for one in found][:2] == ["accepted", "accepted"], "what was given anyway counts"


def test_one_for_each_owner():
    assert need(kinds=(OWNERS,)).state == "undeclared"
    found = dossier.needs((OWNERS,), [paper(1, kind=3, owner=7)], (7, 8), TODAY)
    assert [(one.owner, one.state) for one in found] == [(7, "accepted"), (8, "missing")]


def test_what_is_optional_says_so():
    assert [found.required for found in dossier.needs((KBIS, RIB), [], (), TODAY)] == [True, False]
