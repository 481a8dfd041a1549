"""The machinery that judges tests must itself be judged."""

import argparse
import json
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from bench import in_odoo
from devtools import mutants, odoo_process, odoo_tests, parts, pytest_run
from devtools.commands import bench, lint
from devtools.commands import mutants as hunting
from devtools.lint import wheels
from devtools.odoo_process import Record
from devtools.odoo_tests import judge
from devtools.paths import ROOT
from devtools.tally import Tally, from_junit
from devtools.ui import ApticError
from tests.mutants import MUTANTS


def summary(failed, errors, total):
    level = "ERROR" if failed or errors else "INFO"
    text = f"{failed} failed, {errors} error(s) of {total} tests when loading database 'x'"
    return Record(level, "odoo.tests.result", text)


def test_green_run():
    tally = judge(0, [summary(0, 0, 7)])
    assert tally.line() == "7 passed, 0 failed"
    assert tally.exit_code() == 0


def test_failures_are_counted():
    logger = "odoo.addons.a.tests.test_a"
    red = [Record("ERROR", logger, f"FAIL: TestA.test_{name}", ["Traceback"]) for name in "bcd"]
    tally = judge(1, [*red, summary(1, 2, 10)])
    assert tally.line() == "7 passed, 3 failed"
    assert tally.exit_code() == 1


def test_red_subtests_are_one_test():
    logger = "odoo.addons.a.tests.test_a"
    subtests = [Record("ERROR", logger, f"FAIL: Subtest TestA.test_b (i={i})") for i in range(3)]
    assert judge(1, [*subtests, summary(3, 0, 4)]).line() == "3 passed, 1 failed"


def test_a_red_set_up_is_a_failure():
    records = [Record("ERROR", "odoo.addons.a.tests.test_a", "ERROR: setUpClass (odoo.addons.a.tests.test_a.TestA)")]
    assert judge(1, [*records, summary(0, 1, 4)]).line() == "4 passed, 1 failed"


def test_a_warning_in_the_log_fails():
    tally = judge(0, [Record("WARNING", "odoo.addons.base", "something smells"), summary(0, 0, 3)])
    assert (tally.passed, tally.failed) == (3, 1)
    assert tally.exit_code() == 1


@pytest.mark.parametrize(
    "place, foreign",
    [("/cache/odoo/19.0/usr/lib/python3/dist-packages/odoo/addons/bus/websocket.py", True),
     ("/cache/venv/lib/python3.11/site-packages/zeep/x.py", True),
     ("/checkout/addons/aptic_voucher/models/aptic_order.py", False),
     ("/odoo/site-packages/addons/aptic_voucher/codes.py", False)],
)  # fmt: skip
def test_deprecations_inside_packages_are_not_ours(place, foreign):
    record = Record("WARNING", "py.warnings", f"{place}:10: DeprecationWarning: Queue(0) now equals Queue(None)")
    assert (judge(0, [record, summary(0, 0, 1)]).failed == 0) is foreign
    runtime = Record("WARNING", "py.warnings", f"{place}:10: RuntimeWarning: never awaited")
    assert judge(0, [runtime, summary(0, 0, 1)]).failed == 1


@pytest.mark.parametrize("table, foreign", [("mail_message", True), ("aptic_event", False)])
def test_transactions_that_meet_at_a_message_of_core_are_not_ours(table, foreign):
    met = Record(
        "ERROR",
        "odoo.sql_db",
        f"bad query: b'DELETE FROM \"{table}\" WHERE id IN (1)'",
        ["ERROR: could not serialize access due to concurrent update"],
    )
    assert (judge(0, [met, summary(0, 0, 1)]).failed == 0) is foreign


def test_a_run_without_summary_fails():
    tally = judge(-9, [Record("INFO", "odoo.modules.loading", "Loading module web (1/2)")])
    assert tally.line() == "0 passed, 1 failed"


