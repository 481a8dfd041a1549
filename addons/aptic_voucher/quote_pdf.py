"""The quote of an order on paper: plain data in, the bytes of a PDF out, the same bytes for the same data."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from odoo.addons.aptic_base.letter_pdf import (
    ACCENT,
    BODY,
    HEADING,
    INK,
    ITEM,
    LINE,
    SMALL,
    TITLE,
    build,
    paragraph,
    plain,
)
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

RIGHT = ParagraphStyle("right", parent=SMALL, alignment=TA_RIGHT)
BOLD = ParagraphStyle("bold", parent=SMALL, fontName="Helvetica-Bold")
BOLD_RIGHT = ParagraphStyle("bold_right", parent=RIGHT, fontName="Helvetica-Bold")
POINT = ParagraphStyle("point", parent=ITEM, spaceBefore=0, spaceAfter=0.5 * mm)
WIDTHS = (86 * mm, 22 * mm, 30 * mm, 32 * mm)


@dataclass(frozen=True)
class Block:
    """One of the two amounts of a quote, in the reader's language and already formatted.

    :ivar heading: what it is.
    :ivar lines: texts of designation, quantity, unit price and amount.
    :ivar totals: pairs of a label and an amount; the last one is the block's own.
    """

    heading: str
    lines: list[tuple[str, str, str, str]]
    totals: list[tuple[str, str]]


@dataclass(frozen=True)
class Paper:
    """What the paper says, in the reader's language and already formatted."""

    title: str
    number: str
    sender: list[str]
    recipient: list[str]
    facts: list[tuple[str, str]]
    headers: tuple[str, str, str, str]
    blocks: list[Block]
    total: tuple[str, str]
    sections: list[tuple[str, list[str]]]
    notes: list[str] = field(default_factory=list)


def signature_page(title, number, signature, note):
    """Return the page that follows the quote once it is signed, as a PDF.

    :param str title: what the paper is
    :param str number: of the quote
    :param signature: flowable of :func:`odoo.addons.aptic_base.signature_pdf.block`
    :param str note: what identifies the pages before it
    """
    story = [paragraph(f"{title} {number}", TITLE), Spacer(1, 4 * mm), signature, Spacer(1, 4 * mm),
             paragraph(note, SMALL)]  # fmt: skip
    return build(f"{title} {number}", f"{title} {number}", story)


def draw(paper):
    """Return the quote as a PDF.

    :param Paper paper: what it says
    """
    story = [
        paragraph(paper.title, TITLE),
        paragraph(paper.number, SMALL),
        Spacer(1, 4 * mm),
        _parties(paper),
        Spacer(1, 4 * mm),
        _facts(paper.facts),
        Spacer(1, 2 * mm),
    ]
    for block in paper.blocks:
        story += [paragraph(block.heading, HEADING), Spacer(1, 1.5 * mm), _amounts(paper.headers, block)]
    story += [Spacer(1, 4 * mm), _total(paper.total), Spacer(1, 2 * mm)]
    for heading, lines in paper.sections:
        items = [Paragraph(escape(plain(line)), POINT, bulletText="•") for line in lines]
        story += [KeepTogether([paragraph(heading, HEADING), *items[:2]]), *items[2:]]
    story += [Spacer(1, 3 * mm), *(paragraph(note, BODY) for note in paper.notes)]
    return build(f"{paper.title} {paper.number}", f"{paper.title} {paper.number}", story)


def _parties(paper):
    cells = [
        [paragraph(line, BOLD if number == 0 else SMALL) for number, line in enumerate(filter(None, lines))]
        for lines in (paper.sender, paper.recipient)
    ]
    table = Table([cells], colWidths=(90 * mm, 80 * mm))
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _facts(facts):
    rows = [[paragraph(label, SMALL), paragraph(value, BOLD)] for label, value in facts]
    table = Table(rows, colWidths=(60 * mm, 110 * mm))
    table.setStyle(TableStyle([("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1)]))
    return table


def _amounts(headers, block):
    styles = (SMALL, RIGHT, RIGHT, RIGHT)
    rows = [[paragraph(text, style) for text, style in zip(row, styles, strict=True)] for row in block.lines]
    head = [paragraph(text, BOLD if number == 0 else BOLD_RIGHT) for number, text in enumerate(headers)]
    last = len(block.totals) - 1
    for number, (label, amount) in enumerate(block.totals):
        style = BOLD_RIGHT if number == last else RIGHT
        rows.append([paragraph(label, style), "", "", paragraph(amount, style)])
    table = Table([head, *rows], colWidths=WIDTHS, repeatRows=1)
    first_total = len(block.lines) + 1
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, first_total - 1), 0.25, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                *(("SPAN", (0, row), (2, row)) for row in range(first_total, first_total + len(block.totals))),
            ]
        )
    )
    return table


def _total(total):
    label, amount = total
    table = Table([[paragraph(label, BOLD), paragraph(amount, BOLD_RIGHT)]], colWidths=(110 * mm, 60 * mm))
    table.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 1, ACCENT), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table
