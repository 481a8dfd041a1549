"""In Odoo's shell (``env``, ``report``): seal and check a ledger filled by plain SQL."""
# ruff: noqa: F821

import statistics
import time

from odoo.addons.aptic_voucher import seals

ROWS, ROUNDS = sized(300_000), 3


def fill():
    """Add rows as scans write them."""
    env.cr.execute(
        "INSERT INTO aptic_event (kind, at, day, order_id, serial_from, serial_to, quantity, amount_cents, user_id)"
        " SELECT 'print', now() AT TIME ZONE 'UTC', current_date, (SELECT min(id) FROM aptic_order), n, n, 1, 1000, 1"
        " FROM generate_series(1, %s) AS n",
        (ROWS,),
    )
    env.cr.commit()
    env.cr.execute("ANALYZE aptic_event")


class Nowhere:
    """Where COPY writes to."""

    def write(self, row):
        """Forget it."""
        return len(row)


def sealed():
    """How many rows the seals cover."""
    env.cr.execute("SELECT COALESCE(SUM(row_count), 0) FROM aptic_seal")
    return env.cr.fetchone()[0]


env["aptic.seal"]._cron_seal()
seal, copy, before = [], [], peak()
for _round in range(ROUNDS):
    fill()
    already = sealed()
    seal.append(timed(env["aptic.seal"]._cron_seal))
    assert sealed() - already == ROWS
    env.cr.execute("SELECT max(id) FROM aptic_event")
    (last,) = env.cr.fetchone()
    fields = ", ".join(seals.COLUMNS)
    query = f"COPY (SELECT {fields} FROM aptic_event WHERE id > {last - ROWS} ORDER BY id) TO STDOUT"
    copy.append(timed(lambda query=query: env.cr.copy_expert(query, Nowhere())))
start = time.perf_counter()
done = seals.check(env.cr)
seconds = time.perf_counter() - start
assert not done.fault and not done.unsealed and done.rows >= ROWS * ROUNDS
report(seal=statistics.median(seal), check=seconds * ROWS / done.rows, copy=statistics.median(copy), rows=ROWS)
report(peak_before_mb=round(before), peak_mb=round(peak()))
