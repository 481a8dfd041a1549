"""Reads printed papers as a scanner does."""

import pypdfium2
import zxingcpp

DPI = 150


def images(pdf, dpi=DPI):
    """Yield the pages of a PDF (bytes or path) as images."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=dpi / 72).to_pil()


def barcodes(image):
    """Return the texts of an image's bar codes, from top to bottom."""
    found = zxingcpp.read_barcodes(image)
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]


def text(pdf):
    """Return the text of a PDF, its white space folded."""
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
