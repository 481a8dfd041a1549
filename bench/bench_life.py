"""Take an order of 200,000 vouchers through every state, against a bare UPDATE and INSERT of the same rows.

The peer is SQL of one statement a table on **copies** of the tables: the same columns, indexes, checks and foreign
keys, the same rows, committed on the same durable server, in turns with ours. A copy and not the same table in a
transaction that is rolled back, because what is rolled back is not free: it leaves as many dead rows and index entries
as it wrote, on the pages that ours has to read and write next, and it never pays for its commit. The copies live the
same life as ours, state by state, so that both always have rows of the same history before them; at the end they must
hold the same vouchers in the same states and the same ledger, or the benchmark fails.

Where a state moves vouchers, ours is measured against that. Where it is a fact of the ledger or a document (booklets
printed, delivered, handed out …) and touches no voucher, bare SQL would have next to nothing to do; there the peer is
what it would cost to mark the vouchers instead: the bare UPDATE of them all (the one of the activation) and the INSERT
of the state's ledger rows. Redemptions and booklets handed out one by one are acts of their own, each with its commit,
ours and the peer's.
"""

from bench import in_odoo

# What a state may cost of its peer at most.
MOVE, FACT = 2, 1
BOUNDS = {
    "issued": MOVE,
    "printed": 4,  # a code is computed for each voucher
    "active": MOVE,
    "handed singly": 20,  # an act of a person at a desk: some fifteen milliseconds, most of them the ORM's
    "blocked": MOVE,
    "replaced": MOVE,
    "redeemed": 5,  # the same
    "expired": MOVE,
    "extended": MOVE,
    "expired again": MOVE,
}
PEERS = {
    "insert": "bare INSERT, same rows and keys",
    "update": "bare UPDATE and INSERT, same rows",
    "acts": "bare UPDATE and INSERT, each act",
    "fact": "bare UPDATE of all vouchers",
}


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    with in_odoo.database(stage) as name:
        seen = in_odoo.run(stage, name, "life")
    return [
        {
            "name": f"life: {state['name']}",
            "peer": PEERS[state["peer"]],
            "ratio": state["ours"] / state["theirs"],
            "ours": state["ours"],
            "theirs": state["theirs"],
            "unit": "s",
            "n": state["vouchers"],
            "at_most": BOUNDS.get(state["name"], FACT),
            "ledger_rows": state["events"],
            "statements": state["statements"],
        }
        for state in seen["states"]
    ]
