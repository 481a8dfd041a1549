"""The proof that the locks install from wheels alone on every Python we support."""

import os
import re
import tempfile
from pathlib import Path

from ..paths import LINT_LOCK, LOCK, ROOT, RUNTIME_LOCK
from . import output_of, tool

PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def unavailable(lock, python):
    """Return uv's complaints about installing ``lock`` on a version of Python, from wheels only; none when it can."""
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    with tempfile.TemporaryDirectory() as folder:
        line = [
            tool("uv"), "pip", "install", "--quiet", "--dry-run", "--python-version", python, "--target", folder,
            "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", str(lock),
        ]  # fmt: skip
        return output_of(line, env=environment)


def locks(context):
    """Check the locks on each Python."""
    return [
        f"{Path(lock).name}, Python {python}: {text.strip()}"
        for lock in (LOCK, RUNTIME_LOCK, LINT_LOCK)
        for python in PYTHONS
        for text in unavailable(lock, python)
        if text.strip()
    ]


def _pins(path):
    """Return the pinned requirements of a lock: ``name==version ; marker``."""
    return {line.rstrip(" \\") for line in path.read_text().splitlines() if "==" in line and line[0].isalnum()}


def _wanted(path):
    """Return the names that an input file asks for, as locks spell them."""
    for line in path.read_text().splitlines():
        name = re.split(r"[#;<>=\s]", line.strip())[0]
        if name and not name.startswith("-"):
            yield re.sub(r"[-_.]+", "-", name).lower()


def inputs(context):
    """Check that each wanted package is in its lock, and that the runtime's lock is a part of the whole."""
    problems = []
    for source, lock in (
        ("requirements-dev.in", LOCK), ("requirements.in", LOCK), ("requirements.in", RUNTIME_LOCK),
        ("requirements-lint.in", LINT_LOCK),
    ):  # fmt: skip
        locked = {pin.split("==")[0] for pin in _pins(lock)}
        for name in _wanted(ROOT / source):
            if name not in locked:
                problems.append(f"{name} of {source} is not in {lock.name}: ./aptic lock")
    versions = {pin.split(" ;")[0] for pin in _pins(LOCK)}
    for pin in sorted({pin.split(" ;")[0] for pin in _pins(RUNTIME_LOCK)} - versions):
        problems.append(f"{pin} of {RUNTIME_LOCK.name} is not in {LOCK.name}: ./aptic lock")
    return problems
