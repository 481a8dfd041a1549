"""The moment of an act: now, unless a loader of past data says otherwise for a block.

Only code of the server can set it; nothing that a client sends reaches it::

    with clock.at(moment):
        order._activate()
"""

import contextlib
import contextvars
from datetime import date, datetime

from odoo import fields

from .days import paris_day

_MOMENT = contextvars.ContextVar("aptic_moment", default=None)


def now() -> datetime:
    """Return the moment, naive UTC, without microseconds."""
    return _MOMENT.get() or fields.Datetime.now()


def today() -> date:
    """Return the day of the moment in Europe/Paris."""
    return paris_day(now())


@contextlib.contextmanager
def at(moment: datetime):
    """Let the acts inside the block happen at ``moment`` (naive UTC)."""
    token = _MOMENT.set(moment)
    try:
        yield
    finally:
        _MOMENT.reset(token)
