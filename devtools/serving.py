"""An Odoo server with workers, as a child process that can be waited for, stopped and killed."""

import contextlib
import http.client
import os
import signal
import subprocess
import time

from . import odoo_process
from .ports import free_port
from .ui import ApticError

# Odoo kills a cron process that says nothing for two minutes: all jobs in a row, on a busy machine.
CRON_SECONDS = 600


class OdooServer:
    """Odoo serving one database on a free port.

    :param tree: the Odoo tree.
    :param server: the PostgreSQL server.
    :param conf: the configuration file.
    :param database: the database to serve.
    :param log_file: where its log goes.
    :param workers: number of HTTP processes; 0 serves with threads in one process.
    :param options: more command line options.
    :param addons: the folder of our addons.
    """

    def __init__(self, tree, server, conf, database, log_file, workers=2, options=(), addons=odoo_process.ADDONS):
        self.http_port, self.gevent_port = free_port(), free_port()
        self.log_file, self.workers, self.server = log_file, workers, server
        line = odoo_process.command(
            tree, server, conf, database,
            "--http-port", self.http_port, "--gevent-port", self.gevent_port,
            "--workers", workers, "--max-cron-threads", 1, "--db-filter", f"^{database}$",
            "--limit-time-real-cron", CRON_SECONDS, *options,
            addons=addons,
        )  # fmt: skip
        self.line = line
        self.process = None

    @property
    def url(self):
        """The address of the HTTP workers."""
        return f"http://127.0.0.1:{self.http_port}"

    def start(self, timeout=90, days_ahead=0):
        """Start and wait until it answers.

        :param timeout: seconds to wait.
        :param days_ahead: how far Odoo's clock (not PostgreSQL's) is ahead.
        :raises ApticError: when it does not.
        """
        clock = {"APTIC_DAYS_AHEAD": str(days_ahead)} if days_ahead else {}
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.line,
                env=odoo_process.environment(self.server, **clock),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        limit = time.monotonic() + timeout
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            if self.answers():
                return self
            time.sleep(0.2)
        self.stop()
        with open(self.log_file, encoding="utf-8", errors="replace") as stream:
            tail = "    ".join(stream.readlines()[-12:])
        raise ApticError(f"Odoo does not answer:\n    {tail}", f"less '{self.log_file}'")

    def answers(self):
        """Tell whether a page of the database is served (the first one loads the registry)."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60)
            connection.request("GET", "/web/login")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            return False
        return status < 500

    def stop(self, timeout=30):
        """Ask it to end, and wait; kill what is left of it after ``timeout`` seconds."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        """Kill the server and all its workers at once, as a power cut would (-9)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
