"""Programs of the system that tests and prints need: found, installed where we may, else asked for by name."""

import os
import shutil

from . import child
from .ui import step, warn

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Debian's names; the fonts make screenshots and PDF prints legible.
PACKAGES = {
    "chromium": ("chromium", "fonts-liberation"),
    "wkhtmltopdf": ("wkhtmltopdf",),
}


def chromium():
    """Return the path of a Chromium, or None (``APTIC_CHROMIUM`` names one)."""
    named = os.environ.get("APTIC_CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, CHROMIUM) if path), None)


def wkhtmltopdf():
    """Return the path of wkhtmltopdf, or None."""
    return shutil.which("wkhtmltopdf")


def can_install():
    """Tell whether we may install packages of the system."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt(arguments, progress):
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
    process = child.lines_of(["apt-get", *arguments], env=environment)
    for line in process.stdout:
        progress.update(line.split("://")[0].strip())
    return process.wait() == 0


def ensure(name):
    """Install the packages of ``name`` (a key of :data:`PACKAGES`) where we may.

    :return: whether the program is there afterwards.
    """
    found = {"chromium": chromium, "wkhtmltopdf": wkhtmltopdf}[name]
    if found():
        return True
    packages = PACKAGES[name]
    if not can_install():
        warn(f"{name} is missing; as root: apt-get install {' '.join(packages)}")
        return False
    with step(f"system: {name}") as progress:
        install = ["install", "-y", "--no-install-recommends", *packages]
        # Old lists name files that are gone: then they are fetched anew.
        done = _apt(install, progress) or (_apt(["update"], progress) and _apt(install, progress))
    if not done:
        warn(f"{name} could not be installed; try: apt-get update && apt-get install {' '.join(packages)}")
    return bool(found())
