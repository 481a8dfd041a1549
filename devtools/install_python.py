#!/usr/bin/env python3
"""Installs a lock with pip: wheels only, every hash checked, nothing beyond the lock.

The native set-up and the container's build both run this file; it needs nothing but Python and pip.
"""

import argparse
import os
import sys

OPTIONS = (
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
)


def command(lock, target=None, pip=None):
    """Return pip's command line.

    :param lock: the requirements file with hashes.
    :param target: a folder to install into; the interpreter's own site-packages when left out.
    :param pip: the path of a pip to run; the interpreter's own when left out.
    """
    line = [sys.executable, *([pip] if pip else ["-m", "pip"]), *OPTIONS]
    if target:
        # --no-compile: an image is read-only where it is run, and smaller so.
        line += ["--target", target, "--no-cache-dir", "--no-compile"]
    return [*line, "-r", lock]


def main():
    """Replace this process by pip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lock", required=True, help="the requirements file")
    parser.add_argument("--target", help="a folder to install into")
    parser.add_argument("--pip", help="the path of a pip to run")
    options = parser.parse_args()
    line = command(options.lock, options.target, options.pip)
    os.environ.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    os.execv(line[0], line)


if __name__ == "__main__":
    main()
