"""Check the style, the translations, the licences, the container files and the locks.

Proves as well that the lock installs from wheels alone on Python 3.10 to 3.13.
"""

from pathlib import Path

from .. import parts
from ..lint import containers, core, javascript, names, python, translations, wheels
from ..tally import Verdict
from ..ui import ApticError, say

NEEDS_ENVIRONMENT = True
CHECKS = {
    "ruff": python.ruff,
    "pylint-odoo": python.pylint_odoo,
    "sizes": python.sizes,
    "licences": python.licences,
    "eslint": javascript.eslint,
    "prettier": javascript.prettier,
    "compose": containers.compose,
    "dockerfile": containers.dockerfile,
    "shell": containers.shell,
    "names": names.forbidden,
    "inputs": wheels.inputs,
    "wheels": wheels.locks,
    "french": translations.french,
    "test_lint": core.test_lint,
}
# Checks that take long come first; those that start one thing take turns.
SIZES = {"french": 3, "test_lint": 2, "pylint-odoo": 1}
ALONE = {"french": "Odoo", "test_lint": "Odoo", "eslint": "Node", "prettier": "Node"}


class Context:
    """What the checks need to know of this place."""

    def __init__(self, tree):
        self.tree = tree

    def module_folders(self):
        """Return the folders with Odoo's and OCA's modules."""
        import odoo.addons  # in the virtual environment only

        return [path for path in map(Path, odoo.addons.__path__) if path.is_dir()] + self.tree.addons_paths


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"only these: {' '.join(CHECKS)}")
    parser.add_argument("--fix", action="store_true", help="let ruff and prettier rewrite what they can")


def run(options):
    """Run the checks; the exit code tells whether they found anything."""
    unknown = [name for name in options.checks if name not in CHECKS]
    if unknown:
        raise ApticError(f"there is no check {unknown[0]!r}", f"one of: {' '.join(CHECKS)}")
    if options.fix:
        python.fix()
        javascript.fix()
    context = Context(options.tree)
    tally = parts.run([_part(name, context) for name in options.checks or CHECKS], parts.lanes(), what="checks")
    say(f"lint: {tally.line()}" + (f" ({', '.join(tally.notes)})" if tally.notes else ""))
    return tally.exit_code()


def _part(name, context):
    def judge(problems):
        for problem in problems:
            say(f"    {problem}")
        return Verdict(f"{len(problems)} to mend", False, name) if problems else Verdict("good", True)

    return parts.Part(name, lambda _part: CHECKS[name](context), judge, SIZES.get(name, 0), ALONE.get(name, ""))
