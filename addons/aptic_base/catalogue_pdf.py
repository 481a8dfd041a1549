"""A provider's printable catalogue: plain data in, the bytes of a PDF out, the same bytes for the same data."""

import io
import os
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import reportlab
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

PLAIN, BOLD = "AVera", "AVeraBold"
INK, ACCENT, TINT, LINE = HexColor(0x005F75), HexColor(0xF9A01B), HexColor(0xEAF4F6), HexColor(0xB7CDD3)
WIDTH, HEIGHT = A4
MARGIN, FOOT = 18 * mm, 16 * mm
QR_SIZE = 38 * mm
SIGNS = {0x202F: "\xa0", 0x2009: " ", 0xFEFF: None, 0x2060: None}  # what the font has instead


@dataclass(frozen=True)
class Place:
    """A place as it is printed; ``hours`` and ``ways`` are lines."""

    name: str
    kind: str
    address: str
    hours: list[str] = field(default_factory=list)
    contact: str = ""
    ways: list[str] = field(default_factory=list)
    remark: str = ""


@dataclass(frozen=True)
class Service:
    """A service with its price, and what the beneficiary adds to the vouchers."""

    name: str
    facts: str
    price: str
    payment: str


@dataclass(frozen=True)
class Pathway:
    """A pathway with its sessions in order."""

    name: str
    description: str
    sessions: list[str]
    price: str
    payment: str


@dataclass(frozen=True)
class Catalogue:
    """All that the paper says, in the reader's language and already formatted."""

    title: str
    name: str
    subtitle: str
    url: str
    url_hint: str
    headings: dict[str, str]
    places: list[Place]
    levels: list[tuple[str, list[Service]]]
    pathways: list[Pathway]
    empty: dict[str, str]
    date: str
    logo: bytes = field(repr=False, default=b"")
    page: str = "{page}"


def draw(catalogue: Catalogue) -> bytes:
    """The catalogue as a PDF of A4 pages: a cover, the places, the services by level, the pathways."""
    _fonts()
    stream = io.BytesIO()
    document = BaseDocTemplate(
        stream, pagesize=A4, title=f"{catalogue.title} – {catalogue.name}", author=catalogue.name, invariant=1
    )
    body = Frame(MARGIN, MARGIN + FOOT, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN - FOOT, id="body", showBoundary=0)
    cover = Frame(MARGIN, 70 * mm, WIDTH - 2 * MARGIN, HEIGHT - 150 * mm, id="cover", showBoundary=0)
    document.addPageTemplates(
        [
            PageTemplate("cover", [cover], onPage=lambda canvas, _document: _cover(canvas, catalogue)),
            PageTemplate("body", [body], onPage=lambda canvas, _document: _foot(canvas, catalogue)),
        ]
    )
    style = _styles()
    # A name of 200 letters must not push the cover over the page.
    size = 34 if len(catalogue.name) <= 40 else 24 if len(catalogue.name) <= 90 else 16
    story = [
        Paragraph(_text(catalogue.title), style["overline"]),
        Paragraph(
            _text(catalogue.name), ParagraphStyle("name", parent=style["title"], fontSize=size, leading=1.2 * size)
        ),
        Paragraph(_text(catalogue.subtitle), style["body"]),
        NextPageTemplate("body"),
        PageBreak(),
        *_section(catalogue, "places", style, [_place(place, style) for place in catalogue.places]),
        *_section(
            catalogue,
            "services",
            style,
            [part for level, services in catalogue.levels for part in _level(level, services, style)],
        ),
    ]
    if catalogue.pathways:
        parts = [_pathway(pathway, style) for pathway in catalogue.pathways]
        story += _section(catalogue, "pathways", style, parts)
    document.build(story)
    return stream.getvalue()


def _fonts():
    if PLAIN not in pdfmetrics.getRegisteredFontNames():
        folder = os.path.join(os.path.dirname(reportlab.__file__), "fonts")
        pdfmetrics.registerFont(TTFont(PLAIN, os.path.join(folder, "Vera.ttf")))
        pdfmetrics.registerFont(TTFont(BOLD, os.path.join(folder, "VeraBd.ttf")))


def _styles():
    body = ParagraphStyle("body", fontName=PLAIN, fontSize=9.5, leading=13, splitLongWords=True)
    return {
        "body": body,
        "bold": ParagraphStyle("bold", parent=body, fontName=BOLD),
        "small": ParagraphStyle("small", parent=body, fontSize=8, leading=10.5, textColor=HexColor(0x444444)),
        "price": ParagraphStyle("price", parent=body, fontName=BOLD, fontSize=11, alignment=2, textColor=INK),
        "heading": ParagraphStyle(
            "heading", parent=body, fontName=BOLD, fontSize=17, leading=22, textColor=INK, spaceAfter=6
        ),
        "level": ParagraphStyle(
            "level", parent=body, fontName=BOLD, fontSize=11.5, leading=15, textColor=INK, spaceBefore=10, spaceAfter=4
        ),
        "overline": ParagraphStyle("overline", parent=body, fontSize=13, leading=18, textColor=INK, spaceAfter=4),
        "title": ParagraphStyle("title", parent=body, fontName=BOLD, textColor=INK, spaceAfter=10),
    }


def _text(text):
    return escape((text or "").translate(SIGNS))


