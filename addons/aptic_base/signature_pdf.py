"""The frame of a signed paper that says who signed, when and from where. Plain Python with reportlab."""

import io
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from reportlab.lib.units import mm
from reportlab.platypus import Image, KeepTogether, Paragraph, Spacer

from .letter_pdf import HEADING, SMALL, grid

SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 60 * mm, 24 * mm


@dataclass(frozen=True)
class Signing:
    """Who signed, for whom, when (UTC) and from where; ``image`` is what was drawn (PNG), empty where nothing was."""

    organisation: str
    siret: str
    name: str
    capacity: str
    signed_at: datetime
    ip: str
    image: bytes = b""


def block(signing, labels):
    """Return the flowables of a signature: its heading and its frame, kept on one page.

    :param Signing signing: the act of signing
    :param dict labels: words ``heading organisation name capacity signed_at ip signature``
    """
    siret = f" – SIRET {signing.siret}" if signing.siret else ""
    rows = [
        (labels["organisation"], f"{signing.organisation}{siret}"),
        (labels["name"], signing.name),
        (labels["capacity"], signing.capacity),
        (labels["signed_at"], f"{signing.signed_at:%d/%m/%Y %H:%M:%S} UTC"),
        (labels["ip"], signing.ip),
    ]
    cells = [[Paragraph(escape(label), SMALL), Paragraph(escape(value), SMALL)] for label, value in rows]
    if signing.image:
        cells.append([Paragraph(escape(labels["signature"]), SMALL), _image(signing.image)])
    return KeepTogether([Paragraph(escape(labels["heading"]), HEADING), Spacer(1, 2 * mm), grid(cells, (50, 120))])


def _image(data):
    image = Image(io.BytesIO(data), mask="auto")
    ratio = min(SIGNATURE_WIDTH / image.imageWidth, SIGNATURE_HEIGHT / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * ratio, image.imageHeight * ratio
    return image
