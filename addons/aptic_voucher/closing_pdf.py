"""Draws the joint statement of an order: plain data in, the bytes of a PDF out, the same bytes for the same data."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, INK, LINE, SMALL, TITLE, build
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

CELL = ParagraphStyle("cell", parent=BODY, alignment=0, spaceAfter=0, fontSize=9.5, leading=12)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=INK)
HEAD_NUMBER = ParagraphStyle("head_number", parent=HEAD, alignment=TA_RIGHT)
# Spaces that the standard fonts lack, and the invisible signs of formatted amounts.
SPACES = {0x202F: "\xa0", 0x2009: " ", 0xFEFF: None, 0x2060: None}


@dataclass(frozen=True)
class Paper:
    """What the paper says, in the reader's language and already formatted."""

    title: str
    number: str
    introduction: str
    facts: list[tuple[str, str]]
    headers: tuple[str, str, str]
    counts: list[tuple[str, str, str]]
    money_title: str
    money: list[tuple[str, str]]
    notes: list[str]
    answer: str
    signatures: tuple[str, str] = field(default=("", ""))


def text_cell(text, style=CELL):
    """A text as a paragraph, in signs that the standard fonts have."""
    return Paragraph(escape(text.translate(SPACES)), style)


def table(rows, widths, head=False, total=False):
    """Rows of cells between thin lines.

    :param widths: of the columns, in mm
    :param bool head: whether the first row is a header
    :param bool total: whether the last row is a total
    """
    drawn = Table(rows, colWidths=[width * mm for width in widths], repeatRows=int(head))
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, LINE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    if head:
        style.append(("LINEBELOW", (0, 0), (-1, 0), 0.8, INK))
    if total:
        style.append(("LINEABOVE", (0, -1), (-1, -1), 0.8, INK))
    drawn.setStyle(TableStyle(style))
    return drawn


def draw(paper):
    """Draw a joint statement.

    :param Paper paper: what it says
    :return: bytes of the PDF
    """
    label, *numbers = paper.headers
    counts = [[text_cell(label, HEAD), *(text_cell(one, HEAD_NUMBER) for one in numbers)]]
    counts += [[text_cell(row[0]), *(text_cell(one, NUMBER) for one in row[1:])] for row in paper.counts]
    last = len(paper.money) - 1
    money = [
        [text_cell(name, HEAD if row == last else CELL), text_cell(amount, HEAD_NUMBER if row == last else NUMBER)]
        for row, (name, amount) in enumerate(paper.money)
    ]
    signing = Table(
        [[text_cell(one, SMALL) for one in paper.signatures]], colWidths=(85 * mm, 85 * mm), rowHeights=30 * mm
    )
    signing.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, INK),
                ("INNERGRID", (0, 0), (-1, -1), 0.25, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    story = [
        text_cell(paper.title, TITLE),
        text_cell(paper.number, HEADING),
        Spacer(0, 3 * mm),
        text_cell(paper.introduction, BODY),
        table([[text_cell(name, HEAD), text_cell(value)] for name, value in paper.facts], (70, 100)),
        Spacer(0, 6 * mm),
        table(counts, (90, 35, 45), head=True),
        text_cell(paper.money_title, HEADING),
        table(money, (125, 45), total=True),
        Spacer(0, 4 * mm),
        *(text_cell(note, SMALL) for note in paper.notes),
        Spacer(0, 4 * mm),
        KeepTogether([text_cell(paper.answer, HEAD), Spacer(0, 2 * mm), signing]),
    ]
    return build(paper.title, paper.number.translate(SPACES), story)
