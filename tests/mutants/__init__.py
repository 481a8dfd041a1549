"""The sabotages of ``./aptic mutants``, a file for each addon or large part of one; every issue adds its own."""

from . import (
    api,
    base,
    debit,
    documents,
    eligibility,
    history,
    ledger,
    orders,
    platform,
    pos,
    setoff,
    settlement,
    voucher,
)

MUTANTS = sum(
    (
        part.MUTANTS
        for part in (
            api,
            base,
            debit,
            documents,
            eligibility,
            history,
            ledger,
            orders,
            platform,
            pos,
            setoff,
            settlement,
            voucher,
        )
    ),
    (),
)
