"""The printed sheets: every code decodes, every booklet is whole, memory is flat. Real renderer, real decoder."""

import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from tests.support import papers
from tests.unit.conftest import load

codes = load("aptic_voucher", "codes")
sheet = load("aptic_voucher", "sheet")

KEY = bytes(range(32))
MM = 72 / 25.4
CHECK = "https://aptic.fr/aptic/check/"


def logo():
    image = Image.new("RGBA", (500, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 190, 190), fill=(0, 120, 90, 255))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def model(size=10, **values):
    given = {
        "title": "CMD-0001",
        "sponsor": "Conseil départemental de la Gironde",
        "face_cents": 1000,
        "size": size,
        "last_day": date(2027, 3, 1),
        "message": "Le Département vous accompagne vers l'autonomie numérique : un formateur près de chez vous.",
        "logo": logo(),
        "site": "aptic.fr",
        "check": CHECK,
    }
    return sheet.Sheet(**{**given, **values})


def booklets(count, size=10, first=123_456):
    for number in range(count):
        salt, start = number.to_bytes(16, "big"), first + number * size
        yield start, [(serial, codes.make(serial, salt, KEY)) for serial in range(start, start + size)]


def draw(given, pairs, **options):
    stream = io.BytesIO()
    sheet.write(stream, given, pairs, **options)
    return stream.getvalue()


def test_every_voucher_of_fifty_booklets_decodes_at_150_dpi():
    wanted = [[code for _serial, code in pairs] for _start, pairs in booklets(50)]
    read, digits = [], []
    for image, text in papers.pages(draw(model(), booklets(50))):
        read += papers.barcodes(image)
        lines = [line.replace(" ", "") for line in text.splitlines()]
        digits += [line for line in lines if len(line) == 24 and line.isdecimal()]
    everything = [code for booklet in wanted for code in booklet]
    assert len(everything) == 500
    assert read == everything
    assert digits == everything
    assert all(codes.parse(code) for code in read)


def addresses(pairs):
    return [CHECK + codes.serial_digits(serial) for _start, some in pairs for serial, _code in some]


def test_every_voucher_leads_to_its_public_check_and_tells_no_code():
    read = [text for image in papers.images(draw(model(), booklets(50))) for text in papers.qr_codes(image)]
    assert read == addresses(booklets(50))


def test_longer_addresses_and_none():
    check = "https://bons.une-collectivite-au-nom-long.example/aptic/check/"
    pages = list(papers.images(draw(model(check=check), booklets(2)), 200))
    assert [text for image in pages for text in papers.qr_codes(image)] == [
        check + codes.serial_digits(serial) for _start, some in booklets(2) for serial, _code in some
    ]
    without = list(papers.images(draw(model(check="", logo=None), booklets(1))))
    assert not any(papers.qr_codes(image) for image in without)
    assert sum(len(papers.barcodes(image)) for image in without) == 10


@pytest.mark.parametrize("angle", [-4, 2.5])
def test_a_skewed_noisy_photo_decodes(angle):
    """Each page photographed askew, as a telephone sees it: 12 megapixels for an A4 page are some 350 dots an inch."""
    bars, addressed = [], []
    for seed, image in enumerate(papers.images(draw(model(), booklets(4)), 300)):
        photo = papers.photographed(image, angle, seed=seed)
        bars += papers.barcodes(photo)
        addressed += papers.qr_codes(photo)
    assert bars == [code for _start, pairs in booklets(4) for _serial, code in pairs]
    assert addressed == addresses(booklets(4))


@pytest.mark.parametrize("dpi", [140, 160, 200, 300])
def test_other_resolutions_decode_too(dpi):
    images = papers.images(draw(model(), booklets(5)), dpi)
    wanted = [code for _start, pairs in booklets(5) for _serial, code in pairs]
    assert [code for image in images for code in papers.barcodes(image)] == wanted


@pytest.mark.parametrize(("size", "count"), [(5, 1), (10, 2)])
def test_a_booklet_begins_a_page(size, count):
    given = list(papers.pages(draw(model(size), booklets(3, size))))
    assert len(given) == 3 * count
    assert [("Carnet n°" in text) for _image, text in given] == ([True] + [False] * (count - 1)) * 3
    assert ("Comment utiliser" in given[-1][1]) == (size == 10)


def test_what_a_voucher_says():
    [(image, text), _second] = papers.pages(draw(model(), booklets(1)))
    words = " ".join(text.split())
    for part in (
        "Conseil départemental de la Gironde",
        "Le Département vous accompagne vers l'autonomie numérique",
        "le chèque culture numérique pour tous",
        "10 €",
        "dix euros",
        "valable jusqu'au 1er mars 2027 inclus",
        "01/03/2027 inclus",
        "Carnet de 10 chèques de 10 €",
        "soit 100 € (cent euros)",
        "Carnet n° 0000123456",
        "chèques 0000123456 à 0000123465",
        "Chèque n° 0000123460",
        "chèque 5 sur 10",
        "ni échangé contre des espèces",
        "aptic.fr",
    ):
        assert part in words, part
    green = sum(count for count, color in image.getcolors(2**24) if color == (0, 120, 90))
    assert green > 5000, "the sponsor's logo"


def test_fonts_are_embedded():
    data = draw(model(), booklets(1))
    assert data.count(b"/FontFile2") >= 2
    assert b"BitstreamVeraSans" in data


def test_equal_bytes():
    assert draw(model(), booklets(3)) == draw(model(), booklets(3))
    assert draw(model(), booklets(3)) != draw(model(), booklets(3, first=1))


