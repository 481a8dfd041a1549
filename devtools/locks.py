"""A lock file between processes: released by the system however its holder ends."""

import contextlib
import fcntl
import os

from .ui import say


@contextlib.contextmanager
def file_lock(path, waiting_for):
    """Hold an exclusive lock on ``path`` while the block runs.

    :param path: the lock file, created if need be.
    :param waiting_for: what another process is probably doing, said once when we have to wait.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  waiting: another ./aptic is busy with {waiting_for}")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def held(path):
    """Tell whether a process holds a lock on ``path``."""
    if not os.path.exists(path):
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