@pytest.mark.parametrize("seconds, code", [(0, 0), (60, -9)])
def test_a_test_without_end_is_stopped_and_named(monkeypatch, tmp_path, seconds, code):
    monkeypatch.setattr(odoo_process, "log_dir", lambda: tmp_path)
    odoo = (
        "import signal, time\n"
        "signal.signal(signal.SIGQUIT, lambda *_: print('stacks', flush=True))\n"
        "line = '2026-01-01 00:00:00,000 1 INFO db odoo.addons.a.tests.test_a: Starting TestA.%s ... '\n"
        "print(line % 'test_b', flush=True)\n"
        f"print(line % 'test_c', flush=True)\ntime.sleep({seconds})\n"
    )
    server = SimpleNamespace(environment=dict)
    monkeypatch.setattr(odoo_process, "GRACE", 0.2)
    got, records, _log = odoo_process.run([sys.executable, "-c", odoo], server, "test", patience=1)
    assert got == code
    red = [record.text for record in records if record.level == "ERROR"]
    assert red == (["TestA.test_c was still running after 1 s and was stopped"] if code else [])


def test_zero_tests_fail():
    assert judge(0, [summary(0, 0, 0)]).exit_code() == 1
    assert Tally().exit_code() == 1


TESTED = "def add(a, b):\n    return a + b\n"


@pytest.fixture
def small_tree(tmp_path):
    """A checkout in small, whose ``aptic test`` runs one plain assertion."""
    (tmp_path / "code.py").write_text(TESTED)
    (tmp_path / "aptic").write_text(
        "from code_under_test import add\nimport sys\n"
        "good = add(2, 3) == 5 or 'blind' in sys.argv\n"
        "print('1 passed, 0 failed' if good else '0 passed, 1 failed')\nsys.exit(not good)\n"
    )
    (tmp_path / "code_under_test.py").write_text(TESTED)
    return tmp_path


def mutant(**changes):
    values = {"name": "minus", "file": "code_under_test.py", "old": "a + b", "new": "a - b"}
    return mutants.Mutant(**{**values, **changes})


def test_a_mutant_that_a_test_notices_is_killed(small_tree):
    mutant().apply(small_tree)
    assert mutants.judge(*mutants.run_tests(small_tree, ())) == "killed"


def test_a_mutant_that_no_test_notices_survives(small_tree):
    mutant().apply(small_tree)
    assert mutants.judge(*mutants.run_tests(small_tree, ("blind",))) == "survived"


def test_every_mutant_of_the_project_still_applies():
    for each in MUTANTS:
        assert (ROOT / each.file).read_text(encoding="utf-8").count(each.old) == 1, each.name
    assert len({each.name for each in MUTANTS}) == len(MUTANTS) >= 30


def test_a_mutant_whose_tests_do_not_run_is_broken():
    assert mutants.judge(0, 1, "not a test's failure: no test ran\n0 passed, 1 failed") == "broken"
    assert mutants.judge(0, 0, "Traceback") == "broken"


def test_a_copy_gets_its_file_back(small_tree, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    mutant().apply(copy, small_tree)
    assert "a - b" in (copy / "code_under_test.py").read_text()
    mutant().undo(copy, small_tree)
    assert (copy / "code_under_test.py").read_text() == TESTED


@pytest.mark.parametrize(
    "file, new, alive",
    [("addons/aptic_x/models/aptic_x.py", "a - b", True),
     ("addons/aptic_x/static/src/x.js", "a - b", True),
     ("addons/aptic_x/models/aptic_x.py", "fields.Integer(required=False)", False),
     ("addons/aptic_x/models/aptic_x.py", "models.Constraint('CHECK(true)')", False),
     ("addons/aptic_x/security/rules.xml", "a - b", False),
     ("devtools/odoo_tests.py", "a - b", False)],
)  # fmt: skip
def test_what_the_database_was_made_of_is_made_anew(file, new, alive):
    assert mutant(file=file, new=new).alive is alive


@pytest.mark.parametrize(
    "killed_with, expected", [("shared", ["shared"]), ("own", ["shared", "own"]), (None, ["shared", "own"])]
)
def test_who_survives_among_shared_databases_is_tried_on_its_own(monkeypatch, tmp_path, killed_with, expected):
    tried = []
    file = tmp_path / "addons/code.py"
    file.parent.mkdir()
    file.write_text(TESTED)

    def run_tests(tree, _selection, databases, _started):
        assert "a - b" in (tree / "addons/code.py").read_text()
        tried.append("shared" if databases else "own")
        return (0, 1, "") if tried[-1] == killed_with else (1, 0, "")

    monkeypatch.setattr(hunting, "ROOT", tmp_path)
    monkeypatch.setattr(hunting, "log_dir", lambda: tmp_path)
    monkeypatch.setattr(mutants.Mutant, "undo", lambda _mutant, tree: (tree / "addons/code.py").write_text(TESTED))
    monkeypatch.setattr(mutants, "copy_tree", lambda _name: tmp_path)
    monkeypatch.setattr(mutants, "run_tests", run_tests)
    tested = hunting.Hunt(1, {"any": "database"}).part(mutant(file="addons/code.py"))
    verdict = tested.judge(tested.work(tested))
    assert tried == expected
    assert verdict.line() == ("killed" if killed_with else "survived")
    assert (verdict.passed, verdict.failed) == ((1, 0) if killed_with else (0, 1))
    assert file.read_text() == TESTED


@pytest.mark.parametrize("old", ["a * b", "a"])
def test_a_mutant_must_match_once(small_tree, old):
    with pytest.raises(ApticError, match="not once"):
        mutant(old=old).apply(small_tree)


def test_selection_by_name(tmp_path):
    tests = tmp_path / "aptic_x" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_ledger.py").write_text(
        "class TestLedger(Base):\n    def test_update(self): pass\n\n"
        "class TestOther(Base):\n    def test_seal(self): pass\n    def helper(self): pass\n"
    )
    assert odoo_tests.select("seal", ["aptic_x"], tmp_path) == {"aptic_x": ["/aptic_x:TestOther.test_seal"]}
    assert len(odoo_tests.select("LEDGER", ["aptic_x"], tmp_path)["aptic_x"]) == 2
    assert odoo_tests.select("helper", ["aptic_x"], tmp_path) == {}
    assert odoo_tests.select(None, ["aptic_x"], tmp_path) == {"aptic_x": ["/aptic_x"]}


