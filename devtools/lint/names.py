"""Names that must not be in the project: registries' hosts, paths of one machine, unfinished work."""

import re
from pathlib import Path

from . import files

# Spelled in pieces, so that this file does not name them either.
HOST = re.compile(r"[a-z0-9.-]*(debian|pypi|python" + r"hosted|npm" + r"js)[a-z0-9-]*\.(org|com|io)\b", re.IGNORECASE)
MACHINE = re.compile(r"(^|[^\w.])/(work|farm|home/[a-z]+|tmp/bash_jobs|root)/")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
BINARY = {".png", ".jpg", ".jpeg", ".gif", ".ico", ".woff", ".woff2", ".ttf", ".pdf", ".gz", ".zip", ".webp"}


def forbidden(context):
    """Look for them in every text file."""
    problems = []
    for name in files("*"):
        if Path(name).suffix.lower() in BINARY:
            continue
        with open(name, encoding="utf-8", errors="replace") as stream:
            for number, text in enumerate(stream, 1):
                for pattern, what in (
                    (HOST, "a package registry's host"),
                    (MACHINE, "a path of one machine"),
                    (UNFINISHED, "unfinished work"),
                ):
                    if pattern.search(text):
                        problems.append(f"{name}:{number}: {what}: {text.strip()[:80]}")
    return problems
