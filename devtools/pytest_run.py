"""Runs pytest on the plain Python of the addons and on the black-box tests."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from . import child
from .parts import Part, in_a_copy
from .paths import ROOT, STATE, log_dir
from .tally import Tally, from_junit
from .ui import ApticError, say

NOTHING_COLLECTED = 5
UNIT = "tests/unit"
DURABLE, ON_DURABLE = "tests of the durable server", "durable=True"  # there is one, and some of its tests kill it
COLLECTED = re.compile(r"^(tests/\S+?\.py)::", re.MULTILINE)
DOTS = re.compile(r"^([.FEsxX]+)(?: +\[ *(\d+%)\])?$")


def targets(addons):
    """Return what to hand to pytest: everything, or the unit tests that name one of ``addons``."""
    tests = ROOT / "tests"
    if not addons:
        return [str(tests)]
    named = re.compile("|".join(rf"\b{re.escape(addon)}\b" for addon in addons))
    return sorted(
        str(path) for path in (tests / "unit").glob("test_*.py") if named.search(path.read_text(encoding="utf-8"))
    )


def parts(word=None, addons=()):
    """Return the parts of a run: one a file of black-box tests, one for all unit tests, one for the durable server.

    :param word: pytest's ``-k`` expression.
    :param addons: limit to the unit tests of these addons.
    :raises ApticError: when pytest cannot even collect the tests.
    """
    paths = targets(addons)
    if not paths:
        return []
    chosen = ["-k", word] if word else []
    collected = subprocess.run(
        [*_pytest(), "--collect-only", *chosen, *paths], cwd=ROOT, env=_environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if collected.returncode not in (0, NOTHING_COLLECTED):
        raise ApticError(f"pytest cannot collect the tests:\n{collected.stdout}{collected.stderr}")
    files = sorted(set(COLLECTED.findall(collected.stdout)))
    groups = {UNIT: [path for path in files if path.startswith(f"{UNIT}/")]}
    groups[DURABLE] = [path for path in files if ON_DURABLE in (ROOT / path).read_text(encoding="utf-8")]
    groups |= {path: [path] for path in files if path not in groups[UNIT] + groups[DURABLE]}
    if in_a_copy():  # a mutant's demonstration is its process's own: one process makes it once
        groups = {"pytest": files}
    return [_part(name, [*chosen, *files]) for name, files in groups.items() if files]


def _pytest():
    return [sys.executable, "-m", "pytest", "-q"]


def _environment():
    return dict(os.environ, APTIC_STATE=str(STATE))


def _part(name, arguments):
    report = log_dir() / f"pytest-{Path(name).stem}.xml"

    def work(part):
        report.unlink(missing_ok=True)
        options = child.end_with_parent(signal.SIGINT)
        process = subprocess.Popen(
            [*_pytest(), f"--junitxml={report}", *arguments], cwd=ROOT, env=_environment(), text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options,
        )  # fmt: skip
        part.started(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if dots := DOTS.match(line.strip()):
                part.update(dots[2] or "")
        return process.wait(), "".join(lines)

    return Part(name, work, lambda result: _judge(name, report, *result), sum(map(_size, arguments)))


def _size(argument):
    path = ROOT / argument
    return path.stat().st_size if path.is_file() else 0


def _judge(name, report, code, output):
    """Return the tally of one pytest process; print what it said when something failed; a crash is a failure."""
    tally = from_junit(report) if report.exists() else Tally()
    if code not in (0, NOTHING_COLLECTED) and not tally.failed:
        tally.fail(f"pytest ended with code {code} on {name}")
    if tally.failed:
        say(output)
    return tally
