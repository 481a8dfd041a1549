"""Draws the joint statement of an order: plain data in, the bytes of a PDF out, the same bytes for the same data."""

from dataclasses import dataclass

from odoo.addons.aptic_base.letter_pdf import (
    BODY,
    CELL,
    HEAD,
    HEAD_NUMBER,
    HEADING,
    NUMBER,
    SMALL,
    TITLE,
    build,
    grid,
    paragraph,
    plain,
    table,
)
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer


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
    signatures: tuple[str, str]


def draw(paper):
    """Draw a joint statement.

    :param Paper paper: what it says
    :return: bytes of the PDF
    """
    label, *numbers = paper.headers
    counts = [[paragraph(label, HEAD), *(paragraph(one, HEAD_NUMBER) for one in numbers)]]
    counts += [[paragraph(row[0]), *(paragraph(one, NUMBER) for one in row[1:])] for row in paper.counts]
    last = len(paper.money) - 1
    money = [
        [paragraph(name, HEAD if row == last else CELL), paragraph(amount, HEAD_NUMBER if row == last else NUMBER)]
        for row, (name, amount) in enumerate(paper.money)
    ]
    signing = grid([[paragraph(one, SMALL) for one in paper.signatures]], (85, 85), valign="TOP", heights=30)
    story = [
        paragraph(paper.title, TITLE),
        paragraph(paper.number, HEADING),
        Spacer(0, 3 * mm),
        paragraph(paper.introduction, BODY),
        table([[paragraph(name, HEAD), paragraph(value)] for name, value in paper.facts], (70, 100)),
        Spacer(0, 6 * mm),
        table(counts, (90, 35, 45), head=True),
        paragraph(paper.money_title, HEADING),
        table(money, (125, 45), total=True),
        Spacer(0, 4 * mm),
        *(paragraph(note, SMALL) for note in paper.notes),
        Spacer(0, 4 * mm),
        KeepTogether([paragraph(paper.answer, HEAD), Spacer(0, 2 * mm), signing]),
    ]
    return build(paper.title, plain(paper.number), story)
