"""Database sessions that a process keeps for its redemptions.

A redemption is short: to plan its statements and the checks of its foreign keys takes the database longer than to run
them. Odoo's pool lets a session forget every plan each time it lends it (``DISCARD ALL``), so a process keeps a few
aside, for nothing else, with their statements prepared. Each use is one transaction, begun by its first statement, as
on a fresh cursor; nothing of it is left for the next one. (A pooler between Odoo and PostgreSQL must pool sessions, not
transactions, as Odoo asks of it anyway.)
"""

import atexit
import contextlib
import os
import select
import weakref
from collections import deque

from odoo.modules import module
from odoo.sql_db import Cursor
from psycopg2.extensions import STATUS_READY

MOST_IDLE = 2  # of a process: a worker needs one, threads seldom more
SETTINGS = {
    "application_name": "aptic redemptions",
    # Each statement looks up a few rows by their keys: one plan is right for all, also made while tables are small.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

_idle = deque()
_inherited = []  # by a fork: neither to be used nor, by the garbage collector, closed
_prepared = weakref.WeakKeyDictionary()  # cursor of a kept session: EXECUTE by statement


class _Session:
    """A kept cursor and where it is good."""

    def __init__(self, registry):
        self.registry, self.pid = registry, os.getpid()
        self.cr = registry.cursor()
        self.is_kept = type(self.cr) is Cursor and not module.current_test
        if self.is_kept:
            for name, value in SETTINGS.items():
                self.cr.execute("SELECT set_config(%s, %s, false)", (name, value))
            self.cr.commit()  # pylint: disable=invalid-commit
            _prepared[self.cr] = {}

    def is_good(self, registry):
        """Whether it serves this registry and the server has not hung up meanwhile (an idle one has nothing to say)."""
        if self.registry is not registry or self.cr.closed:
            return False
        poll = select.poll()
        poll.register(self.cr.connection.fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self):
        """Give the connection back to Odoo's pool."""
        _prepared.pop(self.cr, None)
        self.cr.close()


def _take(registry):
    while _idle:
        try:
            session = _idle.pop()
        except IndexError:  # another thread was faster
            break
        if session.pid != os.getpid():  # the parent's, not ours to close
            _inherited.append(session)
            continue
        if session.is_good(registry):
            return session
        session.close()
    return _Session(registry)


@contextlib.contextmanager
def transaction(registry):
    """Give a cursor whose first statement begins a transaction; commit at the end, roll back on an exception."""
    session = _take(registry)
    try:
        yield session.cr
        session.cr.commit()
    except BaseException:
        session.close()
        raise
    session.cr.transaction = None  # no environment, no cache outlives its act
    if session.is_kept and len(_idle) < MOST_IDLE:
        _idle.append(session)
    else:
        session.close()


def execute(cr, query):
    """Run a statement, prepared where the session is a kept one. What fails is the caller's to tell, not the log's.

    :param SQL query: the database must be able to tell the types of its parameters
    """
    known = _prepared.get(cr)
    if known is None or not query.params:
        cr.execute(query, log_exceptions=False)
        return
    code, values = query.code, query.params
    if code not in known:
        name = f"aptic_{len(known)}"
        is_first = cr.connection.status == STATUS_READY
        places = tuple(f"${number}" for number in range(1, len(values) + 1))
        cr.execute(f"PREPARE {name} AS {code % places}")  # pylint: disable=sql-injection
        if is_first:
            cr.connection.rollback()  # what is prepared stays; the act itself begins the transaction
        known[code] = f"EXECUTE {name} ({', '.join(['%s'] * len(values))})"
    cr.execute(known[code], values, log_exceptions=False)


@atexit.register
def _close_all():
    while _idle:
        session = _idle.pop()
        if session.pid == os.getpid():
            session.close()
