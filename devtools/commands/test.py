"""Run the tests: those inside the addons with Odoo's runner, then pytest on plain Python and black box.

Everything happens in throw-away databases, an addon or a file of tests in a process of its own, as many at a time as
there are processors. A warning in Odoo's log is a failure, and so is a run without a test.
Closes with `N passed, N failed`; the exit code says the same.
"""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

from .. import odoo_process, odoo_tests, parts, postgres, pytest_run, system
from ..stage import Stage
from ..tally import Tally
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("-k", metavar="WORD", help="only tests whose file, class or name has WORD in it")
    parser.add_argument("addons", nargs="*", metavar="ADDON", help="only the tests of these addons")
    parser.add_argument("--only", choices=("odoo", "pytest"), help="only one of the two runners")
    parser.add_argument("--lanes", type=int, metavar="N", help="how many parts at a time (default: a processor each)")


def run(options):
    """Run what is selected and print the closing line."""
    os.environ["APTIC_QUICK_PASSWORDS"] = "1"  # of all processes that follow; benchmarks hash as production does
    tally = Tally()
    try:
        # One user of the server for the whole run, so that it is not stopped between two parts.
        server = postgres.server(postgres.TEST)
        for name in system.PACKAGES:
            system.ensure(name)
        with contextlib.ExitStack() as stack:
            work = []
            if options.only != "odoo":
                work += pytest_run.parts(options.k, options.addons)
            demonstration = None
            if any(part.name != pytest_run.UNIT for part in work) and not parts.in_a_copy():
                # Before several processes want it at once, and while the addons are installed for their tests.
                odoo_tests.template(options.tree, server)
                demonstration = stack.enter_context(ThreadPoolExecutor(1)).submit(Stage().template)
            if options.only != "pytest":
                work += _odoo(options, server, tally, stack)
            if demonstration:
                demonstration.result()
            whole = not (options.k or options.addons or options.only)
            tally.add(parts.run(work, max(1, options.lanes or parts.lanes()), whole))
    except ApticError as error:
        tally.fail(error.message)
    if not tally.passed and not tally.failed:
        tally.fail("no test ran" + (f": nothing matches {options.k!r}" if options.k else ""))
    for note in tally.notes:
        say(f"  not a test's failure: {note}")
    say(tally.line())
    return tally.exit_code()


def _odoo(options, server, tally, stack):
    """Return the parts that Odoo runs, their addons installed until the stack is closed."""
    names = odoo_process.module_names(options.addons)
    selected = odoo_tests.select(options.k, names)
    scripts = odoo_tests.with_scripts(names, options.k)
    wanted = list(dict.fromkeys([*selected, *scripts]))
    if not wanted:
        return []
    shared = len(selected) + bool(scripts) > 1
    database, found = stack.enter_context(odoo_tests.installed(options.tree, server, wanted, shared))
    tally.add(found)
    return odoo_tests.parts(options.tree, server, selected, scripts, database)
