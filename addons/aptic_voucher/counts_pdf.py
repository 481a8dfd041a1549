"""Draws the counts of an order on one page: plain data in, the bytes of a PDF out."""

from dataclasses import dataclass

from odoo.addons.aptic_base.letter_pdf import (
    BODY,
    HEAD,
    HEAD_NUMBER,
    HEADING,
    NUMBER,
    SMALL,
    TITLE,
    build,
    paragraph,
    plain,
    table,
)
from reportlab.lib.units import mm
from reportlab.platypus import Spacer


@dataclass(frozen=True)
class Page:
    """What the page says, in the reader's language and already formatted."""

    title: str
    number: str
    introduction: str
    headers: tuple[str, str, str]
    rows: list[tuple[str, str, str]]
    note: str


def draw(page):
    """Draw the counts.

    :param Page page: what it says
    :return: bytes of the PDF
    """
    label, *numbers = page.headers
    rows = [[paragraph(label, HEAD), *(paragraph(one, HEAD_NUMBER) for one in numbers)]]
    rows += [[paragraph(row[0]), *(paragraph(one, NUMBER) for one in row[1:])] for row in page.rows]
    story = [
        paragraph(page.title, TITLE),
        paragraph(page.number, HEADING),
        Spacer(0, 3 * mm),
        paragraph(page.introduction, BODY),
        table(rows, (90, 35, 45), head=True),
        Spacer(0, 4 * mm),
        paragraph(page.note, SMALL),
    ]
    return build(page.title, plain(page.number), story)
