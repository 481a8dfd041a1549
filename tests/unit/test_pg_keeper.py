"""The keeper of the embedded PostgreSQL, on a real cluster of its own."""

import os
import shutil
import signal
import subprocess

import pytest

from devtools import postgres
from devtools.pg_keeper import Keeper

NAME = "pg-keeper"


@pytest.fixture(scope="module")
def cluster():
    """A keeper and its new cluster."""
    if postgres.named_server():
        pytest.skip("a real PostgreSQL is named: ours is not kept")
    keeper = postgres.keeper_of(NAME)
    shutil.rmtree(keeper.data.parent, ignore_errors=True)
    keeper = postgres.keeper_of(NAME)
    yield keeper
    if keeper.running():
        keeper.kill()
    shutil.rmtree(keeper.data.parent)
    shutil.rmtree(keeper.sockets)


@pytest.fixture
def stuck(cluster, monkeypatch):
    """A server with something committed, which cannot end in order: its checkpointer does nothing any more."""
    monkeypatch.setattr(Keeper, "patience", 8)  # PostgreSQL itself kills after 5 s what does not end
    cluster.start()
    sql(cluster, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS number")
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = {int(pid): name for pid, name in (line.split(maxsplit=1) for line in listed.splitlines())}
    [checkpointer] = [pid for pid in cluster.pids() if "checkpointer" in names.get(pid, "")]
    os.kill(checkpointer, signal.SIGSTOP)
    return cluster


def sql(keeper, statement):
    """Run a statement and return what psql says."""
    line = ("-X", "-A", "-t", "-h", str(keeper.sockets), "-U", "postgres", "-d", "postgres", "-c", statement)
    return keeper.call("psql", *line).stdout.strip()


def test_a_server_that_does_not_end_is_ended_and_keeps_what_was_committed(stuck):
    stuck.stop()
    assert not stuck.running()
    stuck.start()
    assert sql(stuck, "SELECT number FROM kept") == "42"


def test_a_server_found_shutting_down_for_ever_is_started_anew(stuck):
    """The keeper before was killed while it waited for the end."""
    stuck.call("pg_ctl", "-D", str(stuck.data), "-W", "-m", "fast", "stop")
    stuck.start()
    assert sql(stuck, "SELECT number FROM kept") == "42"
    stuck.start()  # it runs: nothing is done
    assert sql(stuck, "SELECT number FROM kept") == "42"
