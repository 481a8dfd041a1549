"""Reads printed papers as a scanner and an eye do, and makes small ones to send."""

import io

import pypdfium2
import zxingcpp
from reportlab.pdfgen.canvas import Canvas

DPI = 150


def pages(pdf, dpi=DPI):
    """Yield the picture and the text of each page of a PDF (bytes or path)."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil(), page.get_textpage().get_text_range()


def images(pdf, dpi=DPI):
    """Yield the picture of each page."""
    return (image for image, _text in pages(pdf, dpi))


def text(pdf):
    """Return the text of a PDF, its white space folded."""
    return " ".join(" ".join(words for _image, words in pages(pdf)).split())


def barcodes(image, any_kind=False):
    """Return the texts of a picture's bar codes, from top to bottom.

    :param any_kind: codes of other kinds than Code 128 are no mistake.
    """
    found = zxingcpp.read_barcodes(image)
    assert any_kind or all(str(code.format).replace(" ", "").lower() == "code128" for code in found)
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]


def example(words):
    """Return a PDF of one page, as bytes."""
    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, words)
    page.save()
    return out.getvalue()
