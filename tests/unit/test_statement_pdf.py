"""A statement on paper: the same bytes for the same facts, every line on some page, nothing outside its column."""

import dataclasses
import io

from hypothesis import given
from hypothesis import strategies as st
from pdfminer.high_level import extract_text

from tests.unit.conftest import load

statement_pdf = load("aptic_settlement", "statement_pdf")


def paper(lines):
    return statement_pdf.Paper(
        title="Relevé de contre-paiement",
        number="APTIC-2026-10-000123",
        facts=[("Reçu avant le", "01/11/2026")],
        sender=["Médias-Cité", "", "33000 Bordeaux"],
        recipient=["Fablab", "1 rue de l'Été", "33063 Bordeaux"],
        headers=("Jour", "Lieu", "Service", "Financeur", "Chèque", "Montant"),
        lines=[
            ("10/10/2026", "Lieu", f"Service numéro {number}", "Département", f"{number:010d}", "10,00 €")
            for number in range(lines)
        ],
        totals=[("Brut", "1 000,00 €"), ("Frais 4 %", "-40,00 €"), ("Net à payer", "960,00 €")],
        words="Neuf cent soixante euros.",
        bank="FR76 **** **** 0185",
        page="Page {page} sur {pages}",
    )


def test_the_same_facts_give_the_same_bytes():
    assert statement_pdf.draw(paper(3)) == statement_pdf.draw(paper(3))
    assert statement_pdf.draw(paper(3)).startswith(b"%PDF")


def test_every_line_is_on_the_paper():
    text = extract_text(io.BytesIO(statement_pdf.draw(paper(90))))
    for number in range(90):
        assert f"Service numéro {number}\n" in text
        assert f"{number:010d}\n" in text
    for word in ("Net à payer", "960,00 €", "Neuf cent soixante euros.", "FR76 **** **** 0185", "Page 3 sur 3"):
        assert word in text


def test_a_correction_says_in_full_what_and_why():
    told = "Scan du 12/10/2026, décompte APTIC-2026-10-000123, chèques 0000012345, annulé : " + "motif long " * 20
    texts = statement_pdf.wrap(told, statement_pdf.RIGHT - statement_pdf.PLACE, size=8)
    rows = [("08/11/2026", "Lieu", "Service", "", "", "-20,00 €"), *((text,) for text in texts)]
    drawn = statement_pdf.draw(dataclasses.replace(paper(40), corrections=rows))
    text = " ".join(extract_text(io.BytesIO(drawn)).split())
    assert "-20,00 €" in text
    assert " ".join(told.split()) in text
    assert "…" not in text


@given(st.integers(0, 5000))
def test_pages_hold_all_lines_and_leave_room_for_the_totals(count):
    pages = statement_pdf.paginate(count)
    assert sum(pages) == count
    first = (statement_pdf.FIRST_PAGE_TOP - statement_pdf.BOTTOM) / statement_pdf.ROW
    other = (statement_pdf.OTHER_PAGE_TOP - statement_pdf.BOTTOM) / statement_pdf.ROW
    rooms = [first] + [other] * (len(pages) - 1)
    assert all(lines <= room for lines, room in zip(pages, rooms, strict=True))
    assert pages[-1] * statement_pdf.ROW + statement_pdf.SUMMARY_HEIGHT <= rooms[-1] * statement_pdf.ROW


@given(st.text(max_size=80), st.floats(20, 300))
def test_text_stays_in_its_column(text, width):
    fitted = statement_pdf.fit(text, width)
    assert statement_pdf.stringWidth(fitted, statement_pdf.FONT, 8.5) <= width or fitted == "…"


@given(st.lists(st.text("abcé", min_size=1, max_size=12), max_size=30))
def test_wrapping_keeps_every_word(words):
    assert " ".join(statement_pdf.wrap(" ".join(words), 120)).split() == words
