"""What is said in public of a proof of coverage, and its paper."""

import io
from datetime import date

import pytest
from pdfminer.high_level import extract_text

from tests.unit.conftest import load

coverage = load("aptic_settlement", "coverage")
coverage_pdf = load("aptic_settlement", "coverage_pdf")


@pytest.mark.parametrize(
    ("state", "bank", "owed", "lacking", "said"),
    [
        ("ok", 100, 100, 0, "covered"),
        ("ok", 150, 100, 0, "covered"),
        ("gap", 100, 100, 0, "check"),
        ("stale", 100, 100, 0, "check"),
        ("short", 100, 100, 1, "missing"),
        ("gap", 99, 100, 0, "missing"),
        ("gap", 100, 100, 1, "missing"),
        ("ok", 99, 100, 0, "missing"),
    ],
)
def test_verdict(state, bank, owed, lacking, said):
    assert coverage.verdict(state, bank, owed, lacking) == said


def test_the_hashed_text_does_not_depend_on_the_order_of_the_figures():
    text = coverage.canonical({"day": date(2026, 10, 31), "kinds": {"b": 1, "a": 2}, "seal": None})
    assert text == b'{"day":"2026-10-31","kinds":{"a":2,"b":1},"seal":null}'
    assert text == coverage.canonical({"seal": None, "kinds": {"a": 2, "b": 1}, "day": date(2026, 10, 31)})


def test_the_paper_says_all_of_it_on_one_page_and_is_the_same_again():
    paper = coverage_pdf.Paper(
        title="Preuve de couverture d'octobre 2026",
        sender=["Médias-Cité", "", "33000 Bordeaux"],
        intro="Ce que le compte doit. " * 12,
        verdict="Couvert",
        rows=[(f"Dette {number}", f"{number} 000,00\u202f€") for number in range(7)],
        totals=[("Dû par le compte", "21 000,00 €"), ("À la banque", "21 000,00 €")],
        notes=["SHA-256 : " + "ab" * 32, "https://exemple.fr/" + "x" * 60, "Ce n'est pas une signature. " * 8],
    )
    data = coverage_pdf.draw(paper)
    assert data == coverage_pdf.draw(paper)
    text = extract_text(io.BytesIO(data))
    assert text.count("\f") == 1
    for word in ("Preuve de couverture d'octobre 2026", "Couvert", "Dette 6", "ab" * 32, "Médias-Cité", "x" * 60):
        assert word in text
