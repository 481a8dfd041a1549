"""Import 5,000 providers with 10,000 places, against Odoo's own ``load()`` of the same rows in the same database.

Both start from the same files: ours reads, checks and plans them, then writes; ``load()`` gets rows that are cut and
normalised already, with its references as database ids, which is the cheapest it knows. It runs as Odoo's import screen
runs it by default (no history of changes: ``tracking_disable``), and once more with the history that the screen offers.
"""

from bench import in_odoo


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    with in_odoo.database(stage) as name:
        seen = in_odoo.run(stage, name, "import")
    count = seen["rows"]
    peers = (("load(), as the screen by default", "load", 3), ("load(), with history", "load_tracked", 3))
    return [
        {
            "name": "import",
            "peer": peer,
            "ratio": seen[key] / seen["ours"],
            "ours": count / seen["ours"],
            "theirs": count / seen[key],
            "unit": "rows/s",
            "n": count,
            "at_least": bound,
        }
        for peer, key, bound in peers
    ] + [
        {
            "name": "import again",
            "peer": "the first time",
            "ratio": seen["again"] / seen["ours"],
            "ours": count / seen["again"],
            "theirs": count / seen["ours"],
            "unit": "rows/s",
            "n": count,
            "at_most": 0.6,
        }
    ]
