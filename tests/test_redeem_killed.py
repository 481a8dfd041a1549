"""Eight desks, two hundred vouchers, servers killed under them: what all were told, judged as a whole afterwards."""

import contextlib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg2
import pytest

from devtools import child, postgres
from devtools.paths import ROOT
from devtools.ui import ApticError
from tests.support import history, processes
from tests.support.desk import Desk
from tests.support.rpc import Rpc

DESKS, WORKERS = 8, 2
ORDERS, VOUCHERS = 4, 50  # orders, and vouchers of each
COMMON_ACTS, OWN_ACTS = 240, 40
BATCH = 5  # acts in a request that make it a large one
PRICE_CENTS = 2500  # up to three vouchers of ten euros
PATIENCE = 120  # seconds that a desk insists
KILLS = ("worker", "postgres", "session", "worker", "server")
SEED = int(os.environ.get("APTIC_SEED") or random.SystemRandom().randrange(10**6))


@pytest.fixture(scope="module", params=[SEED], ids="APTIC_SEED={}".format)
def killed(stage):
    """What eight desks did and were told while servers were killed, and the desk and server afterwards."""
    running = stage.serve(workers=WORKERS, durable=True)
    day = Day(running)
    try:
        day.live()
        yield day
    finally:
        day.end()
        running.close()


