"""The ledger's seals among many writers, and what a database superuser's hand leaves behind."""

import contextlib
import itertools
import random
import threading
import time
from dataclasses import replace
from pathlib import Path

import psycopg2

from devtools import odoo_process
from devtools.commands import ledger

SCRIPT = Path(__file__).parent / "support" / "odoo" / "sealing.py"
WRITERS, ROWS = 4, 60
INSERT = (
    "INSERT INTO aptic_event (kind, at, day, order_id, quantity, amount_cents, reason)"
    " SELECT 'print', now() AT TIME ZONE 'UTC', current_date, min(id), 1, 0, %s FROM aptic_order RETURNING id"
)


def write(server, database, seed, committed):
    """Write rows in transactions of all lengths; now and then give one up."""
    dice = random.Random(seed)
    with contextlib.closing(server.connect(database, autocommit=False)) as connection:
        cursor = connection.cursor()
        for number in range(ROWS):
            ids = []
            for _row in range(dice.randint(1, 4)):
                cursor.execute(INSERT, (f"{seed}/{number}",))
                ids += [row_id for (row_id,) in cursor.fetchall()]
                time.sleep(dice.random() * dice.choice((0.002, 0.1)))
            if dice.random() < 0.2:
                connection.rollback()
            else:
                connection.commit()
                committed.extend(ids)


def test_each_row_is_sealed_once_while_others_write_and_a_superusers_hand_is_found(stage, tmp_path, capsys):
    server, database = stage.postgres(), stage.database()
    try:
        sealed_among_writers(stage, server, database, tmp_path)
        assert ledger.check(server, database) == 0
        kept = capsys.readouterr().out.split("keep:")[1].strip()
        number, digest = kept.split(":")
        altered_by_superuser(server, database, capsys)
        assert ledger.check(server, database, (int(number), digest)) == 0
        assert ledger.check(server, database, (int(number), "0" * 64)) == 1
    finally:
        stage.drop(database)


def sealed_among_writers(stage, server, database, folder):
    """Seal all the time while four sessions write."""
    committed, ready, stop = [], folder / "ready", folder / "stop"
    threads = [threading.Thread(target=write, args=(server, database, seed, committed)) for seed in range(WRITERS)]
    line = odoo_process.command(stage.tree, server, stage.conf, database, "--no-http", verb="shell")
    source = f"READY, STOP = {str(ready)!r}, {str(stop)!r}\n" + SCRIPT.read_text(encoding="utf-8")

    def work():
        end = time.monotonic() + 120
        while not ready.exists() and time.monotonic() < end:
            time.sleep(0.02)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop.touch()

    worker = threading.Thread(target=work)
    worker.start()
    code, _records, log = odoo_process.run(line, server, "sealing", stdin=source)
    worker.join()
    assert code == 0, log.read_text()[-2000:]
    ranges = server.query("SELECT id_from, id_to, row_count FROM aptic_seal ORDER BY number", (), database)
    assert len(ranges) > 5, "the seals met the writers"
    for before, after in itertools.pairwise(ranges):
        assert after[0] == before[1] + 1
    (top,) = server.query("SELECT count(*), max(id) FROM aptic_event", (), database)
    assert sum(count for _first, _last, count in ranges) == top[0]
    assert ranges[-1][1] >= top[1]
    assert len(committed) > WRITERS * ROWS / 2
    # Ids did commit out of order, or this shows nothing.
    assert committed != sorted(committed)


def altered_by_superuser(server, database, capsys):
    """Alter one row with the triggers off, look, and put it back."""
    superuser = replace(server, user="postgres")
    (row_id,) = superuser.query("SELECT min(id) + 7 FROM aptic_event", (), database)[0]
    with contextlib.closing(superuser.connect(database, autocommit=False)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute("UPDATE aptic_event SET amount_cents = 1 WHERE id = %s", (row_id,))
        except psycopg2.IntegrityError:
            connection.rollback()  # the trigger fires even so: it must be taken off
        else:
            raise AssertionError("session_replication_role silences the ledger's trigger")
    for change, code in (("+ 1", 1), ("- 1", 0)):
        with contextlib.closing(superuser.connect(database, autocommit=False)) as connection, connection:
            cursor = connection.cursor()
            cursor.execute("ALTER TABLE aptic_event DISABLE TRIGGER USER")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(f"UPDATE aptic_event SET amount_cents = amount_cents {change} WHERE id = %s", (row_id,))
            cursor.execute("ALTER TABLE aptic_event ENABLE ALWAYS TRIGGER aptic_event_append_only")
        capsys.readouterr()
        assert ledger.check(server, database) == code
        if code:
            assert f"row {row_id} is not what it was" in capsys.readouterr().out
