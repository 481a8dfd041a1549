"""Draws the proof of coverage of a month: plain data in, a PDF of one page out, the same bytes for the same data."""

import io
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .statement_pdf import BOLD, FONT, fit, plain, wrap

WIDTH, HEIGHT = A4
LEFT, RIGHT = 18 * mm, WIDTH - 18 * mm
ROW = 6 * mm


@dataclass(frozen=True)
class Paper:
    """What the paper says, in the reader's language and already formatted."""

    title: str
    sender: list[str]
    intro: str
    verdict: str
    rows: list[tuple[str, str]]
    totals: list[tuple[str, str]]
    notes: list[str]


def draw(paper: Paper) -> bytes:
    """The proof as a PDF."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.sender[0] if paper.sender else "")
    for index, line in enumerate(line for line in paper.sender if line):
        font = FONT if index else BOLD
        canvas.setFont(font, 9.5)
        canvas.drawString(LEFT, HEIGHT - 20 * mm - index * 4.8 * mm, fit(line, RIGHT - LEFT, font, 9.5))
    canvas.setFont(BOLD, 18)
    canvas.drawString(LEFT, HEIGHT - 46 * mm, fit(paper.title, RIGHT - LEFT, BOLD, 18))
    y = _text(canvas, paper.intro, HEIGHT - 54 * mm, 9.5)
    canvas.setFont(BOLD, 13)
    canvas.drawString(LEFT, y - 4 * mm, plain(paper.verdict))
    y = _table(canvas, paper.rows, y - 14 * mm, FONT)
    canvas.setStrokeGray(0.6)
    canvas.line(LEFT, y + 3 * mm, RIGHT, y + 3 * mm)
    y = _table(canvas, paper.totals, y - 2 * mm, BOLD) - 6 * mm
    for note in paper.notes:
        y = _text(canvas, note, y, 8) - 2 * mm
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _table(canvas: Canvas, rows: list[tuple[str, str]], y: float, font: str) -> float:
    canvas.setFont(font, 10)
    for label, value in rows:
        canvas.drawString(LEFT, y, fit(label, RIGHT - LEFT - 40 * mm, font, 10))
        canvas.drawRightString(RIGHT, y, plain(value))
        y -= ROW
    return y


def _text(canvas: Canvas, text: str, y: float, size: float) -> float:
    canvas.setFont(FONT, size)
    for line in wrap(text, RIGHT - LEFT, FONT, size):
        canvas.drawString(LEFT, y, line)
        y -= 0.5 * size * mm
    return y
