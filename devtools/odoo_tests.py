"""Runs the tests inside the addons with Odoo's own runner, on a clone of the template database."""

import ast
import contextlib
import os
import re

from . import conf, databases, odoo_process
from .parts import INSTALLED, Part, untouched
from .paths import ADDONS
from .ports import free_port
from .tally import Tally
from .ui import say, step

SUMMARY = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when loading database")
SKIPPED = re.compile(r"^skipped ", re.IGNORECASE)
OUTCOME = re.compile(r"^(?:FAIL|ERROR): (?:Subtest )?(?P<name>\S+(?: \([\w.]+\))?)")
# Deprecations inside Odoo and the packages, on releases newer than it was written for, are theirs to mend: Odoo's
# web sockets make a gevent Queue(0) at every start, for one. Those our addons cause are reported at our lines.
FOREIGN_DEPRECATION = re.compile(
    r"^\S*(?:/site-packages/|/dist-packages/|/odoo/)(?!.*\baptic_)\S*:\d+: (?:Pending)?DeprecationWarning: "
)
PATIENCE = 15 * 60  # seconds that one test may take: the longest takes three minutes; pyproject.toml has pytest's
# Core's cleaning gives up after ten seconds on a busy machine, says that it did nothing, and goes on a minute later.
SLOW_VACUUM = "Job 'Base: Auto-vacuum internal data' "
# Two transactions met at a message that core throws away: Odoo logs the statement, and makes the second one again.
MET = re.compile(r"bad query: b'DELETE FROM \"mail_message\" .*could not serialize access", re.DOTALL)


