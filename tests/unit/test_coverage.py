"""The arithmetic of the proof of coverage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.conftest import load

coverage = load("aptic_settlement", "coverage")
camt = load("aptic_settlement", "demo.camt")

AMOUNTS = st.dictionaries(st.sampled_from(coverage.OWED), st.integers(0, 10**9)).map(
    lambda some: {kind: some.get(kind, 0) for kind in coverage.OWED}
)


def figures(owed, unmatched=0, **changes):
    total = sum(owed.values()) + unmatched
    values = {"ledger": owed, "accounting": owed, "bank": total, "book": total, "unmatched": unmatched, **changes}
    return coverage.Figures(**values)


@given(AMOUNTS, st.integers(0, 10**6))
def test_what_agrees_is_covered(owed, unmatched):
    assert coverage.status(figures(owed, unmatched), 4) == "ok"


@given(AMOUNTS, st.sampled_from(coverage.OWED), st.sampled_from(["ledger", "accounting"]), st.sampled_from([-1, 1]))
def test_one_cent_is_a_gap(owed, kind, side, cent):
    moved = {**owed, kind: owed[kind] + cent}
    assert coverage.status(figures(owed, **{side: moved}), 4) == "gap"


@given(AMOUNTS, st.sampled_from(["bank", "book", "outflow", "typed"]))
def test_one_cent_at_the_bank_is_a_gap(owed, name):
    right = figures(owed)
    assert coverage.status(figures(owed, **{name: getattr(right, name) + 1}), 4) == "gap"


@pytest.mark.parametrize(("age", "expected"), [(0, "ok"), (4, "ok"), (5, "stale"), (None, "stale")])
def test_the_bank_must_have_spoken_lately(age, expected):
    owed = dict.fromkeys(coverage.OWED, 100)
    assert coverage.status(figures(owed, bank_age=age), 4) == expected


def test_an_unproven_statement_is_a_gap():
    assert coverage.status(figures(dict.fromkeys(coverage.OWED, 0), bank_proven=False), 4) == "gap"


@given(AMOUNTS, st.integers(1, 10**9), st.integers(0, 10**9))
def test_claims_are_covered_by_the_fees_and_by_nothing_else(owed, reversed_cents, overpaid):
    owed["recover"], owed["overpaid"] = -reversed_cents, -overpaid
    claims = reversed_cents + overpaid
    seen = figures(owed)
    lacking = max(0, claims - owed["fees_out"])
    assert coverage.lacking(seen) == lacking
    assert coverage.status(seen, 4) == ("short" if lacking else "ok")
    assert coverage.owed(seen) == seen.bank + lacking
    assert coverage.owed(seen) >= sum(owed[kind] for kind in coverage.OTHERS)


def test_the_source_that_says_most_counts_and_a_gap_goes_first():
    owed = {**dict.fromkeys(coverage.OWED, 0), "fees_out": 10, "recover": -10}
    assert coverage.status(figures(owed), 4) == "ok"
    assert coverage.status(figures(owed, bank_age=5), 4) == "stale"
    worse = figures(owed, accounting={**owed, "recover": -11})
    assert (coverage.claims(worse), coverage.lacking(worse), coverage.status(worse, 4)) == (11, 1, "gap")
    short = figures({**owed, "fees_out": 9}, bank_age=5)
    assert (coverage.lacking(short), coverage.status(short, 4)) == (1, "short")


def test_the_total_is_what_the_bank_must_hold():
    owed = dict.fromkeys(coverage.OWED, 100)
    [total] = [row for row in coverage.rows(figures(owed, 5)) if row.kind == "total"]
    assert (total.ledger, total.accounting, total.bank, total.difference) == (905, 905, 905, 0)


@given(st.lists(st.integers(-(10**8), 10**8).filter(bool), max_size=5), st.integers(-(10**8), 10**8))
def test_a_bank_statement_adds_up(amounts, opening):
    entries = [camt.Entry(cents) for cents in amounts]
    assert camt.closing_cents(opening, entries) == opening + sum(amounts)


@pytest.mark.parametrize(
    "bank, owed, lacking, cents",
    [(100, 100, 0, 0), (150, 100, 0, 0), (99, 100, 0, 1), (100, 100, 7, 7), (90, 100, 7, 10), (95, 100, 7, 7)],
)
def test_what_is_missing_is_told_by_whichever_says_most(bank, owed, lacking, cents):
    assert coverage.missing(bank, owed, lacking) == cents
