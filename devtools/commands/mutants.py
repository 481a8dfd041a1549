"""Sabotage copies of the code, one change at a time; each must turn a test red.

The list is tests/mutants/. The tests of a mutant are run on the untouched code first: they must be green. Most
sabotages are tried on clones of databases that the untouched code made; one that survives there is tried again on its
own.
"""

import contextlib
import importlib
import queue

from .. import mutants, odoo_tests, parts, postgres
from ..paths import ROOT, aptic_addons, log_dir
from ..stage import Stage
from ..tally import Verdict
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = True
BLACK_BOX = "servers of black-box tests"  # some are killed, and there is one durable PostgreSQL


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="only the mutants with NAME in their name")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--no-baseline", action="store_true", help="trust that the tests are green without mutants")
    parser.add_argument("--lanes", type=int, metavar="N", help="how many at a time (default: a processor each)")


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
    for mutant in chosen:  # all of them can be applied before any test is run
        mutant.sabotaged(ROOT)
    lanes = max(1, options.lanes or parts.lanes())
    postgres.server(postgres.TEST)  # kept up between the runs
    with contextlib.ExitStack() as stack:
        hunt = Hunt(lanes, stack.enter_context(untouched(options.tree, any(each.alive for each in chosen))))
        if not options.no_baseline:
            selections = dict.fromkeys(mutant.selection for mutant in chosen)
            green = parts.run([hunt.baseline(each) for each in selections], lanes, what="tests without mutants")
            if green.failed:
                raise ApticError("the tests of a mutant must be green without it, and run: " + ", ".join(green.notes))
        tally = parts.run([hunt.part(mutant) for mutant in chosen], lanes, what="mutants")
    for note in tally.notes:
        say(note)
    say(f"mutants: {tally.passed} killed, {tally.failed} not")
    return tally.exit_code()


@contextlib.contextmanager
def untouched(tree, wanted):
    """Make the databases that most copies share; drop what is not kept when the block ends.

    :param wanted: whether any copy will.
    :return: what :func:`devtools.mutants.run_tests` takes.
    """
    if not wanted:
        yield {}
        return
    demonstration = Stage().template()
    with odoo_tests.installed(tree, postgres.server(postgres.TEST), aptic_addons(), shared=True) as (database, found):
        if found.failed:
            raise ApticError("the addons cannot be installed: " + ", ".join(found.notes))
        yield {parts.INSTALLED: database, parts.DEMONSTRATION: demonstration}


class Hunt:
    """Copies of the checkout, one for each mutant under way, and the parts of a run that use them."""

    def __init__(self, lanes, databases):
        """Make the copies.

        :param lanes: how many mutants at a time.
        :param databases: what copies share, from :func:`untouched`.
        """
        self.databases = databases
        self.copies = queue.SimpleQueue()
        for number in range(1, lanes + 1):
            self.copies.put(mutants.copy_tree(f"copy-{number}"))

    @contextlib.contextmanager
    def _copy(self):
        tree = self.copies.get()
        try:
            yield tree
        finally:
            self.copies.put(tree)

    def baseline(self, selection):
        """Return the part that runs tests on the untouched code."""

        def work(part):
            with self._copy() as tree:
                return mutants.run_tests(tree, selection, self.databases, part.started)

        def judge(result):
            passed, failed, output = result
            if passed and not failed:
                return Verdict("green", True)
            say("    " + "\n    ".join(output.splitlines()[-8:]))
            return Verdict("red", False, f"test {' '.join(selection)}")

        return parts.Part(f"test {' '.join(selection)}", work, judge, alone=_alone(selection))

    def part(self, mutant):
        """Return the part that tries a mutant."""

        def work(part):
            with self._copy() as tree:
                mutant.apply(tree, ROOT)
                try:
                    outputs = []
                    for databases in ([self.databases] if mutant.alive else []) + [None]:
                        found = mutants.run_tests(tree, mutant.selection, databases, part.started)
                        outputs.append(found[2])
                        if (word := mutants.judge(*found)) == "killed":
                            break
                    return word, "\n".join(outputs)
                finally:
                    mutant.undo(tree)

        def judge(result):
            word, output = result
            log = log_dir() / f"mutant-{mutant.name.replace('/', '-').replace(' ', '-')}.log"
            log.write_text(output, encoding="utf-8")
            killed = word == "killed"
            return Verdict(word, killed, None if killed else f"{word}: {mutant.name}, see {log}")

        return parts.Part(mutant.name, work, judge, alone=_alone(mutant.selection))


def _alone(selection):
    return "" if selection[-2:] == ("--only", "odoo") else BLACK_BOX
