"""Serve the suite on this machine, with demonstration data in French.

The first start fetches Odoo and the packages and makes the database (a few minutes); later ones take seconds, and
upgrade the addons whose code changed. Interrupted and started again, it goes on from the last finished step.
"""

import asyncio
import json
import signal

from .. import conf, databases, odoo_process, postgres, serving
from ..frontdoor import FrontDoor
from ..paths import aptic_addons, state_dir
from ..ports import free_port, is_free
from ..ui import ApticError, say, step

NEEDS_ENVIRONMENT = True

SCRIPT = """
import json
lang = {lang!r}
users = env["res.users"].with_context(active_test=False).search([("share", "in", (True, False))])
if lang != "en_US":
    env["ir.default"].set("res.partner", "lang", lang)
    users.partner_id.write({{"lang": lang}})
    env["res.partner"].with_context(active_test=False).search([("lang", "=", "en_US")]).write({{"lang": lang}})
env.cr.commit()
env.cr.execute("SELECT id, login, password FROM res_users WHERE active AND id > 1 AND password IS NOT NULL ORDER BY id")
rows = env.cr.fetchall()
context = env["res.users"]._crypt_context()
known = [login for _, login, hashed in rows[:40] if hashed and context.verify(login, hashed)]
names = {{user.login: user.name for user in users}}
with open({target!r}, "w") as stream:
    json.dump([[login, names.get(login, "")] for login in known], stream)
"""


def arguments(parser):
    """Add the options of the command."""
    parser.add_argument("--port", type=int, default=8069, help="port of 127.0.0.1 (8069)")
    parser.add_argument("--db", default="aptic", help="database (aptic)")
    parser.add_argument("--no-demo", action="store_true", help="without demonstration data")
    parser.add_argument("--lang", default=databases.LANGUAGE, help=f"language ({databases.LANGUAGE})")
    parser.add_argument("--workers", type=int, default=2, help="HTTP processes (2)")
    parser.add_argument("--stop-after-init", action="store_true", help="prepare the database and stop")


def run(options):
    """Prepare the database, serve until Ctrl-C."""
    if not options.stop_after_init and not is_free(options.port):
        raise ApticError(f"port {options.port} is taken", f"./aptic run --port {free_port()}")
    configuration, data = conf.demonstration(), conf.run_data()
    server = postgres.server(postgres.RUN)
    prepare(options, server, configuration, data)
    if options.stop_after_init:
        return 0
    log = state_dir("logs") / f"run-{options.db}.log"
    log.unlink(missing_ok=True)
    odoo = serving.OdooServer(options.tree, server, configuration, options.db, log, options.workers)
    try:
        with step("Odoo"):
            odoo.start()
        _banner(options)
        asyncio.run(_serve(options, odoo))
    finally:
        with step("stopping"):
            odoo.stop()
    return 0


def prepare(options, server, configuration, data):
    """Make the database under a temporary name and rename it when it is whole; upgrade what changed in an old one."""
    tree, database = options.tree, options.db
    addons = aptic_addons()
    if not databases.exists(server, database):
        base = f"{database}-dependencies"
        databases.ensure_dependencies(tree, server, configuration, data, base, language=options.lang)
        building = f"{database}-building"
        databases.clone(server, data, base, building)
        databases.allow_demo(server, building, not options.no_demo)
        if addons:
            with step("#APTIC's addons" + ("" if options.no_demo else " and demonstration data")) as progress:
                odoo_process.install(
                    tree,
                    server,
                    configuration,
                    building,
                    "-i",
                    ",".join(addons),
                    progress=progress,
                    log_name="run-install",
                )
        databases.allow_demo_of(server, building, addons)
        _introduce(options, server, configuration, building)
        databases.note_digests(server, building)
        databases.rename(server, data, building, database)
        databases.drop(server, data, base)
        return
    new, changed = databases.changed_addons(server, database, addons)
    if new or changed:
        with step(f"upgrade of {', '.join(new + changed)}") as progress:
            words = (["-i", ",".join(new)] if new else []) + (["-u", ",".join(changed)] if changed else [])
            odoo_process.install(
                tree, server, configuration, database, *words, progress=progress, log_name="run-upgrade"
            )
        databases.note_digests(server, database)


def _logins_file(database):
    return state_dir() / f"logins-{database}.json"


def _introduce(options, server, configuration, building):
    """Set the language and find out which users have their login as password (the demonstration's do)."""
    script = SCRIPT.format(lang=options.lang, target=str(_logins_file(options.db)))
    line = odoo_process.command(options.tree, server, configuration, building, "--no-http", verb="shell")
    with step("language and logins"):
        code, _records, log_file = odoo_process.run(line, server, "run-introduce", stdin=script)
    if code or not _logins_file(options.db).exists():
        raise ApticError("the database could not be set up", f"less '{log_file}'")


def _banner(options):
    say()
    say(f"  #APTIC is at http://127.0.0.1:{options.port}")
    try:
        logins = json.loads(_logins_file(options.db).read_text(encoding="utf-8"))
    except FileNotFoundError:
        logins = []
    if logins:
        say("  log in as (the password is the login):")
        for login, name in logins:
            say(f"    {login:<28} {name}")
    say("  Ctrl-C ends it.")
    say()


async def _serve(options, odoo):
    """Keep the door open until Odoo ends or somebody asks us to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    async def ended():
        while not stop.is_set() and odoo.process.poll() is None:
            await asyncio.sleep(0.2)

    evented = odoo.gevent_port if options.workers else odoo.http_port
    await FrontDoor(options.port, odoo.http_port, evented).run(ended())
    if not stop.is_set():
        raise ApticError("Odoo ended by itself", f"less '{odoo.log_file}'")
