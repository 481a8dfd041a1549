"""In Odoo's shell (``env``, ``report``): issue orders, fill bare tables, and let loyalty make gift cards, in turns."""
# ruff: noqa: F821

import statistics
from datetime import date

SIZE, ROUNDS = 10, 3
VOUCHERS, CARDS = sized(100_000, SIZE), sized(10_000)
BARE = ("aptic_booklet", "aptic_voucher", "aptic_event")


def order(quantity):
    """An order whose proof is approved."""
    made = env["aptic.order"]._guarded_create(
        [
            {
                "sponsor_id": sponsor.id,
                "quantity": quantity,
                "booklet_size": SIZE,
                "last_day": date.today(),
                "state": "proofed",
            }
        ]
    )
    env.cr.commit()
    return made


def bare():
    """As many rows by the plainest SQL, into tables with the same columns and indexes and no foreign key."""
    for table in BARE:
        env.cr.execute(f"DROP TABLE IF EXISTS bench_{table}")
        env.cr.execute(
            f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
        )
    env.cr.commit()

    def act():
        env.cr.execute(
            "INSERT INTO bench_aptic_booklet (order_id, serial, size, key_version, salt)"
            " SELECT 1, (n - 1) * %s + 1, %s, 1, repeat('0', 32) FROM generate_series(1, %s) AS n",
            (SIZE, SIZE, VOUCHERS // SIZE),
        )
        env.cr.execute(
            "INSERT INTO bench_aptic_voucher (serial, booklet_id, order_id, state)"
            " SELECT n, (n - 1) / %s + 1, 1, 'printed' FROM generate_series(1, %s) AS n",
            (SIZE, VOUCHERS),
        )
        env.cr.execute(
            "INSERT INTO bench_aptic_event (kind, at, day, order_id, quantity, amount_cents)"
            " VALUES ('issue', now() AT TIME ZONE 'UTC', current_date, 1, %s, %s)",
            (VOUCHERS, VOUCHERS * 1000),
        )

    return timed(act)


sponsor = env["aptic.sponsor"].create({"name": "Bench", "is_company": True})
small = order(SIZE)
timed(small._issue)
before = peak()
ours, theirs = [], []
for _round in range(ROUNDS):
    made = order(VOUCHERS)
    ours.append(timed(made._issue))
    theirs.append(bare())
    assert env["aptic.voucher"].search_count([("order_id", "=", made.id)]) == VOUCHERS
    assert env["aptic.event"].search([("order_id", "=", made.id)]).quantity == VOUCHERS
report(ours=statistics.median(ours), bare=statistics.median(theirs), vouchers=VOUCHERS)
report(peak_before_mb=round(before), peak_mb=round(peak()))

program = env["loyalty.program"].create({"name": "Bench", "program_type": "gift_card"})
wizard = env["loyalty.generate.wizard"].create(
    {"program_id": program.id, "mode": "anonymous", "coupon_qty": CARDS, "points_granted": 10}
)
env.cr.commit()
seconds = timed(wizard.generate_coupons)
assert env["loyalty.card"].search_count([("program_id", "=", program.id)]) == CARDS
report(loyalty=seconds, cards=CARDS)
