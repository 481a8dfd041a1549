"""Draws the yearly statement of a territorial fund: plain data in, a PDF out, the same bytes for the same data."""

import io
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from .statement_pdf import BOLD, FONT, fit, plain, wrap

WIDTH, HEIGHT = A4
LEFT, RIGHT, BOTTOM = 18 * mm, WIDTH - 18 * mm, 22 * mm
ROW = 5.6 * mm
WHAT, AMOUNT, BALANCE = LEFT + 28 * mm, RIGHT - 34 * mm, RIGHT
FIRST_TOP, OTHER_TOP = HEIGHT - 116 * mm, HEIGHT - 34 * mm


@dataclass(frozen=True)
class Paper:
    """What the paper says, in the reader's language and already formatted."""

    title: str
    fund: str
    sender: list[str]
    intro: str
    totals: list[tuple[str, str]]
    headers: tuple[str, str, str, str]
    rows: list[tuple[str, str, str, str]]
    page: str = "{page} / {pages}"


def paginate(count: int) -> list[int]:
    """How many rows stand on each page; at least one page."""
    pages, room = [], int((FIRST_TOP - BOTTOM) / ROW)
    while count > room:
        pages.append(room)
        count -= room
        room = int((OTHER_TOP - BOTTOM) / ROW)
    return [*pages, count]


def draw(paper: Paper) -> bytes:
    """The statement as a PDF."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setTitle(f"{paper.fund} - {paper.title}")
    canvas.setAuthor(paper.sender[0] if paper.sender else "")
    pages, start = paginate(len(paper.rows)), 0
    for number, count in enumerate(pages, 1):
        top = _first_head(canvas, paper) if number == 1 else _other_head(canvas, paper)
        _table(canvas, paper, paper.rows[start : start + count], top)
        start += count
        canvas.setFont(FONT, 8)
        canvas.drawRightString(RIGHT, 12 * mm, plain(paper.page.format(page=number, pages=len(pages))))
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _first_head(canvas: Canvas, paper: Paper) -> float:
    y = HEIGHT - 20 * mm
    for index, line in enumerate(line for line in paper.sender if line):
        canvas.setFont(FONT if index else BOLD, 9.5)
        canvas.drawString(LEFT, y - index * 4.8 * mm, fit(line, RIGHT - LEFT, FONT if index else BOLD, 9.5))
    canvas.setFont(BOLD, 18)
    canvas.drawString(LEFT, HEIGHT - 46 * mm, fit(paper.fund, RIGHT - LEFT, BOLD, 18))
    canvas.setFont(FONT, 12)
    canvas.drawString(LEFT, HEIGHT - 53 * mm, plain(paper.title))
    y = HEIGHT - 62 * mm
    canvas.setFont(FONT, 9)
    for line in wrap(paper.intro, RIGHT - LEFT):
        canvas.drawString(LEFT, y, line)
        y -= 4.6 * mm
    y -= 4 * mm
    for index, (label, value) in enumerate(paper.totals):
        last = index == len(paper.totals) - 1
        canvas.setFont(BOLD if last else FONT, 10)
        canvas.drawString(LEFT, y, plain(label))
        canvas.drawRightString(AMOUNT, y, plain(value))
        y -= 5.8 * mm
    return FIRST_TOP


def _other_head(canvas: Canvas, paper: Paper) -> float:
    canvas.setFont(BOLD, 10)
    canvas.drawString(LEFT, HEIGHT - 20 * mm, fit(f"{paper.fund} - {paper.title}", RIGHT - LEFT, BOLD, 10))
    return OTHER_TOP


def _table(canvas: Canvas, paper: Paper, rows: list[tuple[str, str, str, str]], top: float) -> None:
    canvas.setStrokeGray(0.6)
    canvas.setLineWidth(0.5)
    _row(canvas, paper.headers, top + 2 * mm, BOLD)
    canvas.line(LEFT, top, RIGHT, top)
    for index, row in enumerate(rows):
        _row(canvas, row, top - 4.5 * mm - index * ROW, FONT)


def _row(canvas: Canvas, row: tuple[str, str, str, str], y: float, font: str) -> None:
    day, what, amount, balance = row
    canvas.setFont(font, 8.5)
    canvas.drawString(LEFT, y, fit(day, WHAT - LEFT - 4, font))
    canvas.drawString(WHAT, y, fit(what, AMOUNT - WHAT - 52, font))
    canvas.drawRightString(AMOUNT, y, plain(amount))
    canvas.drawRightString(BALANCE, y, plain(balance))
