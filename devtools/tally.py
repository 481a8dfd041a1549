"""Counts of tests, and the closing line that says them."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What passed, failed and was skipped; ``notes`` says why something counts as failed beyond a test."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list = field(default_factory=list)

    def add(self, other):
        """Add another tally to this one."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.notes += other.notes

    def fail(self, note):
        """Count one failure that is no test's: a crash, a warning in the log."""
        self.failed += 1
        self.notes.append(note)

    def line(self):
        """Return the closing line."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"

    def exit_code(self):
        """Return 0 when at least one test ran and none failed."""
        return 0 if self.passed and not self.failed else 1


class Verdict(Tally):
    """What became of one thing that is either good or not, in a word."""

    def __init__(self, word, good, note=None):
        """Count it.

        :param word: what the run says of it.
        :param good: whether it counts as passed.
        :param note: what is to be said of it at the end.
        """
        super().__init__(passed=int(good), failed=int(not good), notes=[note] if note else [])
        self.word = word

    def line(self):
        """Say it."""
        return self.word


def from_junit(path):
    """Return the tally of a JUnit file."""
    tally = Tally()
    for suite in ET.parse(path).getroot().iter("testsuite"):
        count = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        failed = count["failures"] + count["errors"]
        tally.add(Tally(max(0, count["tests"] - failed - count["skipped"]), failed, count["skipped"]))
    return tally
