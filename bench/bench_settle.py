"""Settle a month of 1,000 providers and 100,000 redemptions, from the run to the bank's file; then one of 200,000.

Three questions. How far is the run from the bare SQL that adds up the same rows (told, without a bound: the run writes
as well). How do our payment order and file compare with OCA's own way, one payment line after the other by its
documented method, for the same providers and amounts. And does twice the month cost twice the time: each month is
settled in a database of its own, so that the second does not stand on the first one's pages.
"""

from bench import in_odoo

REDEMPTIONS = 100_000
STEPS = ("run", "statements", "file")


def _month(stage, redemptions, *, peer):
    with in_odoo.database(stage) as name:
        return in_odoo.run(stage, name, "settle", REDEMPTIONS=redemptions, PEER=peer)


def _row(name, peer, ours, theirs, unit, n, **more):
    return {
        "name": f"settle: {name}", "peer": peer, "ratio": ours / theirs, "ours": ours, "theirs": theirs, "unit": unit,
        "n": n, **more,
    }  # fmt: skip


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    one = _month(stage, REDEMPTIONS, peer=True)
    two = _month(stage, 2 * REDEMPTIONS, peer=False)
    whole = [sum(seen[step] for step in STEPS) for seen in (one, two)]
    count = one["redemptions"]
    seconds = {f"{step}_s": round(one[step], 1) for step in STEPS}
    return [
        _row("run", "bare SQL aggregation of the rows", one["run"], one["aggregation"], "s", count),
        _row(
            "order and file", "OCA's order, line by line", one["file"], one["line_by_line"], "s", one["providers"],
            statements_s=round(one["statements"], 1),
        ),
        _row("sending", "OCA's order, payment by payment", one["sent"], one["one_by_one"], "s", one["providers"]),
        _row(
            "longest transaction", "what Odoo gives a request (60 s)", max(two["batch"], two["sent_batch"]), 60.0, "s",
            two["providers"], at_most=1, approval_s=round(two["batch"], 1), sending_s=round(two["sent_batch"], 1),
        ),
        _row(
            "twice the month", "a month of half as many", whole[1], whole[0], "s", two["redemptions"], at_most=2.2,
            **seconds,
        ),
        _row("memory, MB", "1 GB", two["peak_mb"], 1024.0, "MB", two["redemptions"], at_most=1),
    ]  # fmt: skip
