"""In Odoo's shell (``env``, ``report``, ``sized``): orders through all states by their verbs, bare SQL beside."""
# ruff: noqa: F821

import base64
import statistics
import time
from datetime import datetime, timedelta

from odoo.addons.aptic_settlement.demo.camt import Entry, camt053
from odoo.addons.aptic_voucher import clock

SIZE, ROUNDS = 10, 3
VOUCHERS = sized(200_000, 40 * SIZE)
LOTS, PARTS = 20, 2  # lots of the order; a lot is handed out in so many acts
STOLEN, LOST = VOUCHERS // 10, SIZE  # replaced; blocked until the end
SINGLE = sized(200)  # booklets handed out one by one, every other one of a lot, as people come
ACTS = sized(1_000)  # redemptions of one voucher
TABLES = ("aptic_booklet", "aptic_redemption", "aptic_voucher", "aptic_event")  # each after what it refers to
today = clock.today()


def query(statement, *values):
    """Run a statement and return its rows."""
    env.cr.execute(statement, values)
    return env.cr.fetchall() if env.cr.description else []


# ------------------------------------------------------------------- copies
def copy_tables():
    """Empty copies of the tables, with what makes a write dear: indexes, checks, foreign keys (to copies, if any)."""
    for table in TABLES:
        query(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
    for table in TABLES:
        for (rule,) in query(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", table
        ):
            for other in TABLES:
                rule = rule.replace(f"REFERENCES {other}(", f"REFERENCES bench_{other}(")
            query(f"ALTER TABLE bench_{table} ADD {rule}")
    env.cr.commit()


def vacuum():
    """What autovacuum does in the days between two states, for ours and for the copies."""
    env.cr.commit()
    connection = env.cr.connection
    level = connection.isolation_level
    connection.set_isolation_level(0)
    for table in TABLES:
        query(f"VACUUM (ANALYZE) {table}")
        query(f"VACUUM (ANALYZE) bench_{table}")
    connection.set_isolation_level(level)


def differences(order):
    """What the copies hold of an order that ours do not, or the other way round."""
    found = 0
    for table in ("aptic_booklet", "aptic_voucher", "aptic_event"):
        ours, theirs = (f"SELECT * FROM {name} WHERE order_id = {order.id}" for name in (table, f"bench_{table}"))
        found += query(f"SELECT count(*) FROM (({ours} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {ours})) AS one")[0][
            0
        ]
    return found


# --------------------------------------------------------------------- time
class Life:
    """The seconds of each state of one order, ours and the peer's."""

    def __init__(self):
        self.states = {}

    def live(self, name, act, *bare, peer="update", vouchers=VOUCHERS, moment=None):
        """Run our verb with its commit, then the peer's statements with theirs.

        :param bare: statements on the copies; the state's ledger rows follow of themselves
        :param moment: when the verb is to happen; default now
        """
        [(last,)] = query("SELECT COALESCE(max(id), 0) FROM aptic_event")
        env.invalidate_all()
        env.cr.commit()
        before, start = env.cr.sql_log_count, time.perf_counter()
        with clock.at(moment or datetime.now().replace(microsecond=0)):
            result = act()
        env.flush_all()
        env.cr.commit()
        ours = time.perf_counter() - start
        statements = env.cr.sql_log_count - before
        theirs, events = 0, 0
        if peer != "acts":
            start = time.perf_counter()
            for statement in (*bare, f"INSERT INTO bench_aptic_event SELECT * FROM aptic_event WHERE id > {last}"):
                query(statement.format(*result) if "{" in statement else statement)
            events = env.cr.rowcount
            env.cr.commit()
            theirs = time.perf_counter() - start
        self.states[name] = {
            "name": name, "peer": peer, "ours": ours, "theirs": theirs, "vouchers": vouchers, "events": events,
            "statements": statements,
        }  # fmt: skip
        vacuum()
        return result


# --------------------------------------------------------------------- acts
def bank(cents, text):
    """The bank's file of today with one movement, imported as an accountant does."""
    journal = env.company.aptic_bank_journal_id
    last = env["account.bank.statement"]._aptic_last(journal)
    number = f"BENCH-{env['account.bank.statement'].search_count([]):06}"
    opening = round(last.balance_end_real * 100)
    data = camt053(journal.bank_account_id.acc_number, number, today, opening, [Entry(cents, text=text, name="Bench")])
    env["account.statement.import"].create(
        {"statement_file": base64.b64encode(data), "statement_filename": f"{number}.xml"}
    )._import_file()


def drawn(order):
    """The printer's file of all booklets, read as it would be sent."""
    with order._print("data") as file:
        while file.read(1 << 20):
            pass


def lots_received(order):
    """All booklets, in lots, sent to the distributor and acknowledged by it."""
    count = VOUCHERS // SIZE // LOTS
    values = {"order_id": order.id, "distributor_id": relay.id, "booklet_count": count}
    lots = env["aptic.distribution"].create([dict(values) for _lot in range(LOTS)])
    lots._send()
    for lot in lots:
        lot._receive(str(lot.serial_from), str(lot.serial_to))
    return lots


def handed_singly(lot):
    """Every other booklet of a lot, each by an act of its own."""
    for number in range(SINGLE):
        relay._hand_out(str(lot.serial_from + 2 * number * SIZE))
        env.cr.commit()


def handed_out(lots):
    """Every lot, a part at a time."""
    step = VOUCHERS // LOTS // PARTS
    for lot in lots:
        for first in range(lot.serial_from, lot.serial_to, step):
            relay._hand_out(str(first), str(first + step - 1))


def desk():
    """A desk of the demonstration: member, place, offer and audience."""
    provider = env.ref("aptic_base.demo_provider_01")
    place = provider.place_ids[0]
    offer = provider.offer_ids.filtered(lambda offer: place in (offer.place_ids or place))[0]
    member = provider.member_ids.filtered(lambda member: member.active and member.role == "mediator")[0]
    audience = (offer.audience_ids or env["aptic.audience"].search([], limit=1))[0]
    return member, place, offer, audience


def redeem(codes, name):
    """One act for each code, each in its own transaction, as at a desk; the numbers of the redemptions."""
    member, place, offer, audience = desk()
    done = []
    for code in codes:
        answer = env["aptic.redemption"]._redeem(
            member, place, offer, audience, [code], offer.price_cents, f"{name}-{code[:10]}", datetime.utcnow()
        )
        assert answer["status"] == "done", answer
        done.append(answer["redemption_id"])
    return done


def inject_bare(lot):
    """The same ledger rows of a lot, a bare statement and a commit each; seconds."""
    rows = query("SELECT id FROM aptic_event WHERE distribution_id = %s AND kind = 'inject' ORDER BY id", lot.id)
    env.cr.commit()
    start = time.perf_counter()
    for (event,) in rows:
        query("INSERT INTO bench_aptic_event SELECT * FROM aptic_event WHERE id = %s", event)
        env.cr.commit()
    return time.perf_counter() - start


def redeem_bare(order, done):
    """The same acts on the copies, three bare statements and a commit each; seconds."""
    rows = query("SELECT redemption_id, serial FROM aptic_voucher WHERE redemption_id = ANY(%s)", done)
    env.cr.commit()
    start = time.perf_counter()
    for redemption, serial in rows:
        query("INSERT INTO bench_aptic_redemption SELECT * FROM aptic_redemption WHERE id = %s", redemption)
        query(
            "UPDATE bench_aptic_voucher SET state = 'redeemed', redemption_id = %s"
            " WHERE serial = %s AND state = 'active'",
            redemption,
            serial,
        )
        query("INSERT INTO bench_aptic_event SELECT * FROM aptic_event WHERE redemption_id = %s", redemption)
        env.cr.commit()
    return time.perf_counter() - start


def settle(number):
    """The month's settlement takes the scans; not measured here."""
    day = today + timedelta(days=1 + number)
    settlement = env["aptic.settlement"].create({"cutoff_day": day})
    if "aptic.alert.rule" in env:  # nor is the look at what no pattern has looked at yet
        env["aptic.alert.rule"]._skip_all()
    settlement.with_user(env.ref("aptic_base.demo_user_compta"))._take(at=datetime.combine(day, datetime.max.time()))
    env.cr.commit()


def close(order):
    """Joint statement, signature, credit note, and the bank's refund."""
    closing = order._draw_closing()
    closing._sign()
    order._return_unused()
    bank(-round(order.to_refund * 100), f"Remboursement {order.name}")
    assert order.state == "closed", order.state


# --------------------------------------------------------------------- life
def lived(number):
    """One order from its confirmation to its end; the seconds of each state."""
    life = Life()
    past, after = datetime.now() - timedelta(days=60), datetime.now() + timedelta(days=2)
    end = after + timedelta(days=30)
    order = env["aptic.order"].create(
        {"sponsor_id": sponsor.id, "quantity": VOUCHERS, "booklet_size": SIZE, "last_day": today, "tolerance_months": 0}
    )
    own = f"WHERE order_id = {order.id}"

    def move(target, source):
        return f"UPDATE bench_aptic_voucher SET state = '{target}' {own} AND state = '{source}'"

    def insert(table, since=0):
        return f"INSERT INTO bench_{table} SELECT * FROM {table} {own} AND serial > {since}"

    life.live("confirmed", order._confirm, peer="fact", vouchers=0, moment=past)
    life.live("proofed", order._approve_proof, peer="fact", vouchers=0, moment=past)
    life.live("issued", order._issue, insert("aptic_booklet"), insert("aptic_voucher"), peer="insert", moment=past)
    life.live("printed", lambda: drawn(order), peer="fact", moment=past)
    life.live("delivered", order._deliver, peer="fact", moment=past)
    life.live("funded", lambda: bank(order.face_cents, f"Bons APTIC commande {order.name}"), peer="fact")
    life.live("active", order._activate, move("active", "printed"))
    lots = life.live("received", lambda: lots_received(order), peer="fact")
    life.live("handed singly", lambda: handed_singly(lots[0]), peer="acts", vouchers=SINGLE * SIZE)
    life.states["handed singly"].update(theirs=inject_bare(lots[0]), events=SINGLE)
    life.live("handed out", lambda: handed_out(lots[1:]), peer="fact", vouchers=VOUCHERS // LOTS * (LOTS - 1))

    [(first, last)] = query(f"SELECT min(serial), max(serial) FROM aptic_voucher {own}")
    blockings = env["aptic.blocking"]
    ranges = ((first, first + STOLEN - 1, "stolen"), (last - LOST + 1, last, "lost"))

    def block():
        return [blockings._block(low, high, cause, "Benchmark").ensure_one() for low, high, cause in ranges]

    stolen, _lost = life.live(
        "blocked",
        block,
        *(
            f"UPDATE bench_aptic_voucher SET state = 'blocked', blocking_id = {{{place}.id}}"
            f" WHERE serial BETWEEN {low} AND {high} AND state = 'active'"
            for place, (low, high, _cause) in enumerate(ranges)
        ),
        vouchers=STOLEN + LOST,
    )
    life.live(
        "replaced", stolen._replace, insert("aptic_booklet", last), insert("aptic_voucher", last),
        f"UPDATE bench_aptic_voucher SET state = 'replaced' WHERE blocking_id = {stolen.id}", vouchers=STOLEN,
    )  # fmt: skip

    used = f"state = 'active' ORDER BY serial OFFSET {VOUCHERS // 20} LIMIT {ACTS}"
    serials = {serial for (serial,) in query(f"SELECT serial FROM aptic_voucher {own} AND {used}")}
    codes = [code for serial, code in env["aptic.booklet"]._codes(order) if serial in serials]
    done = life.live("redeemed", lambda: redeem(codes, order.name), peer="acts", vouchers=len(codes))
    life.states["redeemed"].update(theirs=redeem_bare(order, done), events=len(done), statements=0)

    life.live("expired", order._expire, move("expired", "active"), moment=after)
    life.live(
        "extended", lambda: order._extend((after + timedelta(days=10)).date(), "Benchmark"), move("active", "expired"),
        moment=after,
    )  # fmt: skip
    life.live("expired again", order._expire, move("expired", "active"), moment=end)
    settle(number)
    life.live("closed", lambda: close(order), peer="fact", moment=end)
    assert order.state == "closed" and not differences(order), differences(order)
    counts = dict(query(f"SELECT state, count(*) FROM aptic_voucher {own} GROUP BY state"))
    assert counts == {
        "redeemed": ACTS, "replaced": STOLEN, "blocked": LOST, "expired": VOUCHERS - ACTS - LOST
    }, counts  # fmt: skip
    whole = life.states["active"]["theirs"]
    for state in life.states.values():
        if state["peer"] == "fact":
            state["theirs"] += whole
    return life.states


sponsor = env["aptic.sponsor"].create({"name": "Bench", "is_company": True})
relay = env["aptic.distributor"].create({"name": "Bench relay", "is_company": True})
copy_tables()
rounds = [lived(number) for number in range(ROUNDS)]
states = []
for name, first in rounds[0].items():
    middle = {key: statistics.median(seen[name][key] for seen in rounds) for key in ("ours", "theirs")}
    states.append({**first, **middle})
report(states=states, vouchers=VOUCHERS)
