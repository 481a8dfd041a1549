"""Draws a statement: plain data in, the bytes of a PDF out, the same bytes for the same data."""

import io
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

FONT, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = A4
LEFT, RIGHT, BOTTOM = 18 * mm, WIDTH - 18 * mm, 22 * mm
ROW = 5.2 * mm
# Left edges of day, place, service and sponsor; right edges of voucher and amount.
DAY, PLACE, SERVICE, SPONSOR = LEFT, LEFT + 20 * mm, LEFT + 60 * mm, LEFT + 101 * mm
VOUCHER, AMOUNT = RIGHT - 20 * mm, RIGHT
GAP = 6  # points between two columns
FIRST_PAGE_TOP, OTHER_PAGE_TOP = HEIGHT - 92 * mm, HEIGHT - 32 * mm
SUMMARY_HEIGHT, SUMMARY_TOTALS, TOTAL = 84 * mm, 9, 5.6 * mm  # as many totals fit; each one more asks for its line


@dataclass(frozen=True)
class Paper:
    """What the paper says, in the reader's language and already formatted."""

    title: str
    number: str
    facts: list[tuple[str, str]]
    sender: list[str]
    recipient: list[str]
    headers: tuple[str, str, str, str, str, str]
    lines: list[tuple[str, str, str, str, str, str]]
    totals: list[tuple[str, str]]
    words: str
    bank: str
    notes: list[str] = field(default_factory=list)
    page: str = "{page} / {pages}"
    corrections: list[tuple[str, ...]] = field(default_factory=list)  # rows, or one text that takes a line for itself


def fit(text: str, width: float, font: str = FONT, size: float = 8.5) -> str:
    """``text`` cut with an ellipsis where it is wider than ``width`` points."""
    text = plain(text)
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def plain(text: str) -> str:
    """``text`` with the spaces that the standard fonts have, and without the invisible ones of formatted amounts."""
    return text.translate({0x202F: "\xa0", 0x2009: " ", 0xFEFF: None, 0x2060: None})


def wrap(text: str, width: float, font: str = FONT, size: float = 9) -> list[str]:
    """``text`` cut into lines of at most ``width`` points, between words."""
    lines = [""]
    for word in plain(text).split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and stringWidth(longer, font, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def paginate(count: int, totals: int = 0) -> list[int]:
    """How many lines stand on each page, so that so many totals still find their place on the last one."""
    first = int((FIRST_PAGE_TOP - BOTTOM) / ROW)
    other = int((OTHER_PAGE_TOP - BOTTOM) / ROW)
    summary = int((SUMMARY_HEIGHT + max(0, totals - SUMMARY_TOTALS) * TOTAL) / ROW) + 1
    pages, left, room = [], count, first
    while left > room:
        pages.append(room)
        left -= room
        room = other
    if left + summary > room:
        return [*pages, left, 0]
    return [*pages, left]


def draw(paper: Paper) -> bytes:
    """The statement as a PDF."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    canvas.setTitle(f"{paper.title} {paper.number}")
    canvas.setAuthor(paper.sender[0] if paper.sender else "")
    rows = [*paper.lines, *paper.corrections]
    pages = paginate(len(rows), len(paper.totals))
    start = 0
    for number, count in enumerate(pages, 1):
        top = _first_head(canvas, paper) if number == 1 else _other_head(canvas, paper)
        if count:
            top = _table(canvas, paper, rows[start : start + count], top)
        start += count
        if number == len(pages):
            _summary(canvas, paper, top)
        _foot(canvas, paper, number, len(pages))
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _first_head(canvas: Canvas, paper: Paper) -> float:
    canvas.setFont(BOLD, 18)
    canvas.drawString(LEFT, HEIGHT - 24 * mm, plain(paper.title))
    canvas.setFont(FONT, 11)
    canvas.drawString(LEFT, HEIGHT - 31 * mm, plain(paper.number))
    _block(canvas, paper.sender, LEFT, HEIGHT - 42 * mm)
    _block(canvas, paper.recipient, WIDTH / 2 + 8 * mm, HEIGHT - 42 * mm)
    y = HEIGHT - 70 * mm
    for label, value in paper.facts:
        canvas.setFont(FONT, 9)
        canvas.drawString(LEFT, y, plain(label))
        canvas.setFont(BOLD, 9)
        canvas.drawString(LEFT + 45 * mm, y, fit(value, RIGHT - LEFT - 45 * mm, BOLD, 9))
        y -= 4.6 * mm
    return FIRST_PAGE_TOP


def _other_head(canvas: Canvas, paper: Paper) -> float:
    canvas.setFont(BOLD, 10)
    canvas.drawString(LEFT, HEIGHT - 20 * mm, plain(f"{paper.title} {paper.number}"))
    return OTHER_PAGE_TOP


def _block(canvas: Canvas, lines: list[str], x: float, y: float) -> None:
    for index, line in enumerate(line for line in lines if line):
        canvas.setFont(FONT if index else BOLD, 9.5)
        canvas.drawString(x, y - index * 4.8 * mm, fit(line, WIDTH / 2 - 26 * mm, FONT if index else BOLD, 9.5))


def _row(canvas: Canvas, row: tuple[str, ...], y: float, font: str) -> None:
    if len(row) == 1:
        canvas.setFont(font, 8)
        canvas.drawString(PLACE, y, fit(row[0], RIGHT - PLACE, font, 8))
        return
    canvas.setFont(font, 8.5)
    day, place, service, sponsor, voucher, amount = row
    canvas.drawString(DAY, y, fit(day, PLACE - DAY - GAP, font))
    canvas.drawString(PLACE, y, fit(place, SERVICE - PLACE - GAP, font))
    canvas.drawString(SERVICE, y, fit(service, SPONSOR - SERVICE - GAP, font))
    canvas.drawString(SPONSOR, y, fit(sponsor, VOUCHER - SPONSOR - stringWidth(voucher, font, 8.5) - GAP, font))
    canvas.drawRightString(VOUCHER, y, plain(voucher))
    canvas.drawRightString(AMOUNT, y, plain(amount))


def _table(canvas: Canvas, paper: Paper, rows: list[tuple[str, ...]], top: float) -> float:
    canvas.setStrokeGray(0.6)
    canvas.setLineWidth(0.5)
    _row(canvas, paper.headers, top + 2 * mm, BOLD)
    canvas.line(LEFT, top, RIGHT, top)
    y = top - 4 * mm
    for row in rows:
        _row(canvas, row, y, FONT)
        y -= ROW
    return y + 1 * mm


def _summary(canvas: Canvas, paper: Paper, top: float) -> None:
    canvas.setStrokeGray(0.3)
    canvas.line(LEFT, top, RIGHT, top)
    y = top - 6 * mm
    for index, (label, value) in enumerate(paper.totals):
        font = BOLD if index == len(paper.totals) - 1 else FONT
        canvas.setFont(font, 10)
        canvas.drawRightString(VOUCHER, y, fit(label, VOUCHER - LEFT, font, 10))
        canvas.drawRightString(AMOUNT, y, plain(value))
        y -= TOTAL
    y -= 2 * mm
    for text in (paper.words, paper.bank, *paper.notes):
        for line in wrap(text, RIGHT - LEFT) if text else ():
            canvas.setFont(FONT, 9)
            canvas.drawString(LEFT, y, line)
            y -= 4.6 * mm
        y -= 1 * mm


def _foot(canvas: Canvas, paper: Paper, number: int, pages: int) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(RIGHT, 12 * mm, plain(paper.page.format(page=number, pages=pages)))
