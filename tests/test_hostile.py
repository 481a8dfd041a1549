"""Ten thousand hostile inputs: no failure of the server, no change, flat memory."""

import itertools
import os

import pytest

from tests.support.besieged import changes, facts_of, fingerprint, memory
from tests.support.desk import Desk
from tests.support.hostile import Hostile, Siege, desk_routes

INPUTS, WARMING, PARTS = 10_000, 600, 10
SEED = int(os.environ.get("APTIC_SEED") or 19)
GROWTH_MB = 64  # of all workers together: megabytes that an input brings come and go
SHARES = {"jsonrpc": 12, "aptic_api": 1.5, "http": 0.5}  # a page takes the server ten times as long as a scan
NO_CRONS = ("--max-cron-threads", "0")


def inputs(facts, seed):
    """Endless inputs for all of them, each by its share."""
    hostile = Hostile(facts, seed)
    routes = desk_routes()
    makers = [hostile.inputs(route) for route in routes]
    weights = [SHARES[route.kind] for route in routes]
    while True:
        yield next(hostile.random.choices(makers, weights)[0])


@pytest.fixture(scope="module")
def siege(stage):
    """The server after ten thousand inputs, with what was seen before, meanwhile and after."""
    running = stage.serve(workers=2, options=NO_CRONS)
    desk = Desk(running)
    siege = Siege(running)
    facts = facts_of(desk)
    stream = inputs(facts, SEED)
    siege.of(itertools.islice(stream, WARMING))
    siege.before, siege.memory = fingerprint(running), []
    for part in range(PARTS):
        siege.of(itertools.islice(stream, INPUTS // PARTS - (0 if part else WARMING)))
        siege.memory.append(memory(running))
    siege.after = fingerprint(running)
    yield siege
    running.close()


def test_every_route_of_the_desk_is_there():
    found = {route.path for route in desk_routes()}
    assert {"/my/aptic/scan/check", "/my/aptic/scan/redeem", "/my/aptic/scan/batch", "/my/aptic/redemptions"} <= found
    assert "/aptic/api/v1/redemptions" in found


def test_no_failure(siege):
    assert sum(siege.statuses.values()) == INPUTS
    assert len(siege.faults) == 0, f"{len(siege.faults)} faults, seed {SEED}:\n" + "\n".join(siege.faults[:20])


def test_nothing_in_the_log(siege):
    assert siege.problems() == []


def test_all_kinds_of_answers(siege):
    """Inputs got to what lies behind the doors: pages, refusals, missing pages, wrong methods, missing keys."""
    assert {200, 303, 400, 401, 403, 404, 405, 422} <= siege.statuses.keys(), siege.statuses


def test_no_change(siege):
    assert changes(siege.before, siege.after) == {}


def test_memory_is_flat(siege):
    """What inputs leave would be there at the end: the peaks of both halves tell it from what one of them takes."""
    assert len({frozenset(workers) for workers in siege.memory}) == 1, "no process ended"
    totals = [sum(workers.values()) for workers in siege.memory]
    first, second = max(totals[: PARTS // 2]), max(totals[PARTS // 2 :])
    assert second - first < GROWTH_MB, totals
