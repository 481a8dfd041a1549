"""Ten thousand hostile inputs on each route of the desk and of the API, against as many right ones.

What counts is what must not be: a failure of the server, a change in the database, memory that grows. One of these
fails the benchmark at any scale. The ratio says what a hostile input costs the server beside a right one of the same
route; megabytes, which no right one has, are among the former. Inputs are those of ``tests/support/hostile.py``, the
same each time.
"""

import itertools
import statistics

from bench import in_odoo
from devtools.ui import ApticError
from tests.support.besieged import changes, facts_of, fingerprint, memory
from tests.support.desk import Desk
from tests.support.hostile import Hostile, Siege, desk_routes

INPUTS, RIGHT, WARMING = 10_000, 200, 100
WORKERS, CONNECTIONS, SEED = 2, 4, 5
GROWTH_MB = 64  # of one process, by all routes together
SHOWN = 5


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    options = ("--max-cron-threads", "0")  # nothing else is to write
    running = stage.serve(workers=WORKERS, durable=True, options=options)
    try:
        hostile = Hostile(facts_of(Desk(running)), SEED)
        routes = desk_routes()
        for route in routes:
            Siege(running).of(itertools.islice(hostile.inputs(route), WARMING))
        before, at_first = fingerprint(running), memory(running)
        rows = [_row(running, hostile, route, stage.scale) for route in routes]
        _judge(rows, changes(before, fingerprint(running)), at_first, memory(running))
    finally:
        running.close()
    return [{name: value for name, value in row.items() if name != "faults"} for row in rows]


def _row(running, hostile, route, scale):
    count, usual = in_odoo.scaled(INPUTS, scale), in_odoo.scaled(RIGHT, scale, CONNECTIONS)
    at_first = memory(running)
    right, siege = Siege(running, CONNECTIONS), Siege(running, CONNECTIONS)
    theirs = usual / right.of([hostile.right(route)] * usual)
    ours = count / siege.of(itertools.islice(hostile.inputs(route), count))
    growth = max(memory(running).get(pid, 0) - before for pid, before in at_first.items())
    return {
        "name": f"hostile: {'/'.join(route.methods or ['POST' if route.kind == 'jsonrpc' else 'GET'])}",
        "peer": route.path,
        "ratio": ours / theirs,
        "ours": ours,
        "theirs": theirs,
        "unit": "a second",
        "n": count,
        "at_least": 0.3,
        "failures": len(siege.faults),
        "p50_ms": round(1000 * statistics.median(siege.seconds), 1),
        "slowest_ms": round(1000 * max(siege.seconds)),
        "growth_mb": round(growth, 1),
        "statuses": dict(sorted(siege.statuses.items())),
        "faults": siege.faults + [f"a right input: {fault}" for fault in right.faults],
    }


def _judge(rows, changed, at_first, at_last):
    """Raise when something happened that must not."""
    found = [f"{row['peer']}: {fault}" for row in rows for fault in row["faults"][:SHOWN]]
    found += [f"{table} changed: {count_and_digest}" for table, count_and_digest in changed.items()]
    if at_first.keys() != at_last.keys():
        found.append("a process of the server ended")
    growth = max(at_last.get(pid, 0) - before for pid, before in at_first.items())
    if growth > GROWTH_MB:
        found.append(f"a process grew by {growth:.0f} MB")
    if found:
        raise ApticError("hostile inputs left their mark:\n    " + "\n    ".join(found))
