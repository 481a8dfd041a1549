"""Count the places and services that 1,000 orders' rules accept among 50,000 places, against Odoo's ``search_count``.

Both answer the same two questions (how many places, how many services) about the same rules, and must answer alike. The
peer asks with the domains that a developer would write for the ORM; it takes turns with ours on the same orders.
"""

from bench import in_odoo


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    with in_odoo.database(stage) as name:
        seen = in_odoo.run(stage, name, "rules")
    return [
        {
            "name": "rules",
            "peer": f"search_count with domains, {seen['compared']} orders",
            "ratio": seen["theirs_ms"] / seen["same_ms"],
            "ours": seen["same_ms"],
            "theirs": seen["theirs_ms"],
            "unit": "ms an order",
            "n": seen["orders"],
            "at_least": 1.5,
            "all_orders_ms": round(seen["ours_ms"], 2),
            "p95_ms": round(seen["p95_ms"], 2),
            "places": seen["places"],
            "offers": seen["offers"],
            "making_them_s": round(seen["making_s"], 1),
        }
    ]
