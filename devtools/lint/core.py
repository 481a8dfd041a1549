"""Odoo's own lint tests that judge what we write: indexes, routes, names of fields."""

import os
import re

from .. import conf, databases, odoo_process, odoo_tests, postgres
from ..paths import aptic_addons
from ..ports import free_port

# A model, field or file of ours; not the cache folder, whose name is the project's.
OURS = re.compile(r"\baptic[._]\w")
TAGS = "/test_lint:TestIndex,/test_lint:RoutesLinter,/test_lint:TestNaming"


def test_lint(context):
    """Run them on a database with our addons; only what names one of ours counts."""
    names = aptic_addons()
    if not names:
        return []
    server = postgres.server(postgres.TEST)
    data, database = conf.test_data(), f"test-{os.getpid()}-lint"
    with databases.dropped_after(server, data, database):
        databases.clone(server, data, odoo_tests.template(context.tree, server), database)
        line = odoo_process.command(
            context.tree, server, conf.test(), database, "-i", ",".join([*names, "test_lint"]), "--test-tags", TAGS,
            "--stop-after-init", "--http-port", free_port(),
        )  # fmt: skip
        _code, records, _log = odoo_process.run(line, server, "lint-core")
    problems = []
    for record in records:
        text = "\n".join([record.text, *record.more])
        ours = [part for part in text.splitlines() if OURS.search(part)] if record.level in ("ERROR", "WARNING") else []
        problems += [record.text, *ours] if ours else []
    if not any(odoo_tests.SUMMARY.search(record.text) for record in records):
        problems.append("Odoo's lint tests did not run to their end")
    return problems
