"""The demonstration, whole, as a template for black-box tests and benchmarks; servers on clones of it."""

import os
import subprocess

from . import conf, databases, odoo_process, odoo_tests, odoo_tree, postgres, serving
from .frontdoor import FrontDoorThread
from .locks import file_lock
from .parts import DEMONSTRATION, in_a_copy, untouched
from .paths import aptic_addons, log_dir, state_dir
from .ports import free_port
from .ui import ApticError, step

PROBLEM = ("WARNING", "ERROR", "CRITICAL")
REFUSAL = ("WARNING", "odoo.http")


class Stage:
    """Servers, templates and databases of one test or benchmark session.

    :param scale: the part of their size that benchmarks are to run at.
    """

    def __init__(self, scale=1):
        self.scale = scale
        self.tree = odoo_tree.ensure()
        self.conf = conf.test()
        self.data = conf.test_data()
        self.servers = {}
        self.count = 0

    def postgres(self, durable=False):
        """Return the throw-away PostgreSQL server, or the durable one (the same when a real one is named)."""
        name = postgres.BENCH if durable else postgres.TEST
        if name not in self.servers:
            self.servers[name] = postgres.server(name)
        return self.servers[name]

    def template(self, durable=False):
        """Return the name of the database with all our addons and the demonstration, in French; made once a code."""
        with file_lock(state_dir() / "demonstration.lock", "the demonstration for its tests"):
            return self._template(durable)

    def _template(self, durable):
        addons = aptic_addons()
        digest = databases.tree_digest()
        quick = self.postgres()
        base = odoo_tests.template(self.tree, quick)
        name = untouched(DEMONSTRATION) or f"demo-{databases.dependency_key(self.tree)}-{digest}"
        if in_a_copy() and not untouched(DEMONSTRATION):  # not worth keeping, and not to push out the real one
            name = f"test-{os.getpid()}-demo-mutant"
        if not databases.exists(quick, name):
            for (old,) in quick.query("SELECT datname FROM pg_database WHERE datname LIKE %s", ("demo-%",)):
                if not in_a_copy():
                    databases.drop(quick, self.data, old)
            building = f"test-{os.getpid()}-demo"
            databases.clone(quick, self.data, base, building)
            databases.allow_demo(quick, building, True)
            with step("the demonstration for black-box tests") as progress:
                if addons:
                    odoo_process.install(
                        self.tree, quick, self.conf, building, "-i", ",".join(addons),
                        progress=progress, log_name="demo-install",
                    )  # fmt: skip
                databases.allow_demo_of(quick, building, addons)
                databases.make_bundles(self.tree, quick, self.conf, building)
            databases.rename(quick, self.data, building, name)
        if durable:
            self._copy(name)
        return name

    def _copy(self, name):
        """Copy a template from the throw-away server to the durable one."""
        quick, durable = self.postgres(), self.postgres(durable=True)
        if quick.host == durable.host or databases.exists(durable, name):
            return
        for (old,) in durable.query("SELECT datname FROM pg_database WHERE datname LIKE %s", ("demo-%",)):
            databases.drop(durable, self.data / "none", old)
        building = f"test-{os.getpid()}-copy"
        durable.query(f'CREATE DATABASE "{building}" TEMPLATE template0')
        programs = postgres.programs()
        with step("the demonstration on the durable server"):
            dump = subprocess.Popen(
                [programs / "pg_dump", "-Fc", "-Z0", "-d", name], env=quick.environment(), stdout=subprocess.PIPE
            )
            load = subprocess.run(
                [programs / "pg_restore", "--no-owner", "--exit-on-error", "-d", building],
                env=durable.environment(), stdin=dump.stdout, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if dump.wait() or load.returncode:
                raise ApticError(f"the demonstration could not be copied: {load.stderr.strip()[-400:]}")
        durable.query(f'ALTER DATABASE "{building}" RENAME TO "{name}"')
        durable.query("ANALYZE", (), name)

    def database(self, durable=False, demo=True):
        """Clone a template into a new database and return its name.

        :param demo: the whole demonstration, or only the modules ours depend on.
        """
        server = self.postgres(durable)
        source = self.template(durable) if demo else odoo_tests.template(self.tree, self.postgres())
        self.count += 1
        name = f"test-{os.getpid()}-{self.count}"
        databases.clone(server, self.data, source, name)
        return name

    def serve(self, workers=2, durable=False, options=(), database=None):
        """Start Odoo and return a :class:`Running`.

        :param workers: HTTP processes; 0 for threads.
        :param durable: on the durable PostgreSQL (kill tests and benchmarks prove nothing elsewhere).
        :param options: more command line options of Odoo.
        :param database: a database to serve; by default a new clone of the demonstration.
        """
        name = database or self.database(durable)
        return Running(self, self.postgres(durable), name, workers, options, own=database is None).start()

    def drop(self, name, durable=False):
        """Drop a database made here."""
        databases.drop(self.postgres(durable), self.data, name)


class Running:
    """A served database.

    ``url`` takes web sockets too (the address for browsers); ``direct_url`` goes straight to the HTTP workers.
    """

    def __init__(self, stage, server, database, workers, options, own):
        self.stage, self.postgres, self.database, self.own = stage, server, database, own
        self.log = log_dir() / f"server-{database}.log"
        self.log.unlink(missing_ok=True)
        self.data = databases.private_data(stage.data, database)
        options = ("--data-dir", self.data, *options)
        self.odoo = serving.OdooServer(stage.tree, server, stage.conf, database, self.log, workers, options)
        self.port = free_port()
        evented = self.odoo.gevent_port if workers else self.odoo.http_port
        self.door = FrontDoorThread(self.port, self.odoo.http_port, evented)
        self.filestore = databases.filestore(stage.data, database)

    @property
    def url(self):
        """The address for browsers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def direct_url(self):
        """The address of the HTTP workers."""
        return self.odoo.url

    @property
    def dsn(self):
        """The connection string of the database, for psycopg2."""
        return self.postgres.dsn(self.database)

    def connect(self, autocommit=True):
        """Open a psycopg2 connection to the database."""
        return self.postgres.connect(self.database, autocommit)

    def query(self, statement, arguments=()):
        """Run one SQL statement of its own and return its rows."""
        return self.postgres.query(statement, arguments, self.database)

    def dump(self):
        """Return the database as SQL text (pg_dump), as a thief would have it."""
        return subprocess.run(
            [postgres.programs() / "pg_dump", "-d", self.database],
            env=self.postgres.environment(), capture_output=True, check=True,
        ).stdout  # fmt: skip

    def start(self, days_ahead=0):
        """Start, or start again after :meth:`stop` or :meth:`kill`; people log in again when the clock has moved.

        :param days_ahead: how far Odoo's clock (not PostgreSQL's) is ahead.
        """
        self.odoo.start(days_ahead=days_ahead)
        if not self.door.is_alive():
            self.door.start()
        return self

    def stop(self):
        """End the server in order."""
        self.odoo.stop()

    def kill(self):
        """Kill the server and its workers (-9)."""
        self.odoo.kill()

    def restart(self, days_ahead=0):
        """Stop and start; arguments of :meth:`start`."""
        self.stop()
        return self.start(days_ahead)

    def problems(self, refusals=False):
        """Return the warnings and errors in the server's log so far.

        :param refusals: leave out sentences told to a person (a traceback is an error all the same).
        """
        return [
            f"{record.level} {record.logger}: {record.text}\n" + "\n".join(record.more)
            for record in odoo_process.read_log(self.log)
            if record.level in PROBLEM
            and not odoo_tests.is_foreign(record)
            and not (refusals and (record.level, record.logger) == REFUSAL)
        ]

    def close(self):
        """Stop; what was made for this server alone is forgotten, so nothing of it need end in order."""
        (self.odoo.kill if self.own else self.odoo.stop)()
        self.door.stop()
        if self.own:
            databases.drop(self.postgres, self.stage.data, self.database)
