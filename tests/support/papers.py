"""Reads printed papers as a scanner and an eye do, and makes small ones to send."""

import io
import random

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageEnhance, ImageFilter
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

    :param any_kind: all kinds; else Code 128, and others than QR codes beside it are a mistake.
    """
    found = zxingcpp.read_barcodes(image)
    kinds = {_kind(code) for code in found}
    assert any_kind or kinds <= {"code128", "qrcode"}, kinds
    return [code.text for code in _from_the_top(found) if any_kind or _kind(code) == "code128"]


def qr_codes(image):
    """Return the texts of a picture's QR codes, from top to bottom."""
    return [code.text for code in _from_the_top(zxingcpp.read_barcodes(image)) if _kind(code) == "qrcode"]


def photographed(image, angle=3.0, noise=18, seed=1):
    """Return a picture as a hand-held telephone takes it: turned, seen from the side, blurred, noisy, in JPEG."""
    chance = random.Random(seed)
    image = image.convert("L").rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=235)
    width, height = image.size
    corner = [chance.uniform(0, 0.03) for _corner in range(8)]
    source = (
        -corner[0] * width, -corner[1] * height, -corner[2] * width, (1 + corner[3]) * height,
        (1 + corner[4]) * width, (1 + corner[5]) * height, (1 + corner[6]) * width, -corner[7] * height,
    )  # fmt: skip
    image = image.transform(image.size, Image.Transform.QUAD, source, Image.Resampling.BICUBIC, fillcolor=225)
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    image = ImageChops.add(image, Image.effect_noise(image.size, noise), offset=-128)
    image = ImageEnhance.Contrast(image).enhance(0.6)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=60)
    return Image.open(io.BytesIO(stream.getvalue()))


def _kind(code):
    return str(code.format).replace(" ", "").lower()


def _from_the_top(found):
    return sorted(found, key=lambda code: code.position.top_left.y)


def example(words):
    """Return a PDF of one page, as bytes."""
    out = io.BytesIO()
    page = Canvas(out)
    page.drawString(72, 720, words)
    page.save()
    return out.getvalue()
