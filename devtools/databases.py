"""Databases with their files: made, cloned, renamed, dropped; the template with all dependencies."""

import ast
import contextlib
import hashlib
import os
import shutil

from . import odoo_process
from .paths import ADDONS, RUNTIME_LOCK, aptic_addons
from .ui import step

TEMPLATE_FORMAT = "2"
BUNDLES = "env['ir.qweb']._pregenerate_assets_bundles()\nenv.cr.commit()\n"
LANGUAGE = "fr_FR"
HAS_ENRICHMENT = (
    "SELECT 1 FROM information_schema.columns WHERE table_name = 'res_company' AND column_name = 'iap_enrich_auto_done'"
)
# What reads code but is not loaded into the database by an upgrade.
NOT_LOADED = ("tests", "static", "readme", "__pycache__")


def manifest(addon, addons=ADDONS):
    """Return an addon's manifest as a dictionary."""
    return ast.literal_eval((addons / addon / "__manifest__.py").read_text(encoding="utf-8"))


def dependencies(addons=ADDONS):
    """Return the modules that ours depend on and are not ours, sorted."""
    names = {p.parent.name for p in addons.glob("*/__manifest__.py")}
    needed = {name for addon in names for name in manifest(addon, addons).get("depends", ())}
    return sorted(needed - names) or ["portal"]


def code_digest(addon, addons=ADDONS):
    """Return a digest of the addon's files that an upgrade loads."""
    digest = hashlib.sha256()
    folder = addons / addon
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not set(parts) & set(NOT_LOADED):
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def tree_digest(addons=ADDONS):
    """Return a digest of every file of every addon."""
    digest = hashlib.sha256()
    for path in sorted(addons.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(addons)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def exists(server, database):
    """Tell whether the server has the database."""
    return bool(server.query("SELECT 1 FROM pg_database WHERE datname = %s", (database,), _maintenance(server)))


def _maintenance(server):
    return "postgres" if server.embedded else os.environ.get("PGDATABASE", "postgres")


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'


def filestore(data_dir, database):
    """Return the folder of the database's attachments."""
    return data_dir / "filestore" / database


def private_data(data_dir, database):
    """Return a data folder for a process that serves one database: its attachments are the shared ones, its sessions
    its own, so that whoever throws away old ones by a clock that is ahead throws away nobody else's."""
    folder = data_dir / "served" / database
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "filestore").is_symlink():
        (folder / "filestore").symlink_to(data_dir / "filestore")
    return folder


def drop(server, data_dir, database):
    """Drop a database and its files, its sessions ended; nothing happens when there is none."""
    # Not WITH (FORCE): only a superuser may end an autovacuum worker; a plain DROP asks it to go and waits.
    server.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
        (database,),
        _maintenance(server),
    )
    server.query(f"DROP DATABASE IF EXISTS {_quoted(database)}", (), _maintenance(server))
    shutil.rmtree(filestore(data_dir, database), ignore_errors=True)
    shutil.rmtree(data_dir / "served" / database, ignore_errors=True)


def clone(server, data_dir, source, target):
    """Copy a database and its files (linked: Odoo never writes into an attachment's file)."""
    drop(server, data_dir, target)
    files = filestore(data_dir, source)
    if files.is_dir():
        shutil.copytree(files, filestore(data_dir, target), copy_function=_link)
    ((version,),) = server.query("SELECT current_setting('server_version_num')::int", (), _maintenance(server))
    strategy = " STRATEGY FILE_COPY" if version >= 150000 else ""  # what older ones do anyway
    statement = f"CREATE DATABASE {_quoted(target)} TEMPLATE {_quoted(source)}{strategy}"
    server.query(statement, (), _maintenance(server))


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def rename(server, data_dir, source, target):
    """Give a finished database its final name; the files go first, so that an interruption loses none."""
    files = filestore(data_dir, source)
    if files.is_dir():
        shutil.rmtree(filestore(data_dir, target), ignore_errors=True)
        shutil.copytree(files, filestore(data_dir, target), copy_function=_link)
    server.query(f"ALTER DATABASE {_quoted(source)} RENAME TO {_quoted(target)}", (), _maintenance(server))
    shutil.rmtree(files, ignore_errors=True)


def dependency_key(tree, addons=ADDONS):
    """Return the name part of the template: it changes with the runtime's lock, Odoo's version and the dependencies."""
    parts = (TEMPLATE_FORMAT, tree.version, LANGUAGE, *dependencies(addons))
    return hashlib.sha256(RUNTIME_LOCK.read_bytes() + "\0".join(parts).encode()).hexdigest()[:12]


def ensure_dependencies(tree, server, conf, data_dir, database, addons=ADDONS, language=LANGUAGE):
    """Make ``database`` with every module that ours depend on, unless it is there; whole or not at all.

    Core and OCA modules are installed without their demonstration data, then marked as if they had theirs: Odoo loads
    an addon's demonstration data only when its dependencies have it, and ours should be the only one.
    """
    if exists(server, database):
        return
    building = f"{database}-building"
    drop(server, data_dir, building)
    with step("Odoo and OCA modules") as progress:
        wanted = ",".join(dependencies(addons))
        odoo_process.install(
            tree, server, conf, building, "-i", wanted, "--load-language", language,
            progress=progress, log_name="dependencies", addons=addons,
        )  # fmt: skip
    # Odoo would ask its own service what the company does at the administrator's first login.
    if server.query(HAS_ENRICHMENT, (), building):
        server.query("UPDATE res_company SET iap_enrich_auto_done = true", (), building)
    rename(server, data_dir, building, database)


def allow_demo(server, database, allowed):
    """Say whether modules installed from now on load their demonstration data."""
    server.query("UPDATE ir_module_module SET demo = %s WHERE state = 'installed'", (allowed,), database)


def allow_demo_of(server, database, addons):
    """Leave the demonstration mark on our addons only: an upgrade loads the data of whatever bears it."""
    server.query(
        "UPDATE ir_module_module SET demo = false WHERE demo AND NOT name = ANY(%s)", (list(addons),), database
    )


def make_bundles(tree, server, conf, database):
    """Make the scripts and styles that pages load, so that no clone of the database has to."""
    line = odoo_process.command(tree, server, conf, database, "--no-http", verb="shell")
    odoo_process.run(line, server, f"bundles-{database}", stdin=BUNDLES)


def note_digests(server, database, addons=ADDONS, names=None):
    """Write into the database which code its addons were installed from."""
    for addon in names if names is not None else aptic_addons():
        server.query(
            "INSERT INTO ir_config_parameter (key, value, create_date, write_date) VALUES (%s, %s, now(), now()) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (f"aptic.code_digest.{addon}", code_digest(addon, addons)),
            database,
        )


def changed_addons(server, database, names):
    """Return ``(to install, to upgrade)`` among the addons, by the digests noted in the database."""
    rows = dict(
        server.query("SELECT key, value FROM ir_config_parameter WHERE key LIKE %s", ("aptic.code_digest.%",), database)
    )
    new, old = [], []
    for name in names:
        noted = rows.get(f"aptic.code_digest.{name}")
        if noted is None:
            new.append(name)
        elif noted != code_digest(name):
            old.append(name)
    return new, old


@contextlib.contextmanager
def dropped_after(server, data_dir, database):
    """Drop the database when the block ends."""
    try:
        yield database
    finally:
        drop(server, data_dir, database)
