"""Export the terms of the addons and say what their French (i18n/fr.po) lacks.

With --write, missing terms are added to fr.po with an empty translation, gone ones are dropped.
"""

from .. import i18n, odoo_process
from ..ui import say

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("addons", nargs="*", metavar="ADDON")
    parser.add_argument(
        "--write", action="store_true", help="bring fr.po up to date (translations are yours to fill in)"
    )


def run(options):
    """Print what is missing; the exit code tells whether anything is."""
    names = odoo_process.module_names(options.addons)
    templates = i18n.export(options.tree, names)
    problems = []
    for addon in names:
        if options.write:
            _write(addon, templates[addon])
        problems += i18n.incomplete(addon, templates[addon])
    for problem in problems:
        say(problem)
    say(f"{len(problems)} terms to look at" if problems else "the French is complete")
    return 1 if problems else 0


def _write(addon, template):
    import polib  # in the virtual environment only

    path = i18n.french(addon)
    path.parent.mkdir(exist_ok=True)
    known = {entry.msgid: entry for entry in polib.pofile(str(path))} if path.exists() else {}
    fresh = polib.pofile(str(template))
    fresh.metadata.update({"Language": "fr", "Plural-Forms": "nplurals=2; plural=(n > 1);"})
    for entry in fresh:
        old = known.get(entry.msgid)
        if old:
            entry.msgstr, entry.flags = old.msgstr, old.flags
    fresh.save(str(path))
