"""Where Odoo 19 is: the tree named by ``ODOO_HOME``, or a private copy of Debian's package in the user's cache."""

import ast
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import debian
from .locks import file_lock
from .paths import cache_dir
from .ui import ApticError, step, warn

SERIES = (19, 0)
# The version the tests ran on, and what its file must hash to. Debian drops old versions: a newer 19.0 is taken with a
# warning.
TESTED = {
    "19.0.0+dfsg-1": "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf",
}
# What the package's symbolic links point to, from the stable suite (the unstable font has other file names).
LINKED = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
MARKER = "aptic-source.txt"
DIST = Path("usr/lib/python3/dist-packages")


@dataclass
class OdooTree:
    """An Odoo tree: ``python_path`` goes on the interpreter's path, ``addons_paths`` to ``--addons-path``."""

    home: Path
    python_path: Path
    addons_paths: list
    version: str
    origin: str


def find():
    """Return the Odoo tree that is already here, or None."""
    named = os.environ.get("ODOO_HOME")
    if named:
        return _from_home(Path(named).expanduser())
    done = sorted(p.parent for p in cache_dir().glob(f"odoo/*/{MARKER}"))
    if not done:
        return None
    tested = [p for p in done if p.name in TESTED]
    return _from_prefix((tested or done)[-1])


def ensure():
    """Return the Odoo tree, fetching Debian's package into the cache when there is none.

    :raises ApticError: when it cannot be had; the hint says what to type.
    """
    tree = find()
    if tree:
        return tree
    with file_lock(cache_dir() / "odoo.lock", "fetching Odoo"):
        return find() or _fetch()


def _read_version(package):
    """Return ``version_info`` of the tree with the package folder ``package``, read without importing it."""
    release = package / "release.py"
    if not release.is_file():
        return None
    for node in ast.parse(release.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "version_info":
            return tuple(
                value.value if isinstance(value, ast.Constant) else getattr(value, "id", "")
                for value in node.value.elts
            )
    return None


def _from_home(home):
    for path in (home, home / DIST):
        version = _read_version(path / "odoo")
        if version is None:
            continue
        if version[:2] != SERIES:
            raise ApticError(f"ODOO_HOME={home} is Odoo {version[0]}.{version[1]}; the suite is for 19.0")
        extra = path / "addons"
        addons = [extra.resolve()] if (extra / "web").is_dir() else []
        return OdooTree(home, path.resolve(), addons, f"{version[0]}.{version[1]}", "ODOO_HOME")
    raise ApticError(
        f"ODOO_HOME={home} holds no Odoo (odoo/release.py)", "unset ODOO_HOME, or name a tree of Odoo 19.0"
    )


def _from_prefix(prefix):
    if prefix.name not in TESTED:
        warn(f"Odoo {prefix.name} is not the version the tests ran on ({', '.join(TESTED)})")
    return OdooTree(prefix, prefix / DIST, [], prefix.name, "Debian's package")


def _fetch():
    debian.require()
    root = cache_dir() / "odoo"
    root.mkdir(exist_ok=True)
    for leftover in root.glob("building-*"):  # of a set-up that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    private = debian.PrivateApt(root / "apt", suites=("sid", "trixie"))
    with step("Odoo 19: list of packages") as progress:
        private.update(progress)
    version = private.newest("odoo-19", r"19\.0\.")
    if version is None:
        raise ApticError("Debian no longer carries Odoo 19.0", "ODOO_HOME=/path/to/an/odoo-19.0/tree ./aptic …")
    if version not in TESTED:
        warn(f"Debian now carries Odoo {version}; the tests ran on {', '.join(TESTED)}")
    with step("Odoo 19: download") as progress:
        files = private.download([f"odoo-19={version}", *(f"{name}/trixie" for name in LINKED)], progress)
    sums = {path.name: debian.sha256(path) for path in files}
    main = next(name for name in sums if name.startswith("odoo-19_"))
    if version in TESTED and sums[main] != TESTED[version]:
        raise ApticError(f"{main} has not the SHA-256 that was tested: {sums[main]}")
    building = root / f"building-{os.getpid()}"
    with step("Odoo 19: unpack") as progress:
        for path in files:
            progress.update(path.name)
            debian.unpack(path, building)
        _mend(building)
    building.joinpath(MARKER).write_text("".join(f"{value}  {name}\n" for name, value in sums.items()))
    final = root / re.sub(r"[^0-9A-Za-z.+~-]", "_", version)
    if final.exists():
        shutil.rmtree(final)
    building.rename(final)
    shutil.rmtree(root / "apt", ignore_errors=True)
    return _from_prefix(final)


def _mend(prefix):
    """Take out what is double and put in what the package leaves out; refuse a tree with dangling links."""
    shutil.rmtree(prefix / DIST / "addons", ignore_errors=True)
    package = prefix / DIST / "odoo"
    if (_read_version(package) or ())[:2] != SERIES:
        raise ApticError("the unpacked package holds no Odoo 19.0")
    listed_by_mail = package / "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not listed_by_mail.exists():
        listed_by_mail.parent.mkdir(parents=True, exist_ok=True)
        listed_by_mail.touch()
    dangling = [p for p in prefix.rglob("*") if p.is_symlink() and not p.exists()]
    if dangling:
        names = ", ".join(str(p.relative_to(prefix)) for p in dangling[:3])
        raise ApticError(f"{len(dangling)} links of the Odoo package point nowhere: {names}")
