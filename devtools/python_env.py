"""The virtual environment: in the user's cache, keyed by what it is made of: checkouts share and never fight."""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import child, debian
from .locks import file_lock
from .paths import LOCK, cache_dir
from .ui import ApticError, step

SUPPORTED = ((3, 10), (3, 13))
INSTALLER = Path(__file__).resolve().parent / "install_python.py"
COMPLETE = "aptic-complete"
UNUSED = 30 * 86400


def check_python():
    """Return an interpreter to go on with when the running one is not supported, else None.

    :raises ApticError: when there is no supported Python on this machine.
    """
    if SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        return None
    for minor in range(SUPPORTED[1][1], SUPPORTED[0][1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.run([found, "-c", "import venv"], check=False, capture_output=True).returncode == 0:
            return found
    raise ApticError(
        f"Python {platform.python_version()} is not supported (3.10 to 3.13 are)",
        "install python3.13 (or 3.10 to 3.12), with its venv module",
    )


def _key(lock, python_path):
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(str(python_path).encode())
    digest.update(sys.base_prefix.encode())
    version = ".".join(map(str, sys.version_info[:3]))
    return f"{lock.stem}-py{version}-{platform.machine()}-{digest.hexdigest()[:12]}"


def location(python_path, lock=LOCK):
    """Return the folder of the environment of the running Python for this lock and this Odoo."""
    return cache_dir() / "venv" / _key(lock, python_path)


def python_of(environment):
    """Return the interpreter of an environment."""
    return environment / "bin" / "python"


def is_complete(environment):
    """Tell whether the environment was built to its end."""
    return (environment / COMPLETE).is_file()


def ensure(python_path, lock=LOCK):
    """Return the environment's folder, building it when it is not complete.

    :param python_path: the folder that holds the ``odoo`` package, or None when the environment needs none.
    :param lock: the requirements file with every version and hash.
    """
    environment = location(python_path, lock)
    if is_complete(environment):
        (environment / COMPLETE).touch()
        return environment
    environment.parent.mkdir(exist_ok=True)
    with file_lock(environment.parent / f"{environment.name}.lock", "installing the Python packages"):
        if not is_complete(environment):
            _build(environment, python_path, lock)
    return environment


def _build(environment, python_path, lock):
    # Under a name of its own: a killed set-up may leave a pip behind that still writes for a moment.
    for leftover in environment.parent.glob(f"{environment.name}.building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    building = environment.with_name(f"{environment.name}.building-{os.getpid()}")
    base = getattr(sys, "_base_executable", None) or sys.executable
    with step("Python: virtual environment"):
        pip = _create(building, base)
    wanted = sum(
        1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line and not line.startswith("#")
    )
    with step("Python: packages") as progress:
        line = [str(python_of(building)), str(INSTALLER), "--lock", str(lock), *(["--pip", str(pip)] if pip else [])]
        process = child.lines_of(line, cwd="/")
        lines, seen = [], 0
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith(("Collecting", "Installing")):
                seen += line.startswith("Collecting")
                progress.update(f"{min(seen, wanted)}/{wanted} {line.split()[1]}" if seen < wanted else "installing")
        if process.wait():
            tail = "\n    ".join(lines[-6:])
            raise ApticError(
                f"pip could not install the packages:\n    {tail}", "check the network, then the same command"
            )
    site = next(building.glob("lib/python3*/site-packages"))
    if python_path:
        (site / "aptic-odoo.pth").write_text(f"{python_path}\n", encoding="utf-8")
    _settle(building, environment)
    (building / COMPLETE).write_text(lock.name + "\n")
    shutil.rmtree(environment, ignore_errors=True)
    building.rename(environment)
    _forget_unused(environment.parent)


def _forget_unused(folder):
    """Remove the environments that nobody used for :data:`UNUSED` seconds."""
    for marker in folder.glob(f"*/{COMPLETE}"):
        if time.time() - marker.stat().st_mtime > UNUSED:
            shutil.rmtree(marker.parent, ignore_errors=True)


def _settle(building, environment):
    """Make the programs of an environment name the folder where it will stay."""
    before, after = os.fsencode(building), os.fsencode(environment)
    for path in (building / "bin").iterdir():
        if path.is_file() and not path.is_symlink() and before in (content := path.read_bytes()):
            path.write_bytes(content.replace(before, after))


def _create(environment, base):
    """Create an environment; return the path of a pip to use when it has none of its own."""
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        made = subprocess.run([base, "-m", "venv", str(environment)], capture_output=True, text=True, check=False)
        if made.returncode == 0:
            return None
        shutil.rmtree(environment, ignore_errors=True)
    made = subprocess.run(
        [base, "-m", "venv", "--without-pip", str(environment)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise ApticError(f"Python {platform.python_version()} has no venv module", "apt-get install python3-venv")
    return _debian_pip() / "pip"


def _debian_pip():
    """Return pip's wheel from Debian's package, for systems whose Python came without pip."""
    folder = cache_dir() / "pip"
    if not list(folder.rglob("pip-*.whl")):
        try:
            debian.require()
        except ApticError as error:
            raise ApticError("this Python has no pip", "install python3-venv and python3-pip") from error
        private = debian.PrivateApt(folder / "apt", suites=("trixie",))
        with step("Python: pip") as progress:
            private.update(progress)
            for path in private.download(["python3-pip-whl/trixie"], progress):
                debian.unpack(path, folder)
        shutil.rmtree(folder / "apt", ignore_errors=True)
    return Path(next(iter(folder.rglob("pip-*.whl"))))
