"""Address labels for parcels. Plain Python with reportlab."""

import io
import os

import reportlab
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# The common sheet of 2 × 7 labels of 99.1 × 38.1 mm.
COLUMNS, ROWS = 2, 7
WIDTH, HEIGHT = 99.1 * mm, 38.1 * mm
LEFT, TOP, GAP = 4.65 * mm, 15.15 * mm, 2.5 * mm
PADDING = 6 * mm
SIZE, SMALLEST = 11, 6.5
PLAIN, BOLD = "ApticLabel", "ApticLabelBold"


def _fonts():
    if PLAIN not in pdfmetrics.getRegisteredFontNames():
        folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
        pdfmetrics.registerFont(TTFont(PLAIN, os.path.join(folder, "Vera.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, os.path.join(folder, "VeraBd.ttf")))


def _fitting(text, font, width):
    """The size at which a line fits, and the line, cut where even the smallest one is too large."""
    size = SIZE
    while size > SMALLEST and pdfmetrics.stringWidth(text, font, size) > width:
        size -= 0.5
    while pdfmetrics.stringWidth(text, font, size) > width:
        text = text[:-2].rstrip() + "…"
    return size, text


def draw(addresses, title="#APTIC"):
    """Draw a label for each address on A4 sheets of 2 × 7; the same addresses give the same bytes.

    :param addresses: lists of lines, the first one in bold
    :param str title: of the document
    :return: bytes of the PDF
    """
    _fonts()
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=A4, invariant=1, lang="fr")
    canvas.setTitle(title)
    for number, lines in enumerate(addresses):
        place = number % (COLUMNS * ROWS)
        if number and not place:
            canvas.showPage()
        x = LEFT + (place % COLUMNS) * (WIDTH + GAP) + PADDING
        top = A4[1] - TOP - (place // COLUMNS) * HEIGHT
        leading = min(5 * mm, (HEIGHT - 8 * mm) / max(len(lines), 1))
        y = top - (HEIGHT - leading * len(lines)) / 2 - leading * 0.75
        for row, line in enumerate(lines):
            font = PLAIN if row else BOLD
            size, text = _fitting(line, font, WIDTH - 2 * PADDING)
            canvas.setFont(font, size)
            canvas.drawString(x, y - row * leading, text)
    canvas.showPage()
    canvas.save()
    return output.getvalue()