class Day:
    """A day with kills.

    :param running: a served database on the durable PostgreSQL
    """

    def __init__(self, running):
        self.running, self.random = running, random.Random(SEED)
        self.desk = Desk(running)
        running.query("UPDATE aptic_offer SET price_cents = %s WHERE id = %s", (PRICE_CENTS, self.desk.offer_id))
        self.desk.price_cents = PRICE_CENTS
        self.codes = [code for _order in range(ORDERS) for code in self.desk.vouchers(VOUCHERS)]
        self.serials = [int(code[:10]) for code in self.codes]
        self.desks, self.files, self.kills = [], [], []
        self.tails, self.answered = [], 0

    # ------------------------------------------------------------------- desks
    def live(self):
        """Open the desks, kill servers while they work, and wait until every act has its answer."""
        base = {
            name: value
            for name, value in self.desk.act().items()
            if name in ("place_id", "offer_id", "audience_id", "price_cents")
        }
        people = {role: self.desk.session(login) for role, login in (("mediator", "mediateur"), ("manager", "fablab"))}
        page = people["manager"].get("/my/aptic/scan").text
        plan = {
            "url": self.running.direct_url,
            "cookies": {role: person.session.cookies.get_dict() for role, person in people.items()},
            "csrf": re.search(r'csrf_token: "([^"]+)"', page)[1],
            "base": base,
            "acts": [(str(uuid.UUID(int=self.random.getrandbits(128))), self._some(n)) for n in range(COMMON_ACTS)],
            "count": OWN_ACTS,
            "patience": PATIENCE,
        }
        for number in range(DESKS):
            self.files.append(self.running.log.with_name(f"desk-{os.getpid()}-{number}.jsonl"))
            self.files[-1].write_text("")
            self.tails.append(self.files[-1].open())
            line = [sys.executable, "-m", "tests.support.insisting"]
            process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, text=True, **child.end_with_parent())
            json.dump({**plan, "seed": SEED * 100 + number, "out": str(self.files[-1])}, process.stdin)
            process.stdin.close()
            self.desks.append(process)
        self._kill_in_the_middle()
        self._tend_while(lambda: self.working)
        assert [process.returncode for process in self.desks] == [0] * DESKS, "a desk broke"

    def _some(self, number):
        """The codes of the common list's act: near each other in the list are near vouchers, so that acts collide."""
        at = number * len(self.codes) // COMMON_ACTS
        near = self.codes[max(0, at - 4) : at + 4]
        return self.random.sample(near, self.random.choice((1, 1, 1, 2, 2, 3)))

    def _kill_in_the_middle(self):
        """Each kill waits until so many more requests were answered: in the middle, however fast the machine is."""
        expected = DESKS * OWN_ACTS
        step = expected // (len(KILLS) + 2)
        for number, kind in enumerate(KILLS, 1):
            mark = number * step + self.random.randrange(step // 2)
            self._tend_while(lambda mark=mark: self.working and self.count_answers() < mark)
            start = time.monotonic()
            getattr(self, f"_kill_{kind}")()
            self.kills.append((kind, start, time.monotonic()))

    def _tend_while(self, going_on, seconds=300):
        """Start Odoo again when it has ended, as a service manager does: it ends by itself when PostgreSQL is away."""
        limit = time.monotonic() + seconds
        while going_on():
            assert time.monotonic() < limit, "the desks do not come to an end"
            time.sleep(0.02)
            if self.running.odoo.process.poll() is not None:
                start = time.monotonic()
                with contextlib.suppress(ApticError):  # PostgreSQL went away meanwhile: started again
                    self.running.start()
                self.kills.append(("start", start, time.monotonic()))

    @property
    def working(self):
        """Whether a desk still works."""
        return any(process.poll() is None for process in self.desks)

    def count_answers(self):
        """How many requests have an answer so far."""
        self.answered += sum(tail.read().count('"end"') for tail in self.tails)
        return self.answered

    # ------------------------------------------------------------------- kills
    def _kill_worker(self):
        """One process of Odoo, in whatever it is doing; its server starts another."""
        workers = []

        def none_there():  # Odoo has just ended, or just begun
            children = processes.children(self.running.odoo.process.pid)
            workers[:] = [pid for pid, line in children if "gevent" not in line]
            return not workers

        self._tend_while(none_there, seconds=60)
        os.kill(self.random.choice(workers), signal.SIGKILL)

    def _kill_server(self):
        """All of Odoo at once."""
        self.running.kill()
        self.running.start()

    def _kill_session(self):
        """One session of PostgreSQL in the middle of redeeming: the server throws away its memory and recovers."""
        if not self.running.postgres.embedded:
            return self._kill_postgres()
        sessions = []
        with contextlib.closing(self.running.connect()) as witness, witness.cursor() as cursor:

            def none_there():  # Odoo has just begun
                cursor.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
                    " AND backend_type = 'client backend' ORDER BY application_name != 'aptic redemptions'"
                )
                sessions[:] = cursor.fetchall()
                return not sessions

            self._tend_while(none_there, seconds=60)
            os.kill(sessions[0][0], signal.SIGKILL)
            self._wait_for_the_end_of(cursor)
        self._wait_for_postgres()
        return None

    def _kill_postgres(self):
        """All of PostgreSQL at once, as a power cut would; where it is not ours, all sessions of the database."""
        if self.running.postgres.embedded:
            keeper = postgres.keeper_of(postgres.BENCH)
            keeper.kill()
            time.sleep(self.random.uniform(0, 1))
            keeper.start()
        else:
            self.running.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid != pg_backend_pid()"
            )
        self._wait_for_postgres()

    def _wait_for_the_end_of(self, cursor, seconds=60):
        """PostgreSQL takes connections until it has noticed that a session was killed; then it ends them all."""
        limit = time.monotonic() + seconds
        with contextlib.suppress(psycopg2.Error):
            while time.monotonic() < limit:
                cursor.execute("SELECT 1")
                time.sleep(0.01)
            raise AssertionError("PostgreSQL did not notice that a session was killed")

    def _wait_for_postgres(self, seconds=60):
        limit = time.monotonic() + seconds
        while True:
            with contextlib.suppress(psycopg2.OperationalError):
                return self.running.query("SELECT 1")
            assert time.monotonic() < limit, "PostgreSQL does not come back"
            time.sleep(0.1)

    def end(self):
        """Leave no desk behind."""
        for process in self.desks:
            process.kill()
            process.wait()
        for tail, path in zip(self.tails, self.files, strict=True):
            tail.close()
            path.unlink()

    # ------------------------------------------------------------------- truth
    @property
    def lines(self):
        """What all desks asked and were told."""
        return [json.loads(line) for path in self.files for line in path.read_text().splitlines()]

    @property
    def history(self):
        """The same as :class:`tests.support.history.Said`."""
        names = history.Said.__dataclass_fields__
        said = [{name: value for name, value in line.items() if name in names} for line in self.lines]
        tuples = [{name: tuple(line[name]) for name in ("serials", "cents") if name in line} for line in said]
        return [history.Said(**line | more) for line, more in zip(said, tuples, strict=True)]

    @property
    def rows(self):
        """The redemptions of these vouchers."""
        found = self.running.query(
            "SELECT id, client_key, serials, state = 'cancelled', price_cents, face_cents, copay_cents"
            " FROM aptic_redemption WHERE string_to_array(serials, ' ')::int[] && %s",
            (self.serials,),
        )
        return [
            history.Row(number, key, tuple(map(int, serials.split())), gone, tuple(cents))
            for number, key, serials, gone, *cents in found
        ]

    @property
    def holders(self):
        """Which redemption holds each voucher."""
        return dict(
            self.running.query(
                "SELECT serial, redemption_id FROM aptic_voucher WHERE serial = ANY(%s)", (self.serials,)
            )
        )


