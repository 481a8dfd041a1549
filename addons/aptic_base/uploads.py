"""Files that people send: what they really are, whatever their names say. Plain Python.

What is inside a file is looked at by another process (:mod:`upload_inspection`) with little memory and time: a picture
that unpacks to gigabytes or a PDF that never ends takes that process down, not the server.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .texts import one_line

INSPECTION = Path(__file__).with_name("upload_inspection.py")
# By the first bytes, which no reader of these formats does without: kind, type, endings that its name may have.
KINDS = (
    (b"%PDF-", "pdf", "application/pdf", (".pdf",)),
    (b"\xff\xd8\xff", "jpeg", "image/jpeg", (".jpg", ".jpeg")),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png", (".png",)),
)
ACCEPT = ".pdf,.jpg,.jpeg,.png"
LONGEST_NAME = 100


class BadUpload(ValueError):
    """A file that is not taken.

    ``code`` is ``empty``, ``size``, ``type``, ``pages``, ``pixels``, ``encrypted``, ``active`` (a script, a program to
    launch, a file inside the file) or ``broken``; ``name`` is the file's, cleaned.
    """

    def __init__(self, code, name=""):
        super().__init__(code)
        self.code = code
        self.name = name


@dataclass(frozen=True)
class Limits:
    """What is taken; ``seconds`` and ``memory`` (bytes) are those of the process that looks into the file."""

    size: int = 10 * 1024 * 1024
    pages: int = 60
    pixels: int = 64_000_000
    seconds: int = 20
    memory: int = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that may be kept."""

    data: bytes = field(repr=False)
    name: str
    mimetype: str
    pages: int


def check(data, name="", limits=None):
    """Return the :class:`Upload` of a file as a person sent it.

    :param bytes data: the content
    :param str name: as the browser gave it: it decides nothing
    :param Limits limits: other limits than the usual ones
    :raise BadUpload: see its codes
    """
    limits = limits or Limits()
    if not data:
        raise BadUpload("empty", clean_name(name))
    if len(data) > limits.size:
        raise BadUpload("size", clean_name(name))
    kind, mimetype, endings = _kind(data)
    name = clean_name(name, endings)
    if not kind:
        raise BadUpload("type", name)
    found = _inspect(kind, data, limits)
    if "code" in found:
        raise BadUpload(found["code"], name)
    return Upload(data, name, mimetype, found["pages"])


def clean_name(name, endings=()):
    """Return a file name without folders and signs that some system cannot write, with one of the ``endings``."""
    text = one_line((name or "").replace("\\", "/").rsplit("/", 1)[-1], 4 * LONGEST_NAME)
    text = "".join("_" if sign in '<>:"|?*' else sign for sign in text).strip(". ")
    stem, dot, ending = text.rpartition(".")
    if not endings:
        return text[:LONGEST_NAME]
    if not dot or f".{ending.lower()}" not in endings:
        stem, ending = text, endings[0].strip(".")
    return f"{stem[:LONGEST_NAME].strip('. ') or 'document'}.{ending.lower()}"


def _kind(data):
    for start, kind, mimetype, endings in KINDS:
        if data.startswith(start):
            return kind, mimetype, endings
    return "", "", ()


def _inspect(kind, data, limits):
    """Have another process look into the file; whatever brings that process down is a broken file."""
    figures = (limits.pages, limits.pixels, limits.seconds, limits.memory)
    try:
        answer = subprocess.run(
            [sys.executable, "-s", str(INSPECTION), kind, *map(str, figures)],
            input=data,
            capture_output=True,
            timeout=limits.seconds + 10,
            check=False,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")},
        )
        return json.loads(answer.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"code": "broken"}
