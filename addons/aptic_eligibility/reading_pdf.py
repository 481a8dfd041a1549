"""What anyone may read beforehand, as PDFs in the house style: data in, bytes out. Plain Python."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer

from .charter_pdf import BODY, HEADING, ITEM, SMALL, TITLE, story


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
    output = io.BytesIO()

    def page(canvas, document):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(20 * mm, 10 * mm, f"{title} – {version}" if version else title)
        canvas.drawRightString(A4[0] - 20 * mm, 10 * mm, str(document.page))

    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        title=title,
        author="#APTIC",
        lang="fr",
        invariant=1,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
    )
    head = [Paragraph(escape(title), TITLE)]
    if version:
        head.append(Paragraph(escape(version), SMALL))
    document.build([*head, Spacer(1, 4 * mm), *_parts(parts), *story(text)], onFirstPage=page, onLaterPages=page)
    return output.getvalue()
