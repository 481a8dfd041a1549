"""Check the ledger against its seals and say the first row that was altered, removed or put in.

The exit code is 0 when everything agrees, 1 when something does not. The last line names the last seal: keep it outside
the database, and give it back later with --anchor, to see also that nobody made the whole chain anew. It asks the
database alone: Odoo need not run.
"""

import importlib.util
import re
import sys

from .. import databases, postgres
from ..paths import ADDONS
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = True
ANCHOR = re.compile(r"(\d{1,9}):([0-9a-fA-F]{64})")
WORDS = {
    "altered": "row {row} is not what it was (seal {seal})",
    "missing": "row {row} is missing (seal {seal})",
    "inserted": "row {row} was put in later (seal {seal})",
    "seal": "seal {seal} is not what it was",
    "chain": "seal {seal} is missing",
    "anchor": "the chain agrees with itself, but it is not the one whose seal you kept",
}


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--db", default="aptic", metavar="NAME", help="database (aptic)")
    parser.add_argument("--anchor", metavar="NUMBER:SHA-256", help="a seal as an earlier check named it")


def run(options):
    """Check and tell."""
    found = options.anchor and ANCHOR.fullmatch(options.anchor)
    if options.anchor and not found:
        raise ApticError(f"{options.anchor!r} is no anchor", "--anchor 12:<64 hexadecimal digits>")
    server = postgres.server(postgres.RUN)
    if not databases.exists(server, options.db):
        raise ApticError(f"there is no database {options.db!r}", "./aptic run")
    return check(server, options.db, found and (int(found[1]), found[2].lower()))


def check(server, database, anchor=None):
    """Check the ledger of a database, tell, and return the exit code."""
    seals = _seals()
    connection = server.connect(database, autocommit=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('aptic_seal')")
            if not cursor.fetchone()[0]:
                raise ApticError(f"{database!r} has no sealed ledger", "./aptic run")
            done = seals.check(cursor, anchor)
    finally:
        connection.close()
    if done.fault:
        words = WORDS[done.fault.kind].format(row=done.fault.row, seal=done.fault.seal)
        say(f"NOT INTACT: {words}; {done.rows:,} rows in {done.number:,} seals before it agree")
        return 1
    say(f"intact: {done.rows:,} rows in {done.number:,} seals; {done.unsealed:,} rows wait for their seal")
    if done.number:
        say(f"keep:   {done.number}:{done.hash}")
    return 0


def _seals():
    """The addon's own file, without Odoo."""
    spec = importlib.util.spec_from_file_location("aptic_seals", ADDONS / "aptic_voucher/seals.py")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
