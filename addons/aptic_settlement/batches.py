"""What is made for many records in one transaction: one record's trouble is noted, and does not stop the others."""

import logging

import psycopg2
from odoo.exceptions import ConcurrencyError, LockError, UserError

_logger = logging.getLogger(__name__)

# Nobody's trouble but the moment's: the transaction is made again later.
PASSING = (psycopg2.OperationalError, psycopg2.InterfaceError, ConcurrencyError, LockError)


def in_halves(records, make, note):
    """Make something for all records; where that fails, for each half of them, until the trouble is alone.

    :param make: is called with records; what it did is undone when it fails
    :param note: is called with the record for which it fails alone, and the reason in words
    :raise Exception: when the trouble is the moment's: a lock, a serialization failure, the end of memory or of time
    """
    try:
        with records.env.cr.savepoint():
            make(records)
    except (*PASSING, MemoryError):
        raise
    except Exception as error:  # pylint: disable=broad-except
        if type(error) is Exception:  # Odoo's own, at the limit of a process's time
            raise
        if len(records) > 1:
            half = len(records) // 2
            in_halves(records[:half], make, note)
            in_halves(records[half:], make, note)
            return
        note(records, _reason(records.env, error))


def _reason(env, error):
    """What is wrong, for the accountant; what is no refusal goes to the log in full."""
    if isinstance(error, UserError):
        return str(error)
    _logger.warning("what was to be made in a batch could not be made", exc_info=error)
    return env._("Unexpected error (%s): tell the administrator, the log says more.", type(error).__name__)
