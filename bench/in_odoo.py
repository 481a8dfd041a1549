"""Runs a script inside Odoo (its shell) on the durable PostgreSQL and returns what it reports."""

import contextlib
import inspect
import json
from pathlib import Path

from devtools import odoo_process
from devtools.ui import ApticError

MARK = "BENCH "
SCRIPTS = Path(__file__).resolve().parent / "scripts"


def scaled(count, scale, multiple=1):
    """Return ``count`` at a smaller scale: a multiple of ``multiple``, once it at least."""
    return max(1, round(count * scale / multiple)) * multiple


@contextlib.contextmanager
def database(stage, *modules):
    """A clone of the demonstration on the durable server, with more of Odoo's modules; dropped afterwards."""
    name = stage.database(durable=True)
    try:
        if modules:
            server = stage.postgres(durable=True)
            odoo_process.install(
                stage.tree, server, stage.conf, name, "-i", ",".join(modules), log_name="bench-install"
            )
        yield name
    finally:
        stage.drop(name, durable=True)


def run(stage, name, script, **constants):
    """Run ``bench/scripts/<script>.py`` in the shell of database ``name``; it finds ``constants`` under their names.

    The script finds ``env``, ``report(**values)``, ``sized(count, multiple=1)``, a count at the session's scale, and
    what ``scripts/common.py`` defines.

    :return: what the script gave to ``report(...)``, as keyword arguments, together.
    """
    server = stage.postgres(durable=True)
    line = odoo_process.command(stage.tree, server, stage.conf, name, "--no-http", verb="shell")
    source = f"import json\ndef report(**values):\n    print({MARK!r} + json.dumps(values), flush=True)\n"
    source += inspect.getsource(scaled)
    source += f"def sized(count, multiple=1):\n    return scaled(count, {stage.scale!r}, multiple)\n"
    source += "".join(f"{key} = {value!r}\n" for key, value in constants.items())
    source += "\n".join((SCRIPTS / f"{part}.py").read_text(encoding="utf-8") for part in ("common", script))
    code, _records, log = odoo_process.run(line, server, f"bench-{script}", stdin=source)
    text = log.read_text(encoding="utf-8", errors="replace")
    found = {}
    for row in text.splitlines():
        if row.startswith(MARK):
            found |= json.loads(row.removeprefix(MARK))
    if code or not found:
        raise ApticError(f"the benchmark's script {script} failed: {text.strip()[-600:]}", f"less '{log}'")
    return found
