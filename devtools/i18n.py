"""Terms of the addons: exported from a database that has them, compared with their French."""

import json
import os

from . import conf, databases, odoo_process, odoo_tests, postgres
from .paths import ADDONS, state_dir
from .ui import ApticError, step

EXPORT = """
import io, json
from odoo.tools.translate import trans_export
for module in json.loads({modules!r}):
    with io.BytesIO() as buffer:
        trans_export(False, [module], buffer, "po", env)
        with open({folder!r} + "/" + module + ".pot", "wb") as stream:
            stream.write(buffer.getvalue())
"""


def export(tree, addons):
    """Install the addons without demonstration data and export their terms.

    :return: a dictionary from addon to the path of its template (``.pot``).
    """
    server = postgres.server(postgres.TEST)
    folder, data, configuration = state_dir("pot"), conf.test_data(), conf.test()
    base = odoo_tests.template(tree, server)
    database = f"test-{os.getpid()}-terms"
    with databases.dropped_after(server, data, database):
        databases.clone(server, data, base, database)
        with step("terms of the addons") as progress:
            odoo_process.install(
                tree, server, configuration, database, "-i", ",".join(addons), progress=progress, log_name="terms"
            )
            script = EXPORT.format(modules=json.dumps(addons), folder=str(folder))
            line = odoo_process.command(tree, server, configuration, database, "--no-http", verb="shell")
            code, _records, log_file = odoo_process.run(line, server, "terms-export", stdin=script)
    paths = {addon: folder / f"{addon}.pot" for addon in addons}
    missing = [addon for addon, path in paths.items() if not path.exists()]
    if code or missing:
        raise ApticError(f"the terms of {', '.join(missing)} could not be exported", f"less '{log_file}'")
    return paths


def french(addon):
    """Return the path of an addon's French."""
    return ADDONS / addon / "i18n" / "fr.po"


def incomplete(addon, template=None):
    """Return what is wrong with an addon's French: entries without translation, fuzzy ones, terms that are missing.

    :param template: the exported terms; None checks the file by itself.
    """
    import polib  # in the virtual environment only

    path = french(addon)
    if not path.exists():
        return [f"{addon}: no i18n/fr.po"]
    name = f"{addon}/i18n/fr.po"
    entries = {entry.msgid: entry for entry in polib.pofile(str(path)) if not entry.obsolete}
    problems = [f"{name}: not translated: {m!r}" for m, e in entries.items() if not e.msgstr and not e.msgstr_plural]
    problems += [f"{name}: fuzzy: {msgid!r}" for msgid, entry in entries.items() if "fuzzy" in entry.flags]
    if template:
        wanted = {entry.msgid for entry in polib.pofile(str(template))}
        problems += [f"{name}: missing: {msgid!r}" for msgid in sorted(wanted - set(entries))]
    return problems
