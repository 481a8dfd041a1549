"""Renew the locks: requirements.txt and requirements-lint.txt from their .in files, for Python 3.10 to 3.13."""

import subprocess

from ..lint import tool
from ..paths import LINT_LOCK, LOCK, ROOT
from ..ui import ApticError, step

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions, not only what is missing")


def run(options):
    """Resolve both locks, with wheels only."""
    for lock in (LOCK, LINT_LOCK):
        line = [
            tool("uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.10", "--generate-hashes",
            "--only-binary", ":all:", "--no-header", "--no-annotate", "--no-emit-index-url",
            "--override", "requirements-overrides.txt", *(["--upgrade"] if options.upgrade else []),
            lock.with_suffix(".in").name, "-o", lock.name,
        ]  # fmt: skip
        with step(lock.name):
            done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ApticError(f"uv could not resolve {lock.name}:\n{done.stderr.strip()}")
    return 0
