"""Runs Odoo: its command line, its log, its progress."""

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from .paths import ADDONS, aptic_addons, log_dir
from .ui import ApticError

GRACE = 5  # seconds to write the stacks
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


class Watch:
    """Stops Odoo when one of its tests takes longer than anybody waits; what its threads do is in the log."""

    def __init__(self, process, patience):
        """Begin to wait.

        :param process: the running Odoo.
        :param patience: seconds from the start of one test to the next; None waits for ever.
        """
        self.process, self.patience, self.timer, self.last, self.stopped = process, patience, None, "", None

    def saw(self, record):
        """Start anew with each test that starts."""
        if self.patience and record.logger.startswith("odoo.addons.") and record.text.startswith("Starting "):
            self.cancel()
            self.last = record.text.removeprefix("Starting ").removesuffix(" ... ").strip()
            self.timer = threading.Timer(self.patience, self._stop)
            self.timer.daemon = True
            self.timer.start()

    def cancel(self):
        """Wait for nothing more."""
        if self.timer:
            self.timer.cancel()

    def _stop(self):
        self.stopped = self.last
        self.process.send_signal(signal.SIGQUIT)  # Odoo writes what each thread is doing
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def run(line, server, log_name, progress=None, stdin=None, patience=None, started=None):
    """Run Odoo to its end, keep its log in ``.aptic/logs`` and return ``(exit code, records, log file)``.

    :param line: the command line (:func:`command`).
    :param log_name: the name of the log file, without extension.
    :param progress: the step to report loaded modules to.
    :param stdin: text for its standard input.
    :param patience: seconds that one test may take; then Odoo is stopped, and the last record names the test.
    :param started: called with the process.
    """
    log_file = log_dir() / f"{log_name}.log"
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
    if started:
        started(process)
    watch = Watch(process, patience)
    try:
        if stdin is not None:
            process.stdin.write(stdin)
            process.stdin.close()
        with open(log_file, "w", encoding="utf-8") as stream:
            for text in process.stdout:
                stream.write(text)
                stream.flush()
                if _record(records, text.rstrip("\n"), progress):
                    watch.saw(records[-1])
        code = process.wait()
        watch.cancel()
        if watch.stopped is not None:
            said = f"{watch.stopped} was still running after {patience} s and was stopped"
            records.append(Record("ERROR", "aptic.tests", said))
        return code, records, log_file
    except BaseException:
        watch.cancel()
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _record(records, text, progress):
    """Add a line of the log; return whether a record begins with it."""
    found = LINE.match(text)
    if not found:
        if records:
            records[-1].more.append(text)
        else:
            records.append(Record("OUTPUT", "", text))
        return False
    records.append(Record(found["level"], found["logger"], found["text"]))
    loading = LOADING.search(found["text"])
    if progress and loading:
        progress.update(f"{loading['at']}/{loading['of']} {loading['name']}")
    elif progress and found["logger"].startswith("odoo.addons.") and "Starting" in found["text"]:
        progress.update(found["text"][:60])
    return True


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
