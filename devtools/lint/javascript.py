"""JavaScript of the addons: eslint and prettier, where Node is."""

import hashlib
import os
import shutil
import subprocess

from ..paths import ROOT
from ..ui import warn
from . import files, output_of


def _modules():
    """Install the locked linters; return whether they are there."""
    if not shutil.which("npm") or not shutil.which("node"):
        warn("JavaScript is not checked: Node is missing; try: apt-get install npm")
        return False
    lock = ROOT / "package-lock.json"
    marker = ROOT / "node_modules" / f".aptic-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not marker.exists():
        line = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        marker.touch()
    return True


def _sources():
    return [name for name in files("addons/*.js", "*.mjs") if "/static/lib/" not in name]


def eslint(context):
    """Check rules."""
    names = _sources()
    if not names or not _modules():
        return []
    return output_of([str(ROOT / "node_modules/.bin/eslint"), "--no-warn-ignored", "--max-warnings=0", *names])


def prettier(context):
    """Check the format of scripts and styles."""
    names = _sources() + [name for name in files("addons/*.scss") if "/static/lib/" not in name]
    if not names or not _modules():
        return []
    environment = dict(os.environ, NO_COLOR="1")
    return output_of([str(ROOT / "node_modules/.bin/prettier"), "--check", *names], env=environment)


def fix():
    """Let eslint and prettier mend and format what they can."""
    names = _sources()
    if names and _modules():
        output_of([str(ROOT / "node_modules/.bin/eslint"), "--no-warn-ignored", "--fix", *names])
        output_of([str(ROOT / "node_modules/.bin/prettier"), "--write", "--log-level=warn", *names])
