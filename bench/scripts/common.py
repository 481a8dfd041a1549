"""What the scripts have in common; it stands before each of them (``env`` is the shell's)."""
# ruff: noqa: F821

import resource
import time


def timed(act):
    """Run ``act`` with the commit that makes it durable and return the seconds."""
    env.invalidate_all()
    start = time.perf_counter()
    act()
    env.cr.commit()
    return time.perf_counter() - start


def peak():
    """The process's highest memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
