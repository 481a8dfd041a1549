"""Issue 100,000 vouchers with their ledger rows, against Odoo's gift cards and against bare SQL."""

from bench import in_odoo


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    with in_odoo.database(stage, "loyalty") as name:
        seen = in_odoo.run(stage, name, "issue")
    count, seconds = seen["vouchers"], seen["ours"]
    memory = {"peak_memory_mb": seen["peak_mb"], "peak_memory_before_mb": seen["peak_before_mb"]}
    rate, cards = count / seconds, seen["cards"] / seen["loyalty"]
    return [
        {
            "name": "issue",
            "peer": f"loyalty wizard, {seen['cards']:,} gift cards",
            "ratio": rate / cards,
            "ours": rate,
            "theirs": cards,
            "unit": "a second",
            "n": count,
            "at_least": 40,
            **memory,
        },
        {
            "name": "issue",
            "peer": "bare INSERT … SELECT, no keys",
            "ratio": seconds / seen["bare"],
            "ours": seconds,
            "theirs": seen["bare"],
            "unit": "s",
            "n": count,
            "at_most": 6,
        },
    ]