def select(word, addons, root=ADDONS):
    """Return Odoo's test tags for the tests whose file, class or method has ``word`` in its name, by addon.

    :param word: what to look for, in any case; None selects everything.
    :param addons: the addons to look in.
    :return: a dictionary from addon to its list of tags; an addon without a match is left out.
    """
    if word is None:
        return {addon: [f"/{addon}"] for addon in addons}
    wanted, found = word.lower(), {}
    for addon in addons:
        for path in sorted((root / addon / "tests").glob("test_*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if not isinstance(node, ast.ClassDef):
                    continue
                methods = [
                    item.name
                    for item in node.body
                    if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name.startswith("test")
                ]
                if wanted in node.name.lower() or wanted in path.stem.lower():
                    tags = [f"/{addon}:{node.name}"] if methods or node.bases else []
                else:
                    tags = [f"/{addon}:{node.name}.{name}" for name in methods if wanted in name.lower()]
                if tags:
                    found.setdefault(addon, []).extend(tags)
    return found


def clean_leftovers(server, data):
    """Drop the databases of test runs that were killed."""
    for (name,) in server.query("SELECT datname FROM pg_database WHERE datname LIKE 'test-%'"):
        process = re.match(r"test-(\d+)", name)
        if process and not os.path.exists(f"/proc/{process[1]}"):
            databases.drop(server, data, name)


def template(tree, server):
    """Return the name of the template with all dependencies, made if need be; older ones are dropped."""
    data, name = conf.test_data(), f"deps-{databases.dependency_key(tree)}"
    databases.ensure_dependencies(tree, server, conf.test(), data, name)
    return name


def with_scripts(selected, word, root=ADDONS):
    """Return the selected addons whose JavaScript has unit tests (Hoot) that ``word`` asks for."""
    wanted = (word or "").lower()
    return [
        addon
        for addon in selected
        if any(wanted in path.stem.lower() for path in (root / addon / "static/tests").rglob("*.test.js"))
    ]


@contextlib.contextmanager
def installed(tree, server, names, shared=False):
    """Install addons with Odoo's tests switched on and none of them run; drop the database when the block ends.

    :param names: the addons.
    :param shared: several parts will want it: what each would make of its scripts and styles is made once.
    :return: the name of the database and the tally of what the log said.
    """
    if database := untouched(INSTALLED):
        yield database, Tally()
        return
    data, configuration = conf.test_data(), conf.test()
    clean_leftovers(server, data)
    base, database = template(tree, server), f"test-{os.getpid()}"
    line = _command(tree, server, configuration, database, "-i", ",".join(names), "--test-tags", "/none")
    with databases.dropped_after(server, data, database):
        databases.clone(server, data, base, database)
        with step(f"{len(names)} addons for their tests") as progress:
            code, records, log_file = odoo_process.run(line, server, "test-install", progress)
            if shared and not code:
                databases.make_bundles(tree, server, configuration, database)
        yield database, _told(judge(code, records), log_file)


def parts(tree, server, selected, scripts, database):
    """Return the parts of a run of Odoo's tests: one an addon, and one for all JavaScript.

    :param selected: from :func:`select`.
    :param scripts: from :func:`with_scripts`.
    :param database: one with the addons, from :func:`installed`.
    """
    # Odoo runs a module's tests when it is updated, and all modules' when none is: these runs update none.
    tags = {addon: ",".join(group) for addon, group in selected.items()}
    if scripts:
        tags["JavaScript"] = f"/web:WebSuite.test_unit_desktop[{','.join(f'@{addon}' for addon in scripts)}]"
    return [_part(tree, server, database, name, text) for name, text in tags.items()]


def _part(tree, server, source, name, tags):
    data, configuration, database = conf.test_data(), conf.test(), f"test-{os.getpid()}-{name}".lower()

    def work(part):
        with databases.dropped_after(server, data, database):
            databases.clone(server, data, source, database)
            private = databases.private_data(data, database)
            line = _command(tree, server, configuration, database, "--test-tags", tags, "--data-dir", private)
            return odoo_process.run(
                line, server, f"test-{name}", progress=part, patience=PATIENCE, started=part.started
            )

    size = sum(path.stat().st_size for path in (ADDONS / name / "tests").glob("test_*.py"))
    return Part(name, work, lambda result: _told(judge(*result[:2]), result[2]), size)


def _command(tree, server, configuration, database, *arguments):
    return odoo_process.command(
        tree, server, configuration, database, *arguments,
        "--test-enable", "--stop-after-init", "--http-port", free_port(), "--max-cron-threads", 0,
    )  # fmt: skip


def _told(tally, log_file):
    if tally.failed:
        say(f"  the whole log: {log_file}")
    return tally


def judge(code, records):
    """Return the tally of a run from its exit code and its log; print what failed.

    A warning or an error that no test expects counts as a failure, and so does a run without its summary line.
    """
    tally = Tally()
    summaries = [found for record in records if (found := SUMMARY.search(record.text))]
    red = {f"{r.logger}: {found['name']}" for r in records if r.level == "ERROR" and (found := OUTCOME.match(r.text))}
    if summaries:
        failures, errors, total = map(int, summaries[-1].groups())
        tally.skipped = sum(1 for record in records if ".tests." in record.logger and SKIPPED.match(record.text))
        tally.failed = len(red) or failures + errors  # a test with several red subtests is one test
        run = {name for name in red if "setUpClass" not in name and "tearDownClass" not in name}
        tally.passed = max(0, total - len(run) - tally.skipped)
    for record in records:
        if record.level not in ("WARNING", "ERROR", "CRITICAL"):
            continue
        if OUTCOME.match(record.text) or (red and record.logger.endswith(".browser")):
            _show(record)
        elif not _is_summary(record) and not is_foreign(record):
            _show(record)
            tally.fail(f"{record.level.lower()} in the log: {record.logger}: {record.text[:200]}")
    if not summaries:
        for record in records[-3:]:
            _show(record)
        tally.fail(f"Odoo ended with code {code} before it said how the tests went")
    elif code and not tally.failed:
        tally.fail(f"Odoo ended with code {code}")
    return tally


def is_foreign(record):
    """Tell whether a warning is about the inside of Odoo or of a package, and not ours to mend."""
    if record.logger == "odoo.sql_db":
        return bool(MET.search("\n".join([record.text, *record.more])))
    if record.logger == "odoo.addons.base.models.ir_cron":
        return record.text.startswith(SLOW_VACUUM)
    return record.logger == "py.warnings" and bool(FOREIGN_DEPRECATION.match(record.text))


def _is_summary(record):
    return record.logger == "odoo.tests.result" or (
        record.logger in ("odoo.modules.loading", "odoo.service.server", "odoo.registry")
        and re.search(
            r"\d+ failures?, \d+ errors? of \d+ tests|tests? when loading|At least one test failed", record.text
        )
    )


def _show(record):
    say(f"  {record.level} {record.logger}: {record.text}")
    for text in record.more[-60:]:
        say(f"    {text}")