# ------------------------------------------------------------- parts side by side
@pytest.fixture
def parts_run(monkeypatch, tmp_path):
    """``parts.run``, its record of durations in a folder of the test's own."""
    monkeypatch.setattr(parts, "state_dir", lambda _name: tmp_path)
    monkeypatch.setattr(parts, "MEASURED", tmp_path / "none.json")
    return parts.run


def part(name, work=lambda _part: 1, size=0):
    return parts.Part(name, work, Tally, size)


def test_parts_are_run_side_by_side(parts_run):
    met = threading.Barrier(2, timeout=20)
    tally = parts_run([part(name, lambda _part: met.wait() >= 0) for name in "ab"], 2)
    assert tally.line() == "2 passed, 0 failed"


def test_parts_that_share_something_wait_for_each_other(parts_run):
    under_way, together = [], []

    def work(part):
        under_way.append(part.name)
        time.sleep(0.05)
        together.append(sorted(under_way))
        under_way.remove(part.name)
        return 1

    shared = [parts.Part(name, work, Tally, alone="desk") for name in ("d1", "d2", "d3")]
    assert parts_run([*shared, *(part(name, work) for name in "ab")], 2).line() == "5 passed, 0 failed"
    assert not any(len([name for name in names if name.startswith("d")]) > 1 for names in together)
    assert any(len(names) == 2 for names in together), "others do not wait"


def test_the_part_that_takes_longest_is_begun_first(parts_run):
    order = []
    work = [
        part(name, lambda part: order.append(part.name) or 1, size) for name, size in (("a", 1), ("b", 3), ("c", 2))
    ]
    parts_run(work, 1)
    assert order == ["b", "c", "a"], "nothing is known of them but their size"
    parts._record().write_text(json.dumps({"a": 5, "b": 1, "c": 9}))
    order.clear()
    parts_run([*work, part("new", lambda _part: order.append("new") or 1)], 1)
    assert order == ["new", "c", "a", "b"]


def test_an_interrupted_run_ends_its_processes(parts_run):
    began, begun = [], threading.Event()

    def wait(part):
        process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        part.started(process)
        began.append(process)
        begun.set()
        return process.wait()

    def interrupt(_result):
        raise KeyboardInterrupt

    late = part("late")
    work = [part("waits", wait, 3), parts.Part("ends", lambda _part: begun.wait(20), interrupt, 2), late]
    with pytest.raises(KeyboardInterrupt):
        parts_run(work, 2)
    assert began[0].poll() is not None


def test_a_part_that_breaks_is_a_failure_and_the_others_go_on(parts_run):
    def broken(_part):
        raise ApticError("no database")

    tally = parts_run([part("broken", broken), part("other")], 1)
    assert (tally.line(), tally.notes) == ("1 passed, 1 failed", ["broken: ApticError: no database"])


