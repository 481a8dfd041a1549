"""Small sabotages of the code, each of which a test must notice."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import child
from .paths import ROOT, STATE, state_dir
from .ui import ApticError

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed", re.MULTILINE)
# What a database is not asked for again once it is made.
READ_ALIVE = (".py", ".js", ".scss")
DECLARED = re.compile(r"\bfields\.[A-Z]|\bmodels\.(?:Constraint|\w*Index)\b")
NOT_COPIED = shutil.ignore_patterns(".aptic", ".git", "node_modules", "__pycache__", ".hypothesis", "*.pyc")


@dataclass(frozen=True)
class Mutant:
    """One sabotage.

    :param name: how it is called and reported.
    :param file: the file, relative to the checkout.
    :param old: the exact text that is replaced; it must stand there once.
    :param new: what it is replaced with.
    :param word: the ``-k`` of the tests that must turn red.
    :param addons: the addons whose tests are run; none for all that match ``word``.
    :param only: ``odoo`` or ``pytest`` when one of the runners is enough.
    """

    name: str
    file: str
    old: str
    new: str
    word: str | None = None
    addons: tuple = ()
    only: str | None = None

    def apply(self, tree, source=None):
        """Sabotage a copy of the checkout.

        :param tree: the copy.
        :param source: the tree whose text is sabotaged; the copy itself without one.
        :raises ApticError: when the old text is not found exactly once.
        """
        text = self.sabotaged(tree if source is None else source)
        (Path(tree) / self.file).write_text(text, encoding="utf-8")

    def sabotaged(self, tree):
        """Return the text of its file in a tree, sabotaged; errors as :meth:`apply`."""
        path = Path(tree) / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        count = text.count(self.old)
        if count != 1:
            raise ApticError(f"mutant {self.name!r}: its old text stands {count} times in {self.file}, not once")
        if self.old == self.new:
            raise ApticError(f"mutant {self.name!r} changes nothing")
        return text.replace(self.old, self.new)

    def undo(self, tree, source=ROOT):
        """Give the copy its file back."""
        shutil.copy2(Path(source) / self.file, Path(tree) / self.file)

    @property
    def alive(self):
        """Whether databases made of the untouched code show it: it is read at each start, and declares nothing."""
        path = Path(self.file)
        return (
            path.parts[0] == "addons" and path.suffix in READ_ALIVE and not DECLARED.search(f"{self.old}\n{self.new}")
        )

    @property
    def selection(self):
        """The arguments of ``./aptic test`` that run its tests."""
        words = [*self.addons, *(["-k", self.word] if self.word else [])]
        return tuple(words + (["--only", self.only] if self.only else []))


def copy_tree(name, root=ROOT):
    """Return a fresh copy of the checkout, without what is made or fetched.

    :param name: of the copy.
    """
    target = state_dir("mutants") / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(root, target, ignore=NOT_COPIED, symlinks=True)
    return target


def run_tests(tree, selection, untouched=None, started=None):
    """Run ``./aptic test`` in a copy of the checkout; return ``(passed, failed, output)``.

    A run that does not say how it went counts as neither.

    :param tree: the copy; the name of its folder is that of its logs.
    :param selection: the arguments.
    :param untouched: databases that it may use, see :func:`devtools.parts.untouched`; it makes its own without.
    :param started: called with the process.
    """
    environment = dict(os.environ, APTIC_STATE=str(STATE), APTIC_COPY=tree.name, **(untouched or {}))
    line = [sys.executable, str(tree / "aptic"), "test", *selection]
    process = child.lines_of(line, cwd=tree, env=environment)
    if started:
        started(process)
    output, _ = process.communicate()
    found = CLOSING.findall(output)
    passed, failed = map(int, found[-1]) if found else (0, 0)
    return passed, failed, output


def judge(passed, failed, output):
    """Return ``killed``, ``survived`` or ``broken`` (no test said anything) for the outcome of a mutant's tests."""
    if failed and "no test ran" not in output:
        return "killed"
    return "survived" if passed else "broken"
