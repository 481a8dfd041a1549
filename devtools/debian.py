"""Debian packages for an ordinary user: private apt folders, signatures checked, the system's own apt untouched."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import child
from .ui import ApticError

KEYRINGS = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")


def require():
    """Check that this system has what :class:`PrivateApt` needs.

    :raises ApticError: naming what is missing.
    """
    missing = [name for name in ("apt-get", "dpkg-deb") if not shutil.which(name)]
    if missing:
        raise ApticError(
            f"Odoo comes from Debian's package, and this system has no {' and no '.join(missing)}",
            "ODOO_HOME=/path/to/an/odoo-19.0/tree ./aptic …",
        )
    keyring()


def keyring():
    """Return the path of Debian's archive keyring."""
    for name in KEYRINGS:
        path = Path("/usr/share/keyrings") / name
        if path.is_file():
            return path
    raise ApticError("Debian's archive keyring is missing", "apt-get install debian-archive-keyring")


def mirror():
    """Return the address of the Debian mirror this machine already uses (no host is named by the project)."""
    named = os.environ.get("APTIC_DEBIAN_MIRROR")
    if named:
        return named
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in answer.stdout.splitlines():
        if line.rstrip("/").endswith("/debian"):
            return line
    raise ApticError(
        "apt knows no Debian mirror on this machine",
        "APTIC_DEBIAN_MIRROR=<its address> ./aptic …   or   ODOO_HOME=/path/to/an/odoo-19.0/tree ./aptic …",
    )


def sha256(path):
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        for block in iter(functools.partial(stream.read, 1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def unpack(package, prefix):
    """Unpack the files of a package into ``prefix``, running none of its scripts."""
    prefix.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", str(package), str(prefix)], check=True)


class PrivateApt:
    """apt-get with folders of its own.

    :param folder: where lists and packages are kept; an interrupted download goes on from there.
    :param suites: the suites of the mirror to read.
    """

    def __init__(self, folder, suites):
        self.folder = folder
        for name in ("parts", "state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "parts/aptic.sources").write_text(
            f"Types: deb\nURIs: {mirror()}\nSuites: {' '.join(suites)}\nComponents: main\nSigned-By: {keyring()}\n"
        )
        settings = {
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": folder / "parts",
            "Dir::State": folder / "state",
            "Dir::State::Lists": folder / "state/lists",
            "Dir::State::status": "/dev/null",
            "Dir::Cache": folder / "cache",
            "Dir::Cache::archives": folder / "cache/archives",
            "APT::Sandbox::User": "",
            "Debug::NoLocking": "true",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        self.options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
        self.environment = dict(os.environ, LC_ALL="C")

    def _run(self, arguments, progress=None, cwd=None):
        process = child.lines_of([arguments[0], *self.options, *arguments[1:]], env=self.environment, cwd=cwd)
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if progress:
                progress.update(re.sub(r"\S+://\S+ ", "", line.strip()))
        if process.wait():
            tail = "\n    ".join(lines[-6:])
            raise ApticError(
                f"{' '.join(arguments[:2])} failed:\n    {tail}", "check the network, then the same command again"
            )
        return lines

    def update(self, progress):
        """Fetch the lists of packages; signatures are checked by apt."""
        self._run(["apt-get", "update", "-o", "APT::Update::Error-Mode=any"], progress)

    def newest(self, package, pattern):
        """Return the newest version of ``package`` that matches the regular expression ``pattern``, or None."""
        for line in self._run(["apt-cache", "madison", package]):
            fields = [field.strip() for field in line.split("|")]
            if len(fields) > 1 and re.match(pattern, fields[1]):
                return fields[1]
        return None

    def download(self, wanted, progress):
        """Download packages named ``name=version`` or ``name/suite``; return the files."""
        target = self.folder / "packages"
        target.mkdir(exist_ok=True)
        self._run(["apt-get", "download", *wanted], progress, cwd=target)
        names = [re.split("[=/]", name)[0] for name in wanted]
        return [next(iter(sorted(target.glob(f"{name}_*.deb"), reverse=True))) for name in names]
