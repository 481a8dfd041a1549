"""The proof of coverage: does the segregated account hold what is owed, and do three sources agree?

bank (closing balance that the bank states) = received and not activated + active vouchers + scans due
+ due to providers (in transit included) + fund + to be returned + fees to transfer out
- what providers have to give back for reversed redemptions - what was paid out and is owed still, or again
+ receipts that nobody has attributed yet.

That equality shows that nothing was lost on the way; it does not show that the money is there, for a claim on a
provider or on the bank is no money. What is the operator's own on the account, its fees, stands in for the claims;
where the claims are more than that, the account lacks the rest, until the operator pays it in or it was given back.
"""

import json
from dataclasses import dataclass
from typing import Any

# What the account owes to others than the operator.
OTHERS = ("unactivated", "active", "scans_due", "payable", "fund", "to_return")
# Claims: below zero, what providers have to give back, and what the bank paid out of more than what is owed.
CLAIMS = ("recover", "overpaid")
# Besides, the operator's own money on it, and the claims.
OWED = (*OTHERS, "fees_out", *CLAIMS)
# What is told of the debts in public: totals that say nothing of any organisation.
PUBLISHED = (*OTHERS, "unmatched")


@dataclass(frozen=True)
class Figures:
    """One closed day, in cents.

    ``ledger`` and ``accounting`` hold each kind of :data:`OWED`; ``book`` is the bank account's balance in our books,
    ``unmatched`` what came in and ``outflow`` what went out without an explanation, ``typed`` the sum of bank lines
    typed by hand. ``bank_age`` counts the days since the bank's last closing balance (``None``: there is none) and
    ``bank_proven`` says that this statement is whole and joined to the one before.
    """

    ledger: dict
    accounting: dict
    bank: int
    book: int
    unmatched: int = 0
    outflow: int = 0
    typed: int = 0
    bank_age: int | None = 0
    bank_proven: bool = True


@dataclass(frozen=True)
class Row:
    """One line of the screen; ``bank`` only where the bank speaks of it."""

    kind: str
    ledger: int | None
    accounting: int | None
    bank: int | None
    difference: int


def rows(figures: Figures) -> list[Row]:
    """Return the lines of the proof; each has a difference that must be zero."""
    result = [
        Row(kind, figures.ledger[kind], figures.accounting[kind], None, figures.accounting[kind] - figures.ledger[kind])
        for kind in OWED
    ]
    result.append(Row("unmatched", figures.unmatched, figures.unmatched, None, 0))
    ledger = sum(figures.ledger.values()) + figures.unmatched
    accounting = sum(figures.accounting.values()) + figures.unmatched
    result.append(Row("total", ledger, accounting, figures.bank, figures.bank - accounting))
    result.append(Row("book", None, figures.book, figures.bank, figures.bank - figures.book))
    if figures.outflow:
        result.append(Row("outflow", None, -figures.outflow, -figures.outflow, -figures.outflow))
    if figures.typed:
        result.append(Row("typed", None, figures.typed, 0, figures.typed))
    return result


def claims(figures: Figures) -> int:
    """What providers or the bank have to give back, in cents: of each kind, by the source that says most."""
    return sum(max(-figures.ledger[kind], -figures.accounting[kind], 0) for kind in CLAIMS)


def own(figures: Figures) -> int:
    """What of the account is the operator's own once the claims on providers are covered, in cents.

    Below zero, so much of what the account owes to others is not there.
    """
    return min(figures.ledger["fees_out"], figures.accounting["fees_out"]) - claims(figures)


def lacking(figures: Figures) -> int:
    """What the account lacks of what it owes to others, in cents."""
    return max(0, -own(figures))


def owed(figures: Figures) -> int:
    """What the account must hold, in cents: all that is owed to others, and what is left of the operator's own.

    No claim lessens what is owed to others.
    """
    return sum(figures.accounting[kind] for kind in OTHERS) + figures.unmatched + max(0, own(figures))


def status(figures: Figures, stale_days: int) -> str:
    """Return ``ok``, ``gap`` (one cent is enough), ``short`` (money lacks) or ``stale`` (no word from the bank)."""
    if any(row.difference for row in rows(figures)) or not figures.bank_proven:
        return "gap"
    if lacking(figures):
        return "short"
    owed = any(figures.ledger.values()) or figures.bank
    if figures.bank_age is None:
        return "stale" if owed else "ok"
    return "stale" if figures.bank_age > stale_days else "ok"


def missing(bank: int, owed_to_others: int, lacking: int) -> int:
    """What is not there of what the account owes to others, in cents: by the proof, or by the bank's balance."""
    return max(0, lacking, owed_to_others - bank)


def verdict(state: str, bank: int, owed_to_others: int, missing: int) -> str:
    """What is published of a proof: ``covered``, ``missing`` or ``check`` (sources disagree, or the bank is silent).

    Less on the account than it owes to others is missing money, whatever else the proof says.
    """
    if missing > 0 or bank < owed_to_others or state == "short":
        return "missing"
    return "covered" if state == "ok" else "check"


def canonical(figures: dict[str, Any]) -> bytes:
    """``figures`` as the bytes that are hashed: compact JSON, sorted keys, days in ISO form."""
    return json.dumps(figures, default=str, separators=(",", ":"), sort_keys=True).encode()
