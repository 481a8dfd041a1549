"""Runs Odoo: its command line, its log, its progress."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .paths import ADDONS, aptic_addons, state_dir
from .ui import ApticError

LAUNCHER = Path(__file__).resolve().parent / "bin" / "odoo-bin"
LINE = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>\S+): (?P<text>.*)$"
)
LOADING = re.compile(r"Loading module (?P<name>\S+) \((?P<at>\d+)/(?P<of>\d+)\)")


@dataclass
class Record:
    """One record of Odoo's log: its first line and what followed it (a traceback)."""

    level: str
    logger: str
    text: str
    more: list = field(default_factory=list)


def addons_path(tree, addons=ADDONS):
    """Return the value of ``--addons-path`` for a tree and a folder of addons (left out while it is empty)."""
    paths = [str(path) for path in tree.addons_paths]
    if any(Path(addons).glob("*/__manifest__.py")):
        paths.insert(0, str(addons))
    return ",".join(paths)


def command(tree, server, conf, database, *arguments, addons=ADDONS, verb=None):
    """Return the command line that runs Odoo on a database.

    :param tree: the Odoo tree.
    :param server: the PostgreSQL server.
    :param conf: the configuration file.
    :param database: the database's name, or None.
    :param arguments: more options.
    :param addons: the folder of our addons (a copy for a mutant).
    :param verb: a subcommand of Odoo such as ``shell``.
    """
    line = [sys.executable, str(LAUNCHER), *([verb] if verb else []), "-c", str(conf), *server.odoo_options()]
    path = addons_path(tree, addons)
    if path:
        line += ["--addons-path", path]
    if database:
        line += ["-d", database]
    return [*line, *map(str, arguments)]


def environment(server, **more):
    """Return the process environment of Odoo on a server."""
    values = dict(server.environment(), APTIC_PARENT=str(os.getpid()), PYTHONUNBUFFERED="1", **more)
    values.pop("PYTHONPATH", None)
    return values


def run(line, server, log_name, progress=None, stdin=None):
    """Run Odoo to its end, keep its log in ``.aptic/logs`` and return ``(exit code, records, log file)``.

    :param line: the command line (:func:`command`).
    :param log_name: the name of the log file, without extension.
    :param progress: the step to report loaded modules to.
    :param stdin: text for its standard input.
    """
    log_file = state_dir("logs") / f"{log_name}.log"
    records = []
    process = subprocess.Popen(
        line,
        env=environment(server),
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        if stdin is not None:
            process.stdin.write(stdin)
            process.stdin.close()
        with open(log_file, "w", encoding="utf-8") as stream:
            for text in process.stdout:
                stream.write(text)
                stream.flush()
                _record(records, text.rstrip("\n"), progress)
        return process.wait(), records, log_file
    except BaseException:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _record(records, text, progress):
    found = LINE.match(text)
    if not found:
        if records:
            records[-1].more.append(text)
        else:
            records.append(Record("OUTPUT", "", text))
        return
    records.append(Record(found["level"], found["logger"], found["text"]))
    loading = LOADING.search(found["text"])
    if progress and loading:
        progress.update(f"{loading['at']}/{loading['of']} {loading['name']}")
    elif progress and found["logger"].startswith("odoo.addons.") and "Starting" in found["text"]:
        progress.update(found["text"][:60])


def read_log(path):
    """Return the records of a log file."""
    records = []
    with open(path, encoding="utf-8", errors="replace") as stream:
        for text in stream:
            _record(records, text.rstrip("\n"), None)
    return records


def install(tree, server, conf, database, *arguments, progress=None, log_name="install", addons=ADDONS):
    """Install or update modules and stop; raise when Odoo fails or logs an error.

    :return: the records of the log.
    """
    line = command(tree, server, conf, database, *arguments, "--stop-after-init", "--no-http", addons=addons)
    code, records, log_file = run(line, server, log_name, progress)
    bad = [record for record in records if record.level in ("ERROR", "CRITICAL")]
    if code or bad:
        shown = bad[-1:] or records[-1:]
        text = "\n    ".join(line for record in shown for line in [record.text, *record.more[-12:]])
        raise ApticError(f"Odoo could not load the modules:\n    {text}", f"less '{log_file}'")
    return records


def module_names(names=None):
    """Return the names of our addons that are asked for, all of them by default.

    :raises ApticError: when one does not exist.
    """
    have = aptic_addons()
    for name in names or ():
        if name not in have:
            raise ApticError(f"there is no addon {name!r}", f"one of: {' '.join(have) or '(none yet)'}")
    return list(names or have)