def test_the_day_was_hard_enough(killed):
    """Else what follows proves nothing."""
    said = killed.history
    count = {status: sum(one.status == status for one in said) for status in (None, "done", "used", "cancelled")}
    assert [kind for kind, *_times in killed.kills if kind != "start"] == list(KILLS)
    assert count[None] >= DESKS, "requests were under way when servers died"
    assert min(count["done"], count["used"], count["cancelled"]) >= 30
    keys = [one.key for one in said if one.status == "done"]
    assert len(keys) > len(set(keys)) + 30, "acts were sent again under their keys"
    batches = [line for line in killed.lines if line.get("batch", 0) > BATCH]
    assert sum(line.get("status") == "done" for line in batches) > 20, "many acts went through in one request"
    spans = sorted((one.start, one.end) for one in said if one.end)
    assert sum(later[0] < earlier[1] for earlier, later in itertools.pairwise(spans)) > len(spans) / 2, "at once"


def test_one_desk_could_have_said_it_all(killed):
    assert history.judge(killed.history, killed.rows, killed.holders) == []


def test_every_act_has_its_answer_in_the_end(killed):
    """The server was there again: no act of a desk that insists stays open."""
    said = [one for one in killed.history if one.act == "redeem"]
    answered = {one.key for one in said if one.status not in (None, "busy")}
    assert {one.key for one in said if one.status is None} <= answered


def test_without_an_answer_only_while_a_server_was_down(killed):
    """No error of the server's own among the answers that never came."""
    for line in killed.lines:
        if "failed_at" in line:
            times = [(start, end) for _kind, start, end in killed.kills]
            assert any(line["start"] <= end + 15 and start <= line["failed_at"] for start, end in times), line


def test_nothing_is_half_written(killed):
    assert killed.desk.half_written() == []
    cancelled = killed.running.query(
        "SELECT r.id FROM aptic_redemption r WHERE string_to_array(serials, ' ')::int[] && %s"
        " AND (SELECT COALESCE(sum(quantity), 0) FROM aptic_event e WHERE e.redemption_id = r.id AND kind = 'cancel')"
        "     != CASE WHEN r.state = 'cancelled' THEN r.voucher_count ELSE 0 END",
        (killed.serials,),
    )
    assert cancelled == [], "each cancellation is in the ledger, once"
    states = "SELECT state, redemption_id IS NOT NULL FROM aptic_voucher WHERE serial = ANY(%s) GROUP BY 1, 2"
    assert set(killed.running.query(states, (killed.serials,))) <= {("active", False), ("redeemed", True)}


def test_ledger_redemptions_vouchers_and_accounting_agree(killed):
    """The last test: it lets a day pass, so that the daily entries book what was scanned."""
    running = killed.running
    running.restart(days_ahead=1)
    admin = Rpc(running.direct_url, running.database, "admin")
    ((cron,),) = running.query(
        "SELECT res_id FROM ir_model_data WHERE module = 'aptic_settlement' AND name = 'cron_post'"
    )
    admin.call("ir.cron", "method_direct_trigger", [cron])
    orders = [number for (number,) in running.query(ORDERS_OF, (killed.serials,))]
    assert len(orders) == ORDERS
    for order in orders:
        told = {name: running.query(statement, (order,))[0][0] for name, statement in CENTS.items()}
        assert len(set(told.values())) == 1, (order, told)
        assert told["vouchers"] > 0
    ((entries,),) = running.query(ENTRIES, (orders,))
    assert entries == sum(running.query(CENTS["ledger"], (order,))[0][0] for order in orders)
    ((posted,),) = running.query("SELECT max(day) FROM aptic_posting WHERE order_id = ANY(%s)", (orders,))
    assert posted <= datetime.now(ZoneInfo("Europe/Paris")).date()


ORDERS_OF = "SELECT DISTINCT order_id FROM aptic_voucher WHERE serial = ANY(%s)"
CENTS = {  # of an order, by four ways
    "vouchers": "SELECT 1000 * count(*) FROM aptic_voucher WHERE order_id = %s AND state = 'redeemed'",
    "redemptions": "SELECT sum(1000) FROM aptic_redemption r CROSS JOIN LATERAL"
    " unnest(string_to_array(serials, ' ')::int[]) AS serial JOIN aptic_voucher v USING (serial)"
    " WHERE r.state != 'cancelled' AND v.order_id = %s",
    "ledger": "SELECT sum(CASE kind WHEN 'redeem' THEN amount_cents ELSE -amount_cents END) FROM aptic_event"
    " WHERE kind IN ('redeem', 'cancel') AND order_id = %s",
    "accounting": "SELECT sum(amount_cents) FROM aptic_posting WHERE kind = 'scan' AND order_id = %s",
}
# What the entries of these orders put on the account of what is owed to providers, in cents.
ENTRIES = """
    SELECT round(-100 * sum(line.balance))
      FROM account_move_line line
      JOIN res_company company ON company.aptic_scans_due_account_id = line.account_id
      JOIN account_move move ON move.id = line.move_id AND move.state = 'posted'
      JOIN aptic_order o ON line.name LIKE o.name || ' - %%' AND o.id = ANY(%s)
"""