def test_a_part_without_a_test_is_a_failure_of_a_whole_run(parts_run):
    work = [part("tests nothing", lambda _part: 0), part("other")]
    assert parts_run(work, 2).line() == "1 passed, 0 failed"
    assert parts_run(work, 2, whole=True).notes == ["tests nothing: no test ran"]


def test_lint_names_the_checks_that_found_something(monkeypatch, capsys, parts_run):
    monkeypatch.setattr(lint, "CHECKS", {"good": lambda _context: [], "bad": lambda _context: ["a.py: too long"]})

    def linted(*checks):
        return lint.run(argparse.Namespace(checks=checks, fix=False, tree=None))

    assert linted() == 1
    said = capsys.readouterr().out
    assert "    a.py: too long\n" in said
    assert said.endswith("lint: 1 passed, 1 failed (bad)\n")
    assert linted("good") == 0
    assert capsys.readouterr().out.endswith("lint: 1 passed, 0 failed\n")


def test_each_file_of_black_box_tests_is_a_part(monkeypatch):
    monkeypatch.delenv("APTIC_COPY", raising=False)
    word = "test_statement_pdf or test_codes or test_demo or test_stage or test_redeem_killed"
    names = [each.name for each in pytest_run.parts(word)]
    assert names == ["tests/unit", pytest_run.DURABLE, "tests/test_demo.py"], "nobody else has a server that is killed"
    monkeypatch.setenv("APTIC_COPY", "1")
    assert [each.name for each in pytest_run.parts(word)] == ["pytest"], "a sabotaged copy makes its demonstration once"


def test_junit_counts(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1"/></testsuites>')
    assert from_junit(report).line() == "2 passed, 2 failed, 1 skipped"


def test_a_bound_that_is_missed():
    assert bench.held({"ratio": 41, "at_least": 40})
    assert not bench.held({"ratio": 39, "at_least": 40})
    assert not bench.held({"ratio": 7, "at_most": 6})
    assert bench.held({"ratio": 1})


def parsed(*line):
    parser = argparse.ArgumentParser()
    bench.arguments(parser)
    return parser.parse_args(line)


@pytest.mark.parametrize(("line", "code"), [((), 1), (("--scale", "0.1"), 0)])
def test_bounds_are_of_the_whole_size(monkeypatch, tmp_path, line, code):
    row = {"name": "slow", "peer": "x", "ratio": 9, "ours": 9, "theirs": 1, "unit": "s", "n": 1, "at_most": 2}
    scales = []

    class Module:
        def run(self, stage):
            scales.append(stage.scale)
            return [dict(row)]

    monkeypatch.setattr(bench, "Stage", lambda scale: argparse.Namespace(scale=scale))
    monkeypatch.setattr(bench.importlib, "import_module", lambda name: Module())
    assert bench.run(parsed("issue", *line, "--json", str(tmp_path / "rows.json"))) == code
    assert scales == [0.1 if line else 1]
    assert ("at_most" in json.loads((tmp_path / "rows.json").read_text())[0]) is not bool(line)


@pytest.mark.parametrize("scale", ["0", "-1", "1.5", "nan", "much"])
def test_a_scale_is_a_part(scale, capsys):
    with pytest.raises(SystemExit):
        parsed("--scale", scale)
    assert "above 0 and at most 1" in capsys.readouterr().err


def test_every_benchmark_is_in_the_documentation():
    page = (ROOT / "docs/development.md").read_text()
    assert {"issue", "life", "rules", "seal"} <= set(bench.available())
    assert [name for name in bench.available() if f"| `{name}` |" not in page] == []


def test_sizes_at_a_scale():
    assert in_odoo.scaled(200_000, 1, 10) == 200_000
    assert in_odoo.scaled(200_000, 0.01, 10) == 2_000
    assert in_odoo.scaled(100, 0.001, 10) == 10
    assert in_odoo.scaled(60, 0.06) == 4


def test_a_lock_without_a_wheel_is_noticed(tmp_path):
    lock = tmp_path / "lock.txt"
    only_source = "--hash=sha256:" + "0" * 64
    lock.write_text(f"rl-renderpm==4.0.3 {only_source}\n")
    assert wheels.unavailable(lock, "3.13")
