"""Holds one embedded PostgreSQL server for one user process; run as ``python -m devtools.pg_keeper JSON``.

It starts the server unless another keeper has, says ``ready``, and waits for its standard input to close, which the
system does however the user process ends (Ctrl-C and kill -9 included). The last keeper to leave stops the server.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

SERVICE_USERS = ("aptic-pg", "postgres", "nobody")
DURABLE = {
    "max_connections": 100,
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
}
THROW_AWAY = {
    "max_connections": 200,
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "autovacuum_naptime": "30s",
}


def service_user():
    """Return the account PostgreSQL runs as (it refuses root), or None for the caller's own."""
    if os.geteuid() != 0:
        return None
    for name in SERVICE_USERS[:1]:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    if shutil.which("useradd"):
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                SERVICE_USERS[0],
            ],
            check=False,
            capture_output=True,
        )
    for name in SERVICE_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("no account to run PostgreSQL as: useradd --system aptic-pg")


class Keeper:
    """One cluster: its binaries, folders, account and settings."""

    patience = 45  # seconds for a server to be ready, or to end in order

    def __init__(self, data, sockets, binaries, durable):
        self.data = Path(data)
        self.sockets = Path(sockets)
        self.binaries = Path(binaries)
        self.settings = DURABLE if durable else THROW_AWAY
        self.durable = durable
        self.user = service_user()
        self.log = self.data / "server.log"

    def call(self, program, *arguments, check=True):
        """Run one of PostgreSQL's programs as the service account; return the finished process."""
        as_user = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd="/",
            env=dict(clean, LC_ALL="C", TZ="UTC"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **as_user,
        )
        if check and done.returncode:
            raise SystemExit(f"{program} failed:\n{done.stdout.strip()}")
        return done

    def own(self, path):
        """Give a folder to the service account, private."""
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        path.chmod(0o700)

    def prepare(self):
        """Make the cluster when it is not whole (an interrupted initdb leaves no marker and is thrown away)."""
        self.own(self.sockets)
        marker = self.data / "aptic-ready"
        if marker.exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.own(self.data)
        self.call(
            "initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C",
            *([] if self.durable else ["--no-sync"]),
        )  # fmt: skip
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as stream:
            stream.write("\ninclude 'aptic.conf'\n")
        (self.data / "aptic.conf").touch()
        marker.touch()

    def write_settings(self):
        """Write the settings of this start: the socket folder follows the checkout."""
        values = dict(
            self.settings, unix_socket_directories=f"{self.sockets}", listen_addresses="", port=5432, jit="off"
        )
        values.update(log_timezone="UTC", timezone="UTC", unix_socket_permissions="0700")
        lines = ["{} = '{}'\n".format(key, str(value).replace("'", "''")) for key, value in values.items()]
        (self.data / "aptic.conf").write_text("".join(lines), encoding="utf-8")

    def running(self):
        """Tell whether the cluster's server runs."""
        return self.call("pg_ctl", "-D", str(self.data), "status", check=False).returncode == 0

    def start(self):
        """Start the server unless it runs, and make the role Odoo connects as (Odoo refuses ``postgres``)."""
        self.prepare()
        if self.running():
            if self.accepts():
                return
            self.stop("immediate")
        self.write_settings()
        done = self.call("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "120", "start", check=False)
        if done.returncode:
            tail = self.log.read_text(errors="replace").splitlines()[-8:] if self.log.exists() else []
            raise SystemExit("PostgreSQL did not start:\n" + "\n".join([done.stdout.strip(), *tail]))
        role = (
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aptic') THEN "
            "CREATE ROLE aptic LOGIN CREATEDB; END IF; END $$"
        )
        self.call("psql", "-X", "-q", "-h", str(self.sockets), "-U", "postgres", "-d", "postgres", "-c", role)

    def pids(self):
        """Return the process of the running server, then those of its sessions and helpers."""
        server = (self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, stdout=subprocess.PIPE, text=True).stdout
        pairs = (line.split() for line in listed.splitlines())
        return [int(server), *(int(pid) for pid, parent in pairs if parent == server)]

    def kill(self):
        """Kill the server and all its processes at once, as a power cut would (-9); :meth:`start` starts it again."""
        _signal(self.pids(), signal.SIGSTOP)  # nothing is written any more, and no process started
        pids = self.pids()
        _signal(pids, signal.SIGKILL)
        while any(map(_lives, pids)):
            time.sleep(0.01)

    def accepts(self):
        """Tell whether the running server takes connections, by and by."""
        limit = time.monotonic() + self.patience
        while self.call("pg_isready", "-q", "-h", str(self.sockets), check=False).returncode:
            if time.monotonic() > limit:
                return False
            time.sleep(0.2)
        return True

    def stop(self, mode="fast"):
        """Stop the server, its sessions ended; at once where it does not end.

        PostgreSQL 18 told to stop while it recovers (a session was killed, memory was short) says that it is shutting
        down and never does. ``immediate`` loses nothing of what was committed: the next start recovers.

        :param mode: ``fast`` or ``immediate``.
        """
        seconds = str(self.patience)
        done = self.call("pg_ctl", "-D", str(self.data), "-w", "-t", seconds, "-m", mode, "stop", check=False)
        if done.returncode and mode != "immediate":
            self.stop("immediate")


def _signal(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def locked(path, operation):
    """Open ``path`` and take the lock; return the descriptor, or None when it cannot be had at once."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def main():
    """Start, say ``ready``, wait, and stop the server if nobody else uses it."""
    request = json.loads(sys.argv[1])
    keeper = Keeper(**request)
    keeper.data.parent.mkdir(parents=True, exist_ok=True)
    starting, using = (keeper.data.parent / f"{keeper.data.name}.{word}" for word in ("starting", "using"))
    gate = locked(starting, fcntl.LOCK_EX)
    share = locked(using, fcntl.LOCK_SH)
    try:
        keeper.start()
    finally:
        os.close(gate)
    print("ready", flush=True)
    sys.stdin.read()
    gate = locked(starting, fcntl.LOCK_EX)
    os.close(share)
    alone = locked(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if alone is not None:
        keeper.stop()
        os.close(alone)
    os.close(gate)


if __name__ == "__main__":
    main()
