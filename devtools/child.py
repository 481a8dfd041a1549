"""Child processes that end with us, however we end."""

import ctypes
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def _end_with_parent():
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def lines_of(line, **options):
    """Start a program with its output as text lines on a pipe; it is killed when this process dies.

    :param line: the command line.
    :param options: options of :class:`subprocess.Popen`.
    """
    if sys.platform == "linux":
        options.setdefault("preexec_fn", _end_with_parent)
    return subprocess.Popen(
        line,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )
