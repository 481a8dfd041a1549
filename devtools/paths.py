"""Where things live: the checkout, its private state, the user's cache."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from .ui import ApticError

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ROOT / "addons"
# A copy of the tree (a mutant's) works with the servers and templates of the checkout it was made from.
STATE = Path(os.environ.get("APTIC_STATE") or ROOT / ".aptic")
LOCK = ROOT / "requirements.txt"
RUNTIME_LOCK = ROOT / "requirements-runtime.txt"
LINT_LOCK = ROOT / "requirements-lint.txt"
# Which copy this is: it has logs of its own, for others may work beside it.
COPY = os.environ.get("APTIC_COPY", "")
CHECKOUT_KEY = hashlib.sha256(str(STATE.parent).encode()).hexdigest()[:12]


def cache_dir():
    """Return the user's cache folder of the project, made if need be (``XDG_CACHE_HOME`` is honoured)."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = Path(base) / "aptic"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ApticError(
            f"the cache folder {path} cannot be made: {error.strerror}",
            "XDG_CACHE_HOME=/some/folder/of/yours ./aptic …",
        ) from error
    return path


def state_dir(*parts):
    """Return a folder of this checkout's private state (``.aptic/…``), made with mode 0700 at its top."""
    if not STATE.is_dir():
        STATE.mkdir(mode=0o700, exist_ok=True)
    path = STATE.joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def log_dir():
    """Return the folder of the logs of this checkout, or of this copy of it."""
    return state_dir("logs", COPY)


def runtime_path(name):
    """Return where the sockets of the server ``name`` of this checkout go (a short path: 107 bytes are the limit)."""
    folder = tempfile.gettempdir()
    return Path(folder if len(folder) < 40 else "/tmp") / f"aptic-{os.getuid()}-{CHECKOUT_KEY}-{name}"


def short_runtime_dir(name):
    """Return :func:`runtime_path` as a private folder (0700).

    :param name: distinguishes the servers of one checkout.
    """
    path = runtime_path(name)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or (status.st_uid != os.getuid() and os.getuid() != 0):
            raise ApticError(f"{path} belongs to another user", "TMPDIR=/some/folder/of/yours ./aptic …") from None
    return path


def aptic_addons():
    """Return the names of the project's addons, sorted."""
    if not ADDONS.is_dir():
        return []
    return sorted(p.parent.name for p in ADDONS.glob("*/__manifest__.py"))
