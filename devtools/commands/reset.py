"""Forget this checkout's databases, files, logs and keys (.aptic); the downloads of the user's cache stay."""

import os
import shutil
from pathlib import Path

from .. import postgres
from ..locks import held
from ..paths import CHECKOUT_KEY, STATE, cache_dir, runtime_path
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = False


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--cache", action="store_true", help="the downloads too (Odoo, Python packages)")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(options):
    """Ask, then remove."""
    what = [STATE, Path("/var/lib/aptic") / CHECKOUT_KEY] + ([cache_dir()] if options.cache else [])
    what += [runtime_path(name) for name in (postgres.RUN, postgres.TEST, postgres.BENCH)]
    what = [path for path in what if path.exists()]
    if not what:
        say("nothing to forget")
        return 0
    for name in (postgres.RUN, postgres.TEST, postgres.BENCH):
        data = postgres.data_folder(name) if STATE.exists() else None
        if data and held(data.with_name(f"{data.name}.using")):
            raise ApticError("a command of this checkout is still at work", "end it, then ./aptic reset")
    say("this removes " + " and ".join(map(str, what)))
    if not options.yes and input("type yes to go on: ").strip() != "yes":
        return 1
    for path in what:
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            raise ApticError(
                f"{path} could not be removed as user {os.getuid()}", "the same command as the user who ran it"
            )
    return 0
