"""What a member downloads: the same bytes for the same member, nothing off the page, codes that can be read."""

import io
import zipfile

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pdfminer.high_level import extract_text
from PIL import Image

from tests.unit.conftest import load

scene = load("aptic_eligibility", "scene")
posters = load("aptic_eligibility", "posters")
scanner_sheet = load("aptic_eligibility", "scanner_sheet")

FONTS = scene.Fonts()
URL = "https://aptic.example/aptic/acteurs/2-mediatheque-de-la-garenne"
MEMBER = posters.Member("Médiathèque de la Garenne", ("La Garenne, Pau", "Annexe du Hédas, Pau"), URL, "aptic.example")
LONG = posters.Member(
    "Association départementale pour l'inclusion des publics éloignés de l'œuvre écrite – Côte-d'Or et alentours",
    tuple(f"Espace itinérant n° {number} de Saint-Rémy-en-Bouzemont, Val-d'Œuvre" for number in range(9)),
    f"{URL}-{'x' * 120}",
)
NOBODY = posters.Member("X")
PICTURES = {
    "facebook-cover": (1640, 624),
    "facebook-post": (1200, 630),
    "twitter-cover": (1500, 500),
    "twitter-post": (1600, 900),
    "mail": (1200, 240),
}


def scenes(member):
    for download in posters.DOWNLOADS:
        if download.preview:
            yield download.preview(member, FONTS)
    yield posters.flyer(member, FONTS)[0]
    yield from posters.stickers(FONTS)
    yield scanner_sheet.sheet(FONTS)


def assert_inside(drawn):
    for item in drawn.items:
        if item[0] == "text":
            _kind, x, y, text, weight, size, _color = item
            assert x >= 0 and x + FONTS.width(text, weight, size) <= drawn.width + 0.01, text
            assert size * 0.6 <= y <= drawn.height, text


@pytest.mark.parametrize("member", (MEMBER, LONG, NOBODY))
def test_no_text_leaves_its_page(member):
    for drawn in scenes(member):
        assert_inside(drawn)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=120), max_size=6), st.text(max_size=200))
def test_whatever_the_names_papers_are_drawn(name, places, url):
    member = posters.Member(name, tuple(places), url and f"https://x.example/{url}")
    for drawn in (posters.poster(member, FONTS), posters.footer(member, FONTS), posters.flyer(member, FONTS)[1]):
        assert_inside(drawn)


def test_the_same_member_gives_the_same_bytes():
    assert posters.archive(MEMBER, FONTS) == posters.archive(MEMBER, FONTS)
    assert posters.archive(MEMBER, FONTS) != posters.archive(LONG, FONTS)


def test_every_file_is_what_its_name_says():
    with zipfile.ZipFile(io.BytesIO(posters.archive(MEMBER, FONTS))) as bundle:
        assert bundle.namelist() == [download.filename for download in posters.DOWNLOADS]
        for download in posters.DOWNLOADS:
            content = bundle.read(download.filename)
            if download.kind == posters.PNG:
                picture = Image.open(io.BytesIO(content))
                assert picture.size == PICTURES.get(download.key, picture.size)
            elif download.kind == posters.SVG:
                assert etree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
            elif download.kind == posters.PDF:
                assert content.startswith(b"%PDF")


def test_the_poster_says_what_the_guide_says_and_whose_it_is():
    words = extract_text(io.BytesIO(posters.poster(MEMBER, FONTS).pdf()))
    for expected in (
        "Payez en",
        "Prenez le pouvoir !",
        "Choisissez votre nouveau pouvoir",
        "Maîtriser vos démarches en ligne",
        "Renseignez-vous à l’accueil",
        MEMBER.name,
        "Annexe du Hédas, Pau",
        "aptic.example/aptic/acteurs/2-mediatheque-de-la-garenne",
    ):
        assert expected in words, expected


@pytest.mark.parametrize(("key", "pages"), (("poster", 1), ("flyer", 2), ("stickers", 3)))
def test_papers_have_their_pages(key, pages):
    assert len(pypdfium2.PdfDocument(posters.BY_KEY[key].draw(MEMBER, FONTS))) == pages


def codes(pdf, dpi):
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("member", (MEMBER, LONG))
def test_a_phone_reads_the_address_on_the_poster(member):
    assert codes(posters.poster(member, FONTS).pdf(), 100) == [member.url]


def test_without_a_public_page_there_is_no_code():
    assert codes(posters.poster(NOBODY, FONTS).pdf(), 100) == []


def test_the_scanner_reads_its_test():
    assert codes(scanner_sheet.sheet(FONTS).pdf(), 150) == [scanner_sheet.TEST_CODE]
    assert len(scanner_sheet.TEST_CODE) != 24, "never taken for a voucher"


def test_the_mail_footer_carries_no_markup_of_a_name():
    text = posters.footer_html(posters.Member('<script>"x', (), 'https://x.example/"><b>')).decode()
    assert "<script>" not in text
    assert "<b>" not in text
    assert text.count('"') % 2 == 0


def test_texts_have_no_svg():
    with pytest.raises(ValueError, match="outlines"):
        posters.full_logo(FONTS).svg()