def _section(catalogue, name, style, parts):
    heading = Paragraph(_text(catalogue.headings[name]), style["heading"])
    if not parts:
        parts = [Paragraph(_text(catalogue.empty[name]), style["body"])]
    return [CondPageBreak(60 * mm), heading, *parts, Spacer(1, 8 * mm)]


def _place(place, style):
    lines = [
        Paragraph(_text(place.name), style["bold"]),
        Paragraph(_text(" · ".join(filter(None, [place.kind, place.address]))), style["body"]),
    ]
    lines += [Paragraph(_text(line), style["body"]) for line in place.hours]
    if place.contact:
        lines.append(Paragraph(_text(place.contact), style["body"]))
    lines += [Paragraph(_text(line), style["small"]) for line in (" · ".join(place.ways), place.remark) if line]
    table = Table([[lines]], colWidths=[WIDTH - 2 * MARGIN - 12])
    table.setStyle(
        TableStyle([("LINEBEFORE", (0, 0), (0, -1), 2, ACCENT), ("LEFTPADDING", (0, 0), (-1, -1), 8),
                    ("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)])
    )  # fmt: skip
    return KeepTogether([table, Spacer(1, 3 * mm)])


def _level(level, services, style):
    rows = [
        [
            [Paragraph(_text(service.name), style["bold"]), Paragraph(_text(service.facts), style["small"])],
            [Paragraph(_text(service.price), style["price"])],
            [Paragraph(_text(service.payment), style["small"])],
        ]
        for service in services
    ]
    width = WIDTH - 2 * MARGIN - 12
    table = Table(rows, colWidths=[width - 72 * mm, 24 * mm, 48 * mm])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return [CondPageBreak(30 * mm), Paragraph(_text(level), style["level"]), table]


def _pathway(pathway, style):
    lines = [Paragraph(_text(pathway.name), style["bold"])]
    if pathway.description:
        lines.append(Paragraph(_text(pathway.description), style["body"]))
    lines += [Paragraph(_text(f"{number}. {name}"), style["body"]) for number, name in enumerate(pathway.sessions, 1)]
    lines.append(Paragraph(_text(f"{pathway.price} · {pathway.payment}"), style["bold"]))
    table = Table([[lines]], colWidths=[WIDTH - 2 * MARGIN - 12])
    table.setStyle(TableStyle([("BACKGROUND", (0, 0), (-1, -1), TINT), ("LEFTPADDING", (0, 0), (-1, -1), 8)]))
    return KeepTogether([table, Spacer(1, 4 * mm)])


def _cover(canvas, catalogue):
    canvas.saveState()
    canvas.setFillColor(INK)
    canvas.rect(0, 0, WIDTH, 60 * mm, stroke=0, fill=1)
    canvas.setFillColor(ACCENT)
    canvas.rect(0, 60 * mm, WIDTH, 2.5 * mm, stroke=0, fill=1)
    if catalogue.logo:
        logo = ImageReader(io.BytesIO(catalogue.logo))
        width, height = logo.getSize()
        canvas.drawImage(
            logo, MARGIN, HEIGHT - MARGIN - 60 * mm * height / width, 60 * mm, 60 * mm * height / width, mask="auto"
        )
    if catalogue.url:
        canvas.setFillColor(white)
        x, y = WIDTH - MARGIN - QR_SIZE, 11 * mm
        canvas.roundRect(x, y, QR_SIZE, QR_SIZE, 2 * mm, stroke=0, fill=1)
        renderPDF.draw(_qr(catalogue.url, QR_SIZE - 4 * mm), canvas, x + 2 * mm, y + 2 * mm)
        hint = Paragraph(
            _text(catalogue.url_hint), ParagraphStyle("hint", fontName=BOLD, fontSize=12, leading=16, textColor=white)
        )
        width = WIDTH - 2 * MARGIN - QR_SIZE - 8 * mm
        link = Paragraph(
            _text(catalogue.url), ParagraphStyle("url", fontName=PLAIN, fontSize=8.5, leading=11, textColor=white,
                                                 splitLongWords=True)
        )  # fmt: skip
        y = 46 * mm
        for part in (hint, link):
            _width, height = part.wrap(width, 30 * mm)
            y -= height + 2 * mm
            part.drawOn(canvas, MARGIN, y)
    canvas.restoreState()


def _qr(text, size):
    code = QrCodeWidget(text, barLevel="M", barBorder=2)
    left, bottom, right, _top = code.getBounds()
    scale = size / (right - left)
    drawing = Drawing(size, size, transform=[scale, 0, 0, scale, -left * scale, -bottom * scale])
    drawing.add(code)
    return drawing


def _foot(canvas, catalogue):
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.line(MARGIN, MARGIN + 8 * mm, WIDTH - MARGIN, MARGIN + 8 * mm)
    canvas.setFillColor(INK)
    canvas.setFont(PLAIN, 8)
    name = catalogue.name.translate(SIGNS)
    canvas.drawString(MARGIN, MARGIN + 3 * mm, (name if len(name) <= 70 else name[:69] + "…") + f" · {catalogue.date}")
    canvas.drawRightString(WIDTH - MARGIN, MARGIN + 3 * mm, catalogue.page.format(page=canvas.getPageNumber()))
    canvas.restoreState()
