"""What anyone may read beforehand, as PDFs in the house style: data in, bytes out. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, ITEM, SMALL, TITLE, build
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer

from .charter_pdf import story


@dataclass(frozen=True)
class Part:
    """A heading, words below it, and lists of choices, each under its question."""

    heading: str
    text: str = ""
    lists: list[tuple[str, list[str]]] = field(default_factory=list)


def _parts(parts: Iterable[Part]):
    for part in parts:
        yield Paragraph(escape(part.heading), HEADING)
        if part.text:
            yield Paragraph(escape(part.text), BODY)
        for title, items in part.lists:
            yield KeepTogether(
                [
                    Paragraph(f"<b>{escape(title)}</b>", BODY),
                    *(Paragraph(escape(item), ITEM, bulletText="•") for item in items),
                    Spacer(1, 2 * mm),
                ]
            )


def draw(title: str, version: str, parts: Iterable[Part] = (), text: str = "") -> bytes:
    """Draw a document; the same arguments give the same bytes.

    :param version: said under the title and in the footer
    :param parts: what it says, part by part
    :param text: or all of it as HTML: headings, paragraphs and lists
    """
    head = [Paragraph(escape(title), TITLE)]
    if version:
        head.append(Paragraph(escape(version), SMALL))
    footer = f"{title} – {version}" if version else title
    return build(title, footer, [*head, Spacer(1, 4 * mm), *_parts(parts), *story(text)])
