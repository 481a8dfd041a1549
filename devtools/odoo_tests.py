"""Runs the tests inside the addons with Odoo's own runner, on a clone of the template database."""

import ast
import os
import re

from . import conf, databases, odoo_process
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


def run(tree, server, selected, scripts=()):
    """Install the selected addons with their tests, then run the unit tests of their JavaScript.

    :param selected: from :func:`select`.
    :param scripts: from :func:`with_scripts`.
    :return: the :class:`~devtools.tally.Tally`.
    """
    data, configuration = conf.test_data(), conf.test()
    clean_leftovers(server, data)
    base = template(tree, server)
    database = f"test-{os.getpid()}"
    tags = ",".join(tag for group in selected.values() for tag in group)
    names = ",".join(dict.fromkeys([*selected, *scripts]))

    def once(title, log_name, *arguments):
        line = odoo_process.command(
            tree, server, configuration, database, *arguments,
            "--test-enable", "--stop-after-init", "--http-port", free_port(), "--max-cron-threads", 0,
        )  # fmt: skip
        with step(title) as progress:
            code, records, log_file = odoo_process.run(line, server, log_name, progress, patience=PATIENCE)
        tally = judge(code, records)
        if tally.failed:
            say(f"  the whole log: {log_file}")
        return tally

    with databases.dropped_after(server, data, database):
        databases.clone(server, data, base, database)
        tally = once(f"Odoo's tests of {names}", "test-odoo", "-i", names, "--test-tags", tags or "/none")
        if scripts:
            # Odoo runs a module's tests when it is updated, and all modules' when none is: this run updates none.
            suites = ",".join(f"@{addon}" for addon in scripts)
            suite = f"/web:WebSuite.test_unit_desktop[{suites}]"
            tally.add(once(f"JavaScript tests of {', '.join(scripts)}", "test-scripts", "--test-tags", suite))
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
