"""Run the tests: those inside the addons with Odoo's runner, then pytest on plain Python and black box.

Everything happens in throw-away databases. A warning in Odoo's log is a failure, and so is a run without a test.
Closes with `N passed, N failed`; the exit code says the same.
"""

from .. import odoo_process, odoo_tests, postgres, pytest_run, system
from ..tally import Tally
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("-k", metavar="WORD", help="only tests whose file, class or name has WORD in it")
    parser.add_argument("addons", nargs="*", metavar="ADDON", help="only the tests of these addons")
    parser.add_argument("--only", choices=("odoo", "pytest"), help="only one of the two runners")


def run(options):
    """Run what is selected and print the closing line."""
    names = odoo_process.module_names(options.addons)
    tally = Tally()
    try:
        # One user of the server for the whole run, so that it is not stopped between the two runners.
        server = postgres.server(postgres.TEST)
        for name in system.PACKAGES:
            system.ensure(name)
        selected = odoo_tests.select(options.k, names)
        scripts = odoo_tests.with_scripts(names, options.k)
        if (selected or scripts) and options.only != "pytest":
            tally.add(odoo_tests.run(options.tree, server, selected, scripts))
        if options.only != "odoo":
            tally.add(pytest_run.run(options.k, options.addons))
    except ApticError as error:
        tally.fail(error.message)
    if not tally.passed and not tally.failed:
        tally.fail("no test ran" + (f": nothing matches {options.k!r}" if options.k else ""))
    for note in tally.notes:
        say(f"  not a test's failure: {note}")
    say(tally.line())
    return tally.exit_code()
