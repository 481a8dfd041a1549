"""HTTP redemptions against a trivial RPC and against the scan of Odoo's event desk.

One server with two workers on the durable PostgreSQL, four clients, one login for all; the three take turns, and the
median round of each counts. Client and server share the machine, so the client is the barest that speaks HTTP, the
same for all three; it asks to keep its connection, which Odoo's workers grant nobody (each answer closes it).

The event desk is stock: default settings, the event with its ticket, its default mails and as many registrations as
there are vouchers, each with a contact as a website makes them. Only the mails at registration are held back (there is
no mail server): they are sent before the desk, which sends none.
"""

import functools
import statistics

from bench import in_odoo
from bench.clients import Client, in_turn, percentiles
from devtools import odoo_process
from devtools.ui import ApticError
from tests.support.desk import Desk

CLIENTS, WORKERS, ROUNDS = 4, 2, 3
SIZES = {"redeem": 200, "read": 200, "register": 60}  # in a round, by all clients together
LOGIN = "admin"
BATCH = 500  # registrations made in one call


def _done(answer):
    if answer["status"] not in ("done", "confirmed_registration"):
        raise ApticError(f"the benchmark's scan was refused: {answer}")


def _tickets(admin, quantity):
    """Registrations of a running event as a website makes them (contact, ticket); ``(barcode, event)`` each."""
    dates = {"date_begin": "2020-01-01 08:00:00", "date_end": "2099-01-01 08:00:00"}
    values = {"name": "Bench", **dates, "event_ticket_ids": [[0, 0, {"name": "Bench"}]]}
    event = admin.call("event.event", "create", [values])[0]
    ticket = admin.call("event.event.ticket", "search", [["event_id", "=", event]])[0]
    barcodes = [f"bench-{number:06d}" for number in range(quantity)]
    for start in range(0, quantity, BATCH):
        some = barcodes[start : start + BATCH]
        people = [{"name": code, "email": f"{code}@example.org", "phone": "+33556000000"} for code in some]
        partners = admin.call("res.partner", "create", people)
        booked = {"event_id": event, "event_ticket_id": ticket, "state": "open"}
        registrations = [
            {**person, **booked, "partner_id": partner, "barcode": code}
            for code, person, partner in zip(some, people, partners, strict=True)
        ]
        admin.call("event.registration", "create", registrations, context={"install_mode": True})  # no mails
    return [(code, event) for code in barcodes]


def _measure(running, sizes):
    desk = Desk(running)
    admin = desk.session(LOGIN)
    admin.call("aptic.member", "create", [{"user_id": admin.uid, "provider_id": desk.provider_id, "role": "mediator"}])
    ((partner,),) = running.query("SELECT partner_id FROM res_users WHERE id = %s", (admin.uid,))
    codes = iter(desk.vouchers((sizes["redeem"] * (ROUNDS + 1) + 9) // 10 * 10))
    ((vouchers,),) = running.query("SELECT count(*) FROM aptic_voucher")
    tickets = iter(_tickets(admin, vouchers))
    running.query("VACUUM ANALYZE")
    clients = [Client(admin) for _n in range(CLIENTS)]

    def redeem(client, code):
        _done(desk.redeem(client, code))

    def read(client):
        client.call("res.partner", "read", [partner], ["name"])

    def register(client, ticket):
        _done(client.call("event.registration", "register_attendee", *ticket))

    def acts(kind):
        if kind == "redeem":
            return [functools.partial(redeem, code=next(codes)) for _n in range(sizes[kind])]
        if kind == "read":
            return [read] * sizes[kind]
        return [functools.partial(register, ticket=next(tickets)) for _n in range(sizes[kind])]

    rates, spent = {}, {}
    for number in range(ROUNDS + 1):
        for kind in sizes:
            rate, seconds = in_turn(clients, acts(kind))
            if number:  # the first round warms the workers
                rates.setdefault(kind, []).append(rate)
                spent.setdefault(kind, []).extend(seconds)
    if desk.half_written():
        raise ApticError("the benchmark left half-written acts")
    return {kind: statistics.median(found) for kind, found in rates.items()}, spent


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    sizes = {kind: in_odoo.scaled(size, stage.scale) for kind, size in SIZES.items()}
    database = stage.database(durable=True)
    try:
        server = stage.postgres(durable=True)
        odoo_process.install(stage.tree, server, stage.conf, database, "-i", "event", log_name="bench-install")
        server.query("ANALYZE", (), database)
        options = ("--max-cron-threads", "0")  # nothing else is to run beside
        running = stage.serve(workers=WORKERS, durable=True, options=options, database=database)
        try:
            rates, spent = _measure(running, sizes)
        finally:
            running.close()
    finally:
        stage.drop(database, durable=True)
    peers = (("read", "RPC res.partner.read, one name", 0.7), ("register", "event desk, register_attendee", 4))
    return [
        {
            "name": "redeem",
            "peer": peer,
            "ratio": rates["redeem"] / rates[kind],
            "ours": rates["redeem"],
            "theirs": rates[kind],
            "unit": "a second",
            "n": sizes["redeem"] * ROUNDS,
            "at_least": bound,
            **percentiles(spent["redeem"]),
            **{f"their_{name}": value for name, value in percentiles(spent[kind]).items()},
        }
        for kind, peer, bound in peers
    ]
