"""Draws the counts of an order on one page: plain data in, the bytes of a PDF out."""

from dataclasses import dataclass

from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, SMALL, TITLE, build
from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from .closing_pdf import HEAD, HEAD_NUMBER, NUMBER, SPACES, table, text_cell


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
    rows = [[text_cell(label, HEAD), *(text_cell(one, HEAD_NUMBER) for one in numbers)]]
    rows += [[text_cell(row[0]), *(text_cell(one, NUMBER) for one in row[1:])] for row in page.rows]
    story = [
        text_cell(page.title, TITLE),
        text_cell(page.number, HEADING),
        Spacer(0, 3 * mm),
        text_cell(page.introduction, BODY),
        table(rows, (90, 35, 45), head=True),
        Spacer(0, 4 * mm),
        text_cell(page.note, SMALL),
    ]
    return build(page.title, page.number.translate(SPACES), story)
