"""Scans sent 50 in a request, as a desk does that was offline, against scans sent one by one, in vouchers a second.

The same server, clients and desk as in ``bench redeem``; the two take turns, and the median round of each counts.
"""

import functools
import statistics

from bench import in_odoo
from bench.clients import Client, in_turn, percentiles
from devtools.ui import ApticError
from tests.support.desk import Desk

CLIENTS, WORKERS, ROUNDS = 4, 2, 3
SIZES = {"batch": 40, "single": 200}  # requests in a round, by all clients together
ACTS = 50  # of one request
LOGIN = "admin"
AT_LEAST = 8


def _done(answers, count):
    if [answer["status"] for answer in answers] != ["done"] * count:
        raise ApticError(f"the benchmark's scans were refused: {answers}")


def _measure(running, sizes):
    desk = Desk(running)
    admin = desk.session(LOGIN)
    admin.call("aptic.member", "create", [{"user_id": admin.uid, "provider_id": desk.provider_id, "role": "mediator"}])
    needed = (sizes["batch"] * ACTS + sizes["single"]) * (ROUNDS + 1)
    codes = iter(desk.vouchers((needed + 9) // 10 * 10))
    running.query("VACUUM ANALYZE")
    clients = [Client(admin) for _n in range(CLIENTS)]

    def single(client, code):
        _done([desk.redeem(client, code)], 1)

    def batch(client, some):
        answer = client.post("/my/aptic/scan/batch", {"acts": [desk.act(code) for code in some]})
        _done(answer["answers"], len(some))

    def acts(kind):
        if kind == "single":
            return [functools.partial(single, code=next(codes)) for _n in range(sizes[kind])]
        return [functools.partial(batch, some=[next(codes) for _act in range(ACTS)]) for _n in range(sizes[kind])]

    rates, spent = {}, {}
    for number in range(ROUNDS + 1):
        for kind in sizes:
            rate, seconds = in_turn(clients, acts(kind))
            if number:  # the first round warms the workers
                rates.setdefault(kind, []).append(rate * (ACTS if kind == "batch" else 1))
                spent.setdefault(kind, []).extend(seconds)
    if desk.half_written():
        raise ApticError("the benchmark left half-written acts")
    return {kind: statistics.median(found) for kind, found in rates.items()}, spent


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    sizes = {kind: in_odoo.scaled(size, stage.scale) for kind, size in SIZES.items()}
    with in_odoo.database(stage) as database:
        running = stage.serve(
            workers=WORKERS, durable=True, options=("--max-cron-threads", "0"), database=database
        )  # nothing else is to run beside
        try:
            rates, spent = _measure(running, sizes)
        finally:
            running.close()
    return [
        {
            "name": "redeem-batch",
            "peer": "the same scans, each in a request of its own",
            "ratio": rates["batch"] / rates["single"],
            "ours": rates["batch"],
            "theirs": rates["single"],
            "unit": "vouchers a second",
            "n": sizes["batch"] * ACTS * ROUNDS,
            "at_least": AT_LEAST,
            **percentiles(spent["batch"]),
            **{f"their_{name}": value for name, value in percentiles(spent["single"]).items()},
        }
    ]
