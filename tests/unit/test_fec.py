"""The checker of the file of accounting entries refuses each thing that the law refuses, and nothing else."""

from datetime import date

import pytest

from tests.support.addons import load

fec = load("aptic_settlement", "fec")
HEADER = "|".join(fec.FIELDS)
PERIOD = date(2026, 1, 1), date(2026, 12, 31)


def line(**values):
    usual = {
        "JournalCode": "APTIC", "JournalLib": "Écritures #APTIC", "EcritureNum": "APTIC/2026/01/0001",
        "EcritureDate": "20260131", "CompteNum": "467830", "CompteLib": "Chèques scannés", "CompAuxNum": "",
        "CompAuxLib": "", "PieceRef": "-", "PieceDate": "20260131", "EcritureLib": "Chèques du 31/01/2026",
        "Debit": " 000000000000010,00", "Credit": "0,00", "EcritureLet": "", "DateLet": "", "ValidDate": "20260131",
        "Montantdevise": "10,00", "Idevise": "EUR",
    }  # fmt: skip
    return "|".join({**usual, **values}.values())


DEBIT = line()
CREDIT = line(CompteNum="467840", Debit="0,00", Credit="10,00", Montantdevise="-10,00")


def check(*lines, header=HEADER):
    found = fec.check("\r\n".join([header, *lines]).encode(), *PERIOD)
    return [(problem.line, problem.code, problem.field) for problem in found]


def test_a_file_as_the_law_wants_it():
    assert not check(DEBIT, CREDIT)
    assert not check()


def test_the_order_of_the_columns_is_the_law_s():
    assert check(DEBIT, header="|".join(sorted(fec.FIELDS))) == [(1, "header", "")]
    assert fec.check(b"", *PERIOD)[0].code == "header"
    assert len(fec.FIELDS) == 18


@pytest.mark.parametrize("name", sorted(set(fec.FIELDS) - fec.MAY_BE_EMPTY))
def test_no_column_is_empty_that_must_not_be(name):
    assert (2, "empty", name) in check(line(**{name: " "}), CREDIT)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("EcritureDate", "2026-01-31", "date"),
        ("PieceDate", "20260230", "date"),
        ("ValidDate", "311226", "date"),
        ("Debit", "10.00", "amount"),
        ("Credit", "1 000,00", "amount"),
        ("Montantdevise", "1e3", "amount"),
        ("CompteNum", "46", "account"),
        ("CompteNum", "X46783", "account"),
        ("CompteNum", "120/129", "account"),
        ("CompteNum", "067830", "account"),
        ("CompteNum", "999999", "account"),
        ("Idevise", "", "pair"),
        ("CompAuxNum", "12", "pair"),
        ("EcritureLet", "A", "pair"),
    ],
)
def test_what_a_column_may_not_say(name, value, code):
    assert code in [found for _line, found, _field in check(line(**{name: value}), CREDIT)]


def test_a_line_has_18_columns():
    assert (2, "width", "") in check(DEBIT + "|", CREDIT)
    assert (2, "width", "") in check("un|deux", DEBIT, CREDIT)


def test_an_entry_is_balanced_and_of_one_day():
    assert check(DEBIT) == [(2, "unbalanced", "EcritureNum")]
    assert check(DEBIT, line(CompteNum="467840", Debit="0,00", Credit="10,01")) == [(2, "unbalanced", "EcritureNum")]
    later = CREDIT.replace("20260131", "20260201")
    assert check(DEBIT, later) == [(2, "split", "EcritureNum")]
    # The same number in another journal is another entry.
    assert len(check(DEBIT, line(JournalCode="BQ", Debit="0,00", Credit="10,00"))) == 2


def test_days_are_in_the_period_and_in_order():
    early = [each.replace("20260131", "20251231") for each in (DEBIT, CREDIT)]
    assert [code for _line, code, _field in check(*early)] == ["period", "period"]
    february = [each.replace("20260131", "20260228").replace("/01/", "/02/") for each in (DEBIT, CREDIT)]
    assert not check(DEBIT, CREDIT, *february)
    assert [code for _line, code, _field in check(*february, DEBIT, CREDIT)] == ["order", "order"]
