"""Open a Python shell on the demonstration's database, with `env` ready.

Changes are kept only after env.cr.commit().
"""

import signal
import subprocess

from .. import conf, databases, odoo_process, postgres
from ..ui import ApticError

NEEDS_ENVIRONMENT = True


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--db", default="aptic", help="database (aptic)")


def run(options):
    """Run Odoo's shell on the terminal."""
    server = postgres.server(postgres.RUN)
    if not databases.exists(server, options.db):
        raise ApticError(f"there is no database {options.db!r} yet", "./aptic run")
    line = odoo_process.command(options.tree, server, conf.demonstration(), options.db, "--no-http", verb="shell")
    line.append("--log-level=warn")
    process = subprocess.Popen(line, env=odoo_process.environment(server))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the shell
    return process.wait()
