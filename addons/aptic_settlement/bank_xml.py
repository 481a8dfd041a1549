"""The bank's XML files, opened with care: what they are, or in which way they cannot be read. No ORM."""

import re

from lxml import etree

URN = re.compile(r"(?:urn:iso:std:iso:20022:tech:xsd:|ISO:)((?:camt|pain)\.\d{3}\.\d{3}\.\d{2})$")
BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


class BadFile(Exception):
    """A file that cannot be read; ``code`` is ``empty``, ``cut`` or ``doctype``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def looks_like_xml(data: bytes) -> bool:
    """Whether a file means to be XML."""
    return data.startswith(UTF16) or data.removeprefix(BOM).lstrip().startswith(b"<")


def opened(data: bytes) -> etree._Element:
    """Return the root of a bank's file.

    A file that was cut off on its way is refused, never repaired: what is missing may be money. No bank sends a
    document type, which is where entities that grow or reach out are declared.

    :raise BadFile: ``empty``, ``cut`` (not well-formed) or ``doctype``
    """
    if not data.strip():
        raise BadFile("empty")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data if data.startswith(UTF16) else data.removeprefix(BOM).lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadFile("cut") from error
    if root.getroottree().docinfo.doctype:
        raise BadFile("doctype")
    return root


def format_of(root: etree._Element) -> str:
    """Return the ISO 20022 name of a message such as ``camt.053.001.02``, or an empty string."""
    found = URN.match(etree.QName(root).namespace or "")
    return found[1] if found else ""
