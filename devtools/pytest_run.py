"""Runs pytest on the plain Python of the addons and on the black-box tests."""

import os
import re
import signal
import subprocess
import sys

from . import child
from .paths import ROOT, STATE, state_dir
from .tally import Tally, from_junit

NOTHING_COLLECTED = 5


def targets(addons):
    """Return what to hand to pytest: everything, or the unit tests that name one of ``addons``."""
    tests = ROOT / "tests"
    if not addons:
        return [str(tests)]
    named = re.compile("|".join(rf"\b{re.escape(addon)}\b" for addon in addons))
    return sorted(
        str(path) for path in (tests / "unit").glob("test_*.py") if named.search(path.read_text(encoding="utf-8"))
    )


def run(word=None, addons=(), environment=None):
    """Run pytest and return its tally; a crash of pytest is a failure.

    :param word: pytest's ``-k`` expression.
    :param addons: limit to the unit tests of these addons.
    """
    paths = targets(addons)
    if not paths:
        return Tally()
    report = state_dir("logs") / "pytest.xml"
    report.unlink(missing_ok=True)
    line = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *(["-k", word] if word else []), *paths]
    values = dict(os.environ if environment is None else environment, APTIC_STATE=str(STATE))
    code = subprocess.run(line, cwd=ROOT, env=values, check=False, **child.end_with_parent(signal.SIGINT)).returncode
    if code == NOTHING_COLLECTED:
        return Tally()
    tally = from_junit(report) if report.exists() else Tally()
    if code and not tally.failed:
        tally.fail(f"pytest ended with code {code}")
    return tally
