"""The checks of ``./aptic lint``: each is a function that returns the list of problems it found."""

import shutil
import subprocess
from pathlib import Path

from .. import python_env
from ..paths import LINT_LOCK, ROOT


def tool(name):
    """Return the path of a program of the linters' environment (built at first use)."""
    return str(python_env.ensure(None, LINT_LOCK) / "bin" / name)


def files(*patterns):
    """Return the files that git knows (or would add) matching the patterns, relative to the checkout."""
    if shutil.which("git") and (ROOT / ".git").exists():
        line = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
        names = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        return [name for name in dict.fromkeys(names) if (ROOT / name).is_file()]
    found = [path for pattern in patterns for path in ROOT.rglob(Path(pattern).name)]
    return [str(p.relative_to(ROOT)) for p in found if not {".aptic", "node_modules"} & set(p.parts) and p.is_file()]


def output_of(line, **options):
    """Run a linter and return its output as problems: nothing when it ends with 0."""
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, **options)
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).strip().splitlines() or [f"{line[0]} ended with code {done.returncode}"]
