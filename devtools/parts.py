"""The parts of a test run, side by side: each is a process of its own, with databases of its own."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .paths import ROOT, state_dir
from .tally import Tally
from .ui import step

MOST_LANES = 4
MEASURED = ROOT / "tests" / "durations.json"  # seconds of a whole run on two cores, for a checkout that knows none
GRACE = 30  # seconds that a part may take to end when it is asked to
# Databases of the checkout that a copy of it may use, when what is sabotaged in it is not loaded into a database.
INSTALLED, DEMONSTRATION = "APTIC_UNTOUCHED_INSTALLED", "APTIC_UNTOUCHED_DEMONSTRATION"


@dataclass
class Part:
    """One part of a run.

    :param name: what it is, as shown: an addon, a file of tests.
    :param work: called with the part in a thread of its own; it runs a process and returns what came of it.
    :param judge: called with what ``work`` returned, one part at a time; it prints what failed and returns a tally.
    :param size: how long it may take beside the others, where no earlier run tells.
    :param alone: the name of something that only one part at a time may use.
    """

    name: str
    work: Callable
    judge: Callable
    size: int = 0
    alone: str = ""
    process: subprocess.Popen | None = None
    doing: str = ""
    seconds: float = 0

    def go(self):
        """Do the work and note how long it took."""
        started = time.monotonic()
        try:
            return self.work(self)
        finally:
            self.seconds = time.monotonic() - started

    def update(self, doing):
        """Note what it is doing, in a few words."""
        self.doing = doing

    def started(self, process):
        """Note the process that it runs."""
        self.process = process

    def interrupt(self):
        """Ask its process to end."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()


def in_a_copy():
    """Tell whether this is a copy of the checkout, whose tests are run to see one fail."""
    return bool(os.environ.get("APTIC_COPY"))


def untouched(which):
    """Return the name of the database that a copy is to use instead of one of its own, or None.

    :param which: ``INSTALLED`` or ``DEMONSTRATION``.
    """
    return os.environ.get(which) if in_a_copy() else None


def lanes():
    """Return how many parts are run at a time: one a processor, and not more than the memory of a desk holds."""
    return max(1, min(len(os.sched_getaffinity(0)), MOST_LANES))


def run(parts, at_once, whole=False, what="parts of the tests"):
    """Run parts side by side, the longest first, and return the tally of all.

    :param parts: the list of :class:`Part`.
    :param at_once: how many at a time.
    :param whole: nothing was left out: each has tests, and how long it took is worth remembering.
    :param what: what they are, for who looks on.
    """
    tally, count, known, under_way = Tally(), 0, _known(), {}
    left = sorted(parts, key=lambda part: (-known.get(part.name, float("inf")), -part.size))
    title = f"{len(parts)} {what}" + (f", {at_once} at a time" if at_once > 1 else "")
    with step(title) as progress, ThreadPoolExecutor(at_once) as pool:
        try:
            while left or under_way:
                while len(under_way) < at_once and (part := _next(left, under_way.values())):
                    left.remove(part)
                    under_way[pool.submit(part.go)] = part
                for result in wait(under_way, timeout=1, return_when=FIRST_COMPLETED).done:
                    part, count = under_way.pop(result), count + 1
                    found = _judged(part, result, whole)
                    tally.add(found)
                    progress.say(f"  {count}/{len(parts)} {part.name}: {found.line()} ({part.seconds:.0f} s)")
                progress.update("; ".join(f"{part.name} {part.doing}".strip() for part in under_way.values()))
        except BaseException:
            for part in under_way.values():
                part.interrupt()
            raise
    if whole:
        _note(parts)
    return tally


def _next(left, under_way):
    """Return the first part that need not wait for one under way, or None."""
    taken = {part.alone for part in under_way if part.alone}
    return next((part for part in left if part.alone not in taken), None)


def _judged(part, result, whole):
    try:
        found = part.judge(result.result())
        if whole and not (found.passed or found.failed or found.skipped):
            found.fail(f"{part.name}: no test ran")
    except Exception as error:  # noqa: BLE001 whatever a part meets, the others go on
        found = Tally()
        found.fail(f"{part.name}: {type(error).__name__}: {error}")
    return found


def _record():
    return state_dir("logs") / "parts.json"


def _read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _known():
    """Return how many seconds each part took: here the last time, else where ``MEASURED`` was."""
    return _read(MEASURED) | _read(_record())


def _note(parts):
    known = _read(_record()) | {part.name: round(part.seconds) for part in parts}
    _record().write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
