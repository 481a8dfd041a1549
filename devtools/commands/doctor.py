"""Say what is there, what is missing and what to type."""

import os
import platform
import shutil

from .. import odoo_tree, postgres, python_env, system
from ..locks import held
from ..paths import ADDONS, STATE, aptic_addons, cache_dir
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = False


def arguments(parser):
    """Add no option."""


def _checks():
    """Yield ``(what, state, what to type or "")``; a state that starts with ``no`` is a lack."""
    yield "Python", platform.python_version(), ""
    try:
        tree = odoo_tree.find()
    except ApticError as error:
        yield "Odoo", f"no: {error.message}", error.hint or ""
        tree = None
    else:
        yield (
            "Odoo",
            f"{tree.version}, {tree.origin}, {tree.home}" if tree else "not yet",
            "" if tree else "./aptic setup",
        )
    if tree:
        environment = python_env.location(tree.python_path)
        whole = python_env.is_complete(environment)
        yield "Python packages", str(environment) if whole else "not yet", "" if whole else "./aptic setup"
    named = postgres.named_server()
    if named:
        yield "PostgreSQL", f"{named.host}:{named.port} as {named.user or 'yourself'} (named by you)", ""
    else:
        for name, purpose in ((postgres.RUN, "run"), (postgres.TEST, "test"), (postgres.BENCH, "bench")):
            data = postgres.data_folder(name) if STATE.is_dir() else None
            there = data is not None and (data / "aptic-ready").exists()
            running = there and held(data.with_name(f"{data.name}.using"))
            yield (
                f"PostgreSQL for {purpose}",
                "running" if running else "stopped" if there else "made at first use",
                "",
            )
    yield "addons", f"{len(aptic_addons())} in {ADDONS}", ""
    yield "voucher keys", str(STATE / "odoo.conf") if (STATE / "odoo.conf").exists() else "made at first run", ""
    root = "as root: " if os.geteuid() else ""
    for name, found, use in (
        ("Chromium", system.chromium(), "browser tests"),
        ("wkhtmltopdf", system.wkhtmltopdf(), "PDF of Odoo's own invoice; without it the invoice is an HTML print"),
    ):
        packages = " ".join(system.PACKAGES[name.lower()])
        yield name, found or f"no ({use})", "" if found else f"{root}apt-get install {packages}"
    for name, use in (("node", "lint of JavaScript"), ("npm", "lint of JavaScript"), ("git", "lint")):
        found = shutil.which(name)
        yield (
            name,
            found or f"no ({use})",
            "" if found else f"{root}apt-get install {'nodejs' if name == 'node' else name}",
        )
    free = shutil.disk_usage(cache_dir()).free / 2**30
    yield "disk", f"{free:.0f} GiB free", "" if free > 6 else "make room: 6 GiB are needed"


def run(options):
    """Print the checks; the exit code tells whether anything is missing that ./aptic run needs."""
    for what, state, hint in _checks():
        say(f"{what:<22} {state}")
        if hint:
            say(f"{'':<22} → {hint}")
    return 0
