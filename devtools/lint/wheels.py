"""The proof that the locks install from wheels alone on every Python we support."""

import os
import tempfile
from pathlib import Path

from ..paths import LINT_LOCK, LOCK, ROOT
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
    """Check both locks on each Python."""
    return [
        f"{Path(lock).name}, Python {python}: {text.strip()}"
        for lock in (LOCK, LINT_LOCK)
        for python in PYTHONS
        for text in unavailable(lock, python)
        if text.strip()
    ]


def inputs(context):
    """Check that each wanted package is in its lock (``./aptic lock`` was run)."""
    problems = []
    for lock in (LOCK, LINT_LOCK):
        locked = {line.split("==")[0].lower() for line in lock.read_text().splitlines() if "==" in line}
        for line in (ROOT / lock.with_suffix(".in").name).read_text().splitlines():
            name = line.split("#")[0].split(";")[0].split("<")[0].split(">")[0].strip().lower().replace("_", "-")
            if name and name.replace(".", "-") not in locked:
                problems.append(f"{name} is wanted and not in {lock.name}: ./aptic lock")
    return problems