def test_bars():
    assert sheet.MODULE >= 0.36 * MM
    assert sheet.QUIET >= 10 * sheet.MODULE
    assert all(len(sheet.bars(code)) == sheet.MODULES for _serial, code in next(booklets(1))[1])
    assert sheet.BAR_LEFT - sheet.QUIET > sheet.STUB


def test_the_quiet_zone_is_white():
    [(image, _text), _second] = papers.pages(draw(model(message="M" * 400, sponsor="W" * 200), booklets(1)))
    scale = 150 / 72
    top = image.height - (sheet.BOTTOM + 4 * sheet.HEIGHT + sheet.BAR_BOTTOM + sheet.BAR_HEIGHT) * scale
    for left in (sheet.BAR_LEFT - sheet.QUIET, sheet.BAR_LEFT + sheet.MODULES * sheet.MODULE):
        x = (sheet.LEFT + left) * scale
        right, bottom = x + sheet.QUIET * scale, top + sheet.BAR_HEIGHT * scale
        zone = image.crop((int(x) + 2, int(top) + 1, int(right) - 2, int(bottom)))
        assert zone.getcolors() == [(zone.width * zone.height, (255, 255, 255))]


def test_a_specimen_is_worth_nothing():
    stream = io.BytesIO()
    assert sheet.write_specimen(stream, model()) == 10
    texts = []
    for image, text in papers.pages(stream.getvalue()):
        texts.append(text)
        for code in papers.barcodes(image):
            with pytest.raises(codes.BadCode):
                codes.parse(code)
    assert sum(text.count("SPÉCIMEN") for text in texts) == 11
    with pytest.raises(codes.BadCode):
        codes.parse(sheet.VOID_CODE)
    with pytest.raises(ValueError):
        codes.make(sheet.VOID_SERIAL, bytes(16), KEY)


@pytest.mark.parametrize(
    "values",
    [
        {"message": "", "logo": None, "site": ""},
        {"message": "long " * 200, "sponsor": "Très long nom " * 20},
        {"message": "Emoji 🎉 et\nlignes\tœuvre Œ « ç » — …", "sponsor": "ÉÀÇÙ"},
        {"logo": b"this is no image"},
        {"logo": b"<svg xmlns='http://www.w3.org/2000/svg'/>"},
        {"face_cents": 123_456_78},
    ],
)
def test_odd_orders(values):
    images = list(papers.pages(draw(model(**values), booklets(1))))
    assert sum(len(papers.barcodes(image)) for image, _text in images) == 10


@pytest.mark.parametrize(
    ("cents", "figures", "words"),
    [
        (1000, "10 €", "dix euros"),
        (100, "1 €", "un euro"),
        (750, "7,50 €", "sept euros et cinquante centimes"),
        (101, "1,01 €", "un euro et un centime"),
        (8000, "80 €", "quatre-vingts euros"),
        (50, "0,50 €", "cinquante centimes"),
        (10_000, "100 €", "cent euros"),
    ],
)
def test_amounts(cents, figures, words):
    assert (sheet.euros(cents), sheet.in_words(cents)) == (figures, words)


def test_days():
    assert sheet.long_day(date(2026, 8, 1)) == "1er août 2026"
    assert sheet.long_day(date(2026, 12, 31)) == "31 décembre 2026"


MEMORY = """
import resource, sys
sys.path.insert(0, {root!r})
from tests.unit import test_sheet as t
with open({path!r}, "wb") as stream:
    count = t.sheet.write(stream, t.model(), t.booklets({count}))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_flat(tmp_path):
    """A thousand booklets take no more memory than a hundred, but for some bytes a page."""
    root = str(Path(__file__).resolve().parents[2])
    peaks = {}
    for count in (100, 1000):
        script = MEMORY.format(root=root, path=str(tmp_path / "sheets.pdf"), count=count)
        out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
        assert int(out[0]) == 10 * count
        peaks[count] = int(out[1])  # kB
    assert peaks[1000] - peaks[100] < 6 * 1024, peaks
    with pypdfium2.PdfDocument(tmp_path / "sheets.pdf") as document:
        assert len(document) == 2000
        assert papers.barcodes(document[1999].render(scale=150 / 72).to_pil())


def test_singles_are_a_page_each():
    stream = io.BytesIO()
    assert sheet.write_singles(stream, model(), booklets(2)) == 20
    read = []
    for image, text in papers.pages(stream.getvalue()):
        assert image.width < 190 / 25.4 * 150 + 3 and image.height < 46 / 25.4 * 150 + 3
        assert "chèque" in text
        read += papers.barcodes(image)
    assert read == [code for _start, pairs in booklets(2) for _serial, code in pairs]


def test_booklets_that_replace_others_have_as_many_vouchers_as_are_left():
    mixed = [*booklets(1), *booklets(1, 4, first=999_990), *booklets(1, 1, first=999_999)]
    given = list(papers.pages(draw(model(), mixed)))
    texts = [" ".join(text.split()) for _image, text in given]
    assert "Carnet de 4 chèques de 10 € soit 40 € (quarante euros)" in texts[2]
    assert "chèque 4 sur 4" in texts[2] and "Comment utiliser" in texts[2]
    assert "Carnet de 1 chèque de 10 €" in texts[3]
    assert [code for image, _text in given for code in papers.barcodes(image)] == [
        code for _start, pairs in mixed for _serial, code in pairs
    ]
