"""Child processes that end with us, however we end."""

import ctypes
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(number=signal.SIGKILL):
    """Return options of :class:`subprocess.Popen` that send the child a signal when this process dies (on Linux)."""
    if sys.platform != "linux":
        return {}
    return {"preexec_fn": lambda: ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)}


def lines_of(line, **options):
    """Start a program with its output as text lines on a pipe; it is killed when this process dies.

    :param line: the command line.
    :param options: options of :class:`subprocess.Popen`.
    """
    return subprocess.Popen(
        line,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **end_with_parent(),
        **options,
    )
