"""The signed charter as a PDF: its text, then who signed it, when and how. Plain Python with reportlab."""

import io
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from lxml import html
from odoo.addons.aptic_base.letter_pdf import BODY, HEADING, INK, ITEM, LINE, SMALL, TITLE, build
from reportlab.lib.units import mm
from reportlab.platypus import Image, KeepTogether, Paragraph, Spacer, Table, TableStyle

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
                ("INNERGRID", (0, 0), (-1, -1), 0.25, LINE),
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
    return build(title, f"{title} – {labels['version']} {version}", content)
