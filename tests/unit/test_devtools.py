"""The machinery that judges tests must itself be judged."""

from devtools.odoo_process import Record
from devtools.odoo_tests import judge
from devtools.tally import Tally


def summary(failed, errors, total):
    level = "ERROR" if failed or errors else "INFO"
    text = f"{failed} failed, {errors} error(s) of {total} tests when loading database 'x'"
    return Record(level, "odoo.tests.result", text)


def test_green_run():
    tally = judge(0, [summary(0, 0, 7)])
    assert tally.line() == "7 passed, 0 failed"
    assert tally.exit_code() == 0


def test_failures_are_counted():
    records = [Record("ERROR", "odoo.addons.a.tests.test_a", "FAIL: TestA.test_b", ["Traceback"]), summary(1, 2, 10)]
    tally = judge(1, records)
    assert tally.line() == "7 passed, 3 failed"
    assert tally.exit_code() == 1


def test_a_warning_in_the_log_fails():
    tally = judge(0, [Record("WARNING", "odoo.addons.base", "something smells"), summary(0, 0, 3)])
    assert (tally.passed, tally.failed) == (3, 1)
    assert tally.exit_code() == 1


def test_a_run_without_summary_fails():
    tally = judge(-9, [Record("INFO", "odoo.modules.loading", "Loading module web (1/2)")])
    assert tally.line() == "0 passed, 1 failed"


def test_zero_tests_fail():
    assert judge(0, [summary(0, 0, 0)]).exit_code() == 1
    assert Tally().exit_code() == 1
