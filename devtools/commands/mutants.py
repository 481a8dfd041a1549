"""Sabotage a copy of the code, one change at a time; each must turn a test red.

The list is tests/mutants/. The tests of a mutant are run on the untouched code first: they must be green.
"""

import importlib

from .. import mutants, postgres
from ..paths import ROOT, state_dir
from ..ui import ApticError, say, step

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="only the mutants with NAME in their name")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--no-baseline", action="store_true", help="trust that the tests are green without mutants")


def listed(names):
    """Return the mutants of tests/mutants/ whose name contains one of ``names``; all of them without names."""
    if not (ROOT / "tests/mutants").exists():
        return []
    have = importlib.import_module("tests.mutants").MUTANTS
    chosen = [mutant for mutant in have if not names or any(name in mutant.name for name in names)]
    if names and not chosen:
        raise ApticError(f"there is no mutant {' '.join(names)!r}", "./aptic mutants --list")
    return chosen


def run(options):
    """Run the mutants; the exit code tells whether all were killed."""
    chosen = listed(options.names)
    if options.list:
        for mutant in chosen:
            say(f"{mutant.name:<40} {mutant.file}  (test {' '.join(mutant.selection)})")
        return 0
    postgres.server(postgres.TEST)  # kept up between the runs
    outcomes = {}
    for mutant in chosen:  # all of them can be applied before any test is run
        mutant.apply(mutants.copy_tree())
    if not options.no_baseline:
        for selection in dict.fromkeys(mutant.selection for mutant in chosen):
            _baseline(selection)
    for mutant in chosen:
        tree = mutants.copy_tree()
        mutant.apply(tree)
        with step(f"mutant {mutant.name}"):
            passed, failed, output = mutants.run_tests(tree, mutant.selection)
        outcomes[mutant.name] = mutants.judge(passed, failed, output)
        log = state_dir("logs") / f"mutant-{mutant.name.replace('/', '-').replace(' ', '-')}.log"
        log.write_text(output, encoding="utf-8")
        say(f"    {outcomes[mutant.name]} ({passed} passed, {failed} failed)")
        if outcomes[mutant.name] != "killed":
            say(f"    see {log}")
    killed = sum(1 for outcome in outcomes.values() if outcome == "killed")
    for name, outcome in outcomes.items():
        if outcome != "killed":
            say(f"{outcome}: {name}")
    say(f"mutants: {killed} killed, {len(outcomes) - killed} not")
    return 0 if outcomes and killed == len(outcomes) else 1


def _baseline(selection):
    with step(f"untouched: test {' '.join(selection)}"):
        passed, failed, output = mutants.run_tests(mutants.copy_tree(), selection)
    if failed or not passed:
        tail = "\n    ".join(output.splitlines()[-8:])
        raise ApticError(f"the tests of a mutant must be green without it, and run:\n    {tail}")
