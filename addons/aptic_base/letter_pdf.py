"""The A4 papers of the house: their styles, and pages with a footer and a number. Plain Python with reportlab."""

import io
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

INK, ACCENT, LINE = HexColor("#1f2a44"), HexColor("#c2185b"), HexColor("#c8ccd6")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=14, spaceAfter=6, alignment=TA_JUSTIFY)
HEADING = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=8, textColor=INK)
TITLE = ParagraphStyle("title", parent=HEADING, fontSize=18, leading=24, textColor=ACCENT)
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=14, bulletIndent=4)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8.5, leading=11, alignment=0, spaceAfter=0)
CELL = ParagraphStyle("cell", parent=BODY, alignment=0, spaceAfter=0, fontSize=9.5, leading=12)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=INK)
HEAD_NUMBER = ParagraphStyle("head_number", parent=HEAD, alignment=TA_RIGHT)


def build(title, footer, story):
    """Return the bytes of a PDF; the same arguments give the same bytes.

    :param str title: of the document
    :param str footer: on each page, before its number
    :param story: reportlab's flowables
    """
    output = io.BytesIO()

    def page(canvas, document):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(20 * mm, 10 * mm, footer)
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
    document.build(list(story), onFirstPage=page, onLaterPages=page)
    return output.getvalue()


def grid(cells, widths, valign="MIDDLE", heights=None):
    """Return a boxed table with thin lines between its cells.

    :param cells: rows of flowables or texts
    :param widths: of the columns, in mm
    :param str valign: TOP, MIDDLE or BOTTOM
    :param heights: of each row, in mm; default what the cells need
    """
    table = Table(cells, colWidths=[width * mm for width in widths], rowHeights=heights and heights * mm)
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, INK),
                ("INNERGRID", (0, 0), (-1, -1), 0.25, LINE),
                ("VALIGN", (0, 0), (-1, -1), valign),
            ]
        )
    )
    return table


def plain(text):
    """``text`` with the spaces that the standard fonts have, and without the invisible ones of formatted amounts."""
    return text.translate({0x202F: "\xa0", 0x2009: " ", 0xFEFF: None, 0x2060: None})


def paragraph(text, style=CELL):
    """Return a text without markup, in signs that the standard fonts have."""
    return Paragraph(escape(plain(text)), style)


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
