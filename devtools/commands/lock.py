"""Renew the locks from their .in files, for Python 3.10 to 3.13.

requirements.txt is the whole, requirements-runtime.txt what production needs of it, requirements-lint.txt the linters.
"""

import subprocess

from ..lint import tool
from ..paths import LINT_LOCK, LOCK, ROOT, RUNTIME_LOCK
from ..ui import ApticError, step

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions, not only what is missing")


def run(options):
    """Resolve the locks, with wheels only; the runtime's has the versions of the whole."""
    upgrade = ["--upgrade"] if options.upgrade else []
    constraint = ["--constraint", LOCK.name]
    for source, lock, more in (
        ("requirements-dev.in", LOCK, upgrade),
        ("requirements.in", RUNTIME_LOCK, constraint),
        ("requirements-lint.in", LINT_LOCK, upgrade),
    ):
        line = [
            tool("uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.10", "--generate-hashes",
            "--only-binary", ":all:", "--no-header", "--no-annotate", "--no-emit-index-url",
            "--override", "requirements-overrides.txt", *more, source, "-o", lock.name,
        ]  # fmt: skip
        with step(lock.name):
            done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ApticError(f"uv could not resolve {source}:\n{done.stderr.strip()}")
    return 0
