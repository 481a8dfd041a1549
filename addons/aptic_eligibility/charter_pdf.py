"""The signed charter as a PDF: its text, then who signed it, when and how. Plain Python with reportlab."""

import io
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from lxml import html
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Image, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

INK = HexColor("#1f2a44")
ACCENT = HexColor("#c2185b")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=14, spaceAfter=6, alignment=TA_JUSTIFY)
HEADING = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=8, textColor=INK)
TITLE = ParagraphStyle("title", parent=HEADING, fontSize=18, leading=24, textColor=ACCENT)
ITEM = ParagraphStyle("item", parent=BODY, leftIndent=14, bulletIndent=4)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8.5, leading=11, alignment=0, spaceAfter=0)
SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 60 * mm, 24 * mm


@dataclass(frozen=True)
class Signing:
    """Who signed, for whom, when (UTC) and from where."""

    organisation: str
    siret: str
    name: str
    capacity: str
    signed_at: datetime
    ip: str
    image: bytes


def story(text):
    """Paragraphs of the charter's HTML: headings, paragraphs and lists; inline markup is flattened."""
    for node in html.fragment_fromstring(text or "", create_parent="div").iter("h1", "h2", "h3", "p", "li"):
        words = escape(" ".join(node.text_content().split()))
        if not words:
            continue
        if node.tag == "li":
            yield Paragraph(words, ITEM, bulletText="•")
        elif node.tag != "p":
            yield Paragraph(words, HEADING)
        elif node.getparent().tag != "li":
            yield Paragraph(words, BODY)


def _signature_block(signing, labels):
    rows = [
        (labels["organisation"], f"{signing.organisation} – SIRET {signing.siret}"),
        (labels["name"], signing.name),
        (labels["capacity"], signing.capacity),
        (labels["signed_at"], f"{signing.signed_at:%d/%m/%Y %H:%M:%S} UTC"),
        (labels["ip"], signing.ip),
    ]
    cells = [[Paragraph(escape(label), SMALL), Paragraph(escape(value), SMALL)] for label, value in rows]
    cells.append([Paragraph(escape(labels["signature"]), SMALL), _image(signing.image)])
    table = Table(cells, colWidths=(50 * mm, 120 * mm))
    table.setStyle(
        TableStyle(
            [
                ("BOX", (0, 0), (-1, -1), 0.6, INK),
                ("INNERGRID", (0, 0), (-1, -1), 0.25, HexColor("#c8ccd6")),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return table


def _image(data):
    image = Image(io.BytesIO(data), mask="auto")
    ratio = min(SIGNATURE_WIDTH / image.imageWidth, SIGNATURE_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * ratio, image.imageHeight * ratio
    return image


def draw(title, version, text, signing, labels):
    """Draw the signed charter; the same arguments give the same bytes.

    :param str text: HTML of the charter
    :param Signing signing: the act of signing
    :param dict labels: words beside the signature: ``heading organisation name capacity signed_at ip signature
        version``
    :return: bytes of the PDF
    """
    output = io.BytesIO()
    footer = f"{title} – {labels['version']} {version}"

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
    content = [
        Paragraph(escape(title), TITLE),
        Paragraph(escape(f"{labels['version']} {version}"), SMALL),
        Spacer(1, 4 * mm),
        *story(text),
        Spacer(1, 6 * mm),
        KeepTogether(
            [Paragraph(escape(labels["heading"]), HEADING), Spacer(1, 2 * mm), _signature_block(signing, labels)]
        ),
    ]
    document.build(content, onFirstPage=page, onLaterPages=page)
    return output.getvalue()
