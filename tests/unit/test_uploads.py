import io
import struct
import zlib

import pytest
from PIL import Image

from tests.unit.conftest import load

uploads = load("aptic_base", "uploads")
CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"


def pdf(pages=1, catalog=b"", more=(), trailer=b""):
    """A small PDF with a table of its objects."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + pages))
    objects = [CATALOG % catalog, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages), *[PAGE] * pages, *more]
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, text in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, text))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start))
    return out.getvalue()


def packed_pdf(hidden, length=None):
    """A PDF whose catalog, pages and one more object are in a compressed stream (ISO 32000-2, 7.5.7)."""
    objects = [CATALOG % b"/OpenAction 4 0 R", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, hidden]
    places, body = [], b""
    for number, text in enumerate(objects, 1):
        places.append(b"%d %d" % (number, len(body)))
        body += text + b" "
    head = b" ".join(places) + b" "
    stream = zlib.compress(head + body + b" " * (length or 0), 9)
    out = b"%PDF-1.7\n"
    first = len(out)
    kind = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(objects), len(head))
    out += b"5 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (kind, len(stream), stream)
    start = len(out)
    rows = [(0, 0, 65535), *((2, 5, index) for index in range(4)), (1, first, 0), (1, start, 0)]
    table = zlib.compress(b"".join(struct.pack(">BIH", *row) for row in rows))
    out += (
        b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\n"
        b"endstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(table), table, start)
    )
    return out


def picture(kind, size=(30, 20), **options):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **options)
    return out.getvalue()


def refusal(data, name="x.pdf", limits=None):
    with pytest.raises(uploads.BadUpload) as caught:
        uploads.check(data, name, limits)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "name", "mimetype", "pages"),
    [
        (pdf(3), "Statuts 2026.pdf", "application/pdf", 3),
        (pdf(catalog=b"/OpenAction [3 0 R /Fit] /AcroForm << /Fields [] >>"), "kbis.pdf", "application/pdf", 1),
        (packed_pdf(b"<< /S /GoTo /D [3 0 R /Fit] >>"), "signe.pdf", "application/pdf", 1),
        (pdf(more=[b"<< /S /URI /URI (https://example.org) >>"]), "lien.pdf", "application/pdf", 1),
        (picture("JPEG"), "Photo.JPG", "image/jpeg", 1),
        (picture("PNG"), "scan.png", "image/png", 1),
    ],
)
def test_papers_that_are_taken(data, name, mimetype, pages):
    upload = uploads.check(data, name)
    assert (upload.mimetype, upload.pages, upload.data) == (mimetype, pages, data)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00 a program",
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04 of Word",
        b"GIF89a",
        b" %PDF-1.7",
    ],
)
def test_the_name_does_not_make_the_type(data):
    assert refusal(data, "facture.pdf") == "type"


@pytest.mark.parametrize(
    "data",
    [
        pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        pdf(catalog=b"/OpenAction << /S /Java#53cript /J#53 (app.alert\\(1\\)) >>"),
        pdf(catalog=b"/OpenAction 4 0 R", more=[b"<< /S /Launch /F (cmd.exe) >>"]),
        pdf(catalog=b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>", more=[b"<< /Type /Filespec >>"]),
        pdf(more=[b"<< /Type /Filespec /EF << /F 5 0 R >> >>"]),
        pdf(more=[b"<< /Type /Annot /Subtype /RichMedia >>"]),
        pdf(catalog=b"/AcroForm << /XFA [(x) 4 0 R] >>"),
        pdf(more=[b"<< /S /SubmitForm /F (https://example.org) >>"]),
        pdf() + b"\n9 0 obj << /S /JavaScript /JS (1) >> endobj\n",
        packed_pdf(b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"),
        packed_pdf(b"<< /S /Launch /F (cmd.exe) >>"),
    ],
)
def test_nothing_in_a_pdf_runs_sends_or_hides(data):
    assert refusal(data) == "active"


def test_what_cannot_be_read_by_a_reviewer():
    encrypt = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(a) (a)]" % (b"o" * 32, b"u" * 32)
    assert refusal(pdf(trailer=encrypt)) == "encrypted"
    for data in (b"%PDF-1.7\nnothing", pdf()[:200], pdf(0), picture("JPEG")[:300], picture("PNG")[:60]):
        assert refusal(data) == "broken", data[:30]
    loop = pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")
    assert refusal(loop) == "broken"
    assert refusal(b"") == "empty"


def test_limits_of_size_pages_and_pixels():
    assert refusal(pdf(61)) == "pages"
    assert uploads.check(pdf(60), "a.pdf").pages == 60
    assert refusal(pdf(), limits=uploads.Limits(size=100)) == "size"
    assert refusal(picture("PNG", (300, 300)), limits=uploads.Limits(pixels=89_999)) == "pixels"
    assert uploads.check(picture("PNG", (300, 300)), "a.png", uploads.Limits(pixels=90_000)).pages == 1


def test_bombs_take_down_their_own_process_only():
    small = uploads.Limits(memory=300 * 1024 * 1024)
    bomb = _png_bomb(9_000)
    assert len(bomb) < 2_000_000 and refusal(bomb) == "pixels"
    assert refusal(bomb, limits=uploads.Limits(pixels=10**9, memory=small.memory)) == "broken"
    assert refusal(packed_pdf(b"<< /S /GoTo >>", length=320_000_000), limits=small) == "broken"


def _png_bomb(side):
    """A PNG of ``side``² pixels that is written without having them."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer, packed = zlib.compressobj(9), b""
    for _row in range(side):
        packed += packer.compress(bytes(1 + 3 * side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", packed + packer.flush()) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\Users\\moi\\RIB.PDF", "RIB.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("facture.pdf.exe", "facture.pdf.exe.pdf"),
        ("a\u202efdp.exe", "a fdp.exe.pdf"),
        ("a\x00\r\nb?.pdf", "a b_.pdf"),
        ("...", "document.pdf"),
        (None, "document.pdf"),
        ("é" * 300 + ".pdf", "é" * 100 + ".pdf"),
    ],
)
def test_names_are_cleaned(name, clean):
    assert uploads.clean_name(name, (".pdf",)) == clean
