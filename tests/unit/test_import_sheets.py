import contextlib
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.addons import load

sheets = load("aptic_base", "import_sheets")
files = load("aptic_base", "import_files")
LIMITS = (1_000_000, 100)


def code_of(content, *limits):
    with pytest.raises(sheets.BadFile) as refused:
        sheets.read(content, *(limits or LIMITS))
    return refused.value.code


def workbook(rows, name="Feuille"):
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def repacked(content, change):
    """The workbook with its parts as ``change(name, data)`` gives them."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(part.filename, change(part.filename, source.read(part)))
    return output.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", list(";,\t|"))
def test_a_csv_is_read_in_the_encodings_and_separators_of_offices(encoding, separator):
    text = separator.join(("SIRET", "Nom")) + "\r\n" + separator.join(("1", "Médiathèque d’Évry")) + "\r\n"
    (sheet,) = sheets.read(text.encode(encoding), *LIMITS)
    assert sheet.rows == [(1, ("SIRET", "Nom")), (2, ("1", "Médiathèque d’Évry"))]


def test_lines_keep_their_numbers_past_blank_and_folded_ones():
    content = b'SIRET;Nom\n\n1;"deux\nlignes"\n;;\n2;b\n'
    (sheet,) = sheets.read(content, *LIMITS)
    assert [line for line, _cells in sheet.rows] == [1, 3, 6]


def test_the_separator_that_excel_is_told_is_followed():
    (sheet,) = sheets.read(b"sep=,\nSIRET,Nom;x\n1,b\n", *LIMITS)
    assert sheet.rows == [(2, ("SIRET", "Nom;x")), (3, ("1", "b"))]


def test_codes_kept_as_text_by_a_formula_are_read():
    (sheet,) = sheets.read(b'SIRET;Code\n1;="01000"\n2;=cmd()\n', *LIMITS)
    assert [cells[1] for _line, cells in sheet.rows[1:]] == ["01000", "=cmd()"]


def test_a_workbook_is_read_sheet_by_sheet_and_its_formulas_as_text():
    (sheet,) = sheets.read(workbook([["SIRET", "Nom", None], [73282932000074, "=1+1", None], [None], ["x"]]), *LIMITS)
    assert sheet.name == "Feuille"
    assert sheet.rows == [(1, ("SIRET", "Nom")), (2, (73282932000074, "=1+1")), (4, ("x",))]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b";;\n;\n", "empty"),
        (b"a" * 1_000_001, "too_big"),
        (b"a;b\n" * 102, "too_many_rows"),
        (b"a;" * 300 + b"\n", "too_many_columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "xls"),
        (b"a;b\n1;\x00\n", "nul"),
        (b"\xef\xbb\xbfa;\xff\n", "encoding"),
        (b"a;\x81\n", "encoding"),
        (b'a;"' + b"x" * 200_000, "damaged"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (workbook([["a"]]).replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xf4"), "damaged"),
    ],
)
def test_files_that_cannot_be_read_are_refused(content, code):
    assert code_of(content) == code


def test_rows_up_to_the_limit_are_taken():
    assert len(sheets.read(b"a;b\n" * 101, *LIMITS)[0].rows) == 101
    assert code_of(workbook([["a"]] * 102)) == "too_many_rows"


def test_a_zip_that_is_no_workbook_is_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert code_of(output.getvalue()) == "not_a_sheet"


def test_macros_are_refused():
    plain = workbook([["a"]])
    output = io.BytesIO(plain)
    with zipfile.ZipFile(output, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert code_of(output.getvalue()) == "macros"
    said = repacked(
        plain,
        lambda name, data: (
            data.replace(b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml")
            if name == "[Content_Types].xml"
            else data
        ),
    )
    assert code_of(said) in ("macros", "damaged")


def test_a_bomb_is_refused_before_it_is_unpacked():
    output = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(output, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * 20_000_000)
    content = output.getvalue()
    assert len(content) < 100_000
    assert code_of(content) == "unpacks_too_much"


def test_a_part_that_declares_a_gigabyte_is_refused():
    content = bytearray(workbook([["a"]]))
    entry = content.index(b"PK\x01\x02")  # the first entry of the central directory
    content[entry + 24 : entry + 28] = (10**9).to_bytes(4, "little")
    assert code_of(bytes(content)) == "unpacks_too_much"


def test_entities_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = repacked(workbook([["a"]]), lambda name, data: bomb + data if "sheet1" in name else data)
    assert code_of(content) == "damaged"


def test_rows_that_claim_to_be_far_below_do_not_hang():
    content = repacked(
        workbook([["a"], ["b"]]),
        lambda name, data: data.replace(b'r="2"', b'r="999999999999"') if "sheet1" in name else data,
    )
    (sheet,) = sheets.read(content, *LIMITS)
    assert sheet.rows == [(1, ("a",))]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_whatever_comes_is_read_or_refused(content, start):
    with contextlib.suppress(sheets.BadFile):
        sheets.read(start + content, *LIMITS)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_workbook_with_a_byte_changed_is_read_or_refused(data):
    content = bytearray(workbook([["SIRET", "Nom"], ["1", "b"]]))
    for _time in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(sheets.BadFile):
        sheets.read(bytes(content), *LIMITS)


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "|cmd"])
def test_no_cell_of_a_report_is_run(cell):
    assert files.harmless(cell).startswith("'")


@given(st.text())
def test_other_cells_are_left(cell):
    assert files.harmless(f"a{cell}") == f"a{cell}"


@pytest.mark.parametrize(("cell", "told"), [(-20.0, "-20,00"), (12.5, "12,50"), (-3, "-3")])
def test_a_number_stays_one(cell, told):
    assert files.harmless(cell) == told
