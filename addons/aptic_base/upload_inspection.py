"""Looks into a file that a person sent, as a process of its own with bounded memory and time: see ``uploads.py``.

``python upload_inspection.py KIND PAGES PIXELS SECONDS MEMORY < file`` writes ``{"pages": 3}`` or ``{"code": …}``.
"""

import io
import json
import re
import resource
import sys

# What runs, launches, sends or hides something; a link to a page of the web is none of it (ISO 32000-2, 12.6.4).
ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/RichMediaExecute"}
KEYS = {"/JS", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA"}
TYPES = {"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
# Names that are looked for in the bytes as well: objects that no table names, or that the reader could not take apart.
RAW = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm)(?=[\s()<>\[\]{}/%])")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")


class Refused(Exception):
    """Why the file is not taken: a code of ``uploads.BadUpload``."""


def inspect_pdf(data, most_pages, _most_pixels):
    """Return the number of pages of a PDF in which nothing is active, or raise :class:`Refused`."""
    try:
        from pypdf import PdfReader
        from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject
    except ImportError:  # the same library under its former name, which Odoo takes before Python 3.13
        from PyPDF2 import PdfReader
        from PyPDF2.generic import ArrayObject, DictionaryObject, IndirectObject

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise Refused("encrypted")
    if RAW.search(ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)):
        raise Refused("active")

    def names(value):
        return {str(value)} if not isinstance(value, ArrayObject) else {str(item) for item in value}

    def look(value):
        if isinstance(value, DictionaryObject):
            kinds = {str(value.raw_get(key)) for key in ("/Type", "/Subtype") if key in value}
            actions = names(value.raw_get("/S")) if "/S" in value else set()
            if KEYS & value.keys() or TYPES & kinds or ACTIONS & actions:
                raise Refused("active")
            for item in dict.values(value):
                look(item)
        elif isinstance(value, ArrayObject):
            for item in list(value):
                look(item)

    look(reader.trailer)
    numbers = {(number, generation) for generation, entries in reader.xref.items() for number in entries}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(numbers):
        try:
            value = reader.get_object(IndirectObject(number, generation, reader))
        except Exception:  # noqa: BLE001  (a free entry, or an object in pieces: its bytes were searched above)
            value = None
        look(value)
    pages = len(reader.pages)
    if pages > most_pages:
        raise Refused("pages")
    if not pages:
        raise Refused("broken")
    return pages


def inspect_picture(data, _most_pages, most_pixels):
    """Return 1 for a picture that unpacks within the limits, or raise :class:`Refused`."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit is looked at before a single pixel is unpacked
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if picture.width * picture.height > most_pixels:
            raise Refused("pixels")
        picture.load()
    return 1


def main(kind, *figures):
    """Look into the standard input and write what was found; nothing, when a reader stumbles over it."""
    pages, pixels, seconds, memory = map(int, figures)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    data = sys.stdin.buffer.read()
    try:
        found = {"pages": (inspect_pdf if kind == "pdf" else inspect_picture)(data, pages, pixels)}
    except Refused as refusal:
        found = {"code": str(refusal)}
    print(json.dumps(found))  # noqa: T201  (the answer to the other process)  # pylint: disable=print-used


if __name__ == "__main__":
    main(*sys.argv[1:])
