import datetime

import pytest

from tests.support.addons import load

columns = load("aptic_base", "import_columns")
rows = load("aptic_base", "import_rows")
sheets = load("aptic_base", "import_sheets")
files = load("aptic_base", "import_files")

SIRET = "73282932000074"


def place(**cells):
    header = columns.recognise(["pivot", "nom", *cells])
    values = [cells.pop("pivot", SIRET), "Lieu", *cells.values()]
    header = columns.recognise(["pivot", "nom", *cells], "place")
    return rows.Parser(header, {"fablab": "fablab"}).parse(2, values)


def codes(found):
    return [code for _title, code, _facts in found]


# ------------------------------------------------------------------- headers
def test_the_national_standard_is_recognised_column_by_column():
    header = columns.recognise(columns.STANDARD_COLUMNS)
    assert len(columns.STANDARD_COLUMNS) == 32
    assert (header.kind, header.missing, header.unread, header.twice) == ("place", (), (), ())
    read = dict(zip(columns.STANDARD_COLUMNS, header.keys, strict=True))
    assert read["pivot"] == "siret"
    assert read["courriels"] == "email"
    assert read["horaires"] == "opening_hours"
    assert read["presentation_detail"] is None


def test_the_templates_are_recognised_whatever_their_case_and_accents():
    for kind in ("provider", "place"):
        titles = [column.title for column in columns.COLUMNS[kind]]
        for form in (titles, [title.upper() for title in titles], [columns.plain(title) for title in titles]):
            header = columns.recognise(form)
            assert (header.kind, header.missing, header.unread) == (kind, (), ())
            assert list(header.keys) == [column.key for column in columns.COLUMNS[kind]]


def test_templates_are_read_back_with_their_examples():
    read = [
        *sheets.read(files.template_csv("provider"), 10**6, 10),
        *sheets.read(files.template_csv("place"), 10**6, 10),
        *sheets.read(files.template_xlsx(["Fablab"]), 10**6, 30)[:2],
    ]
    for sheet, kind in zip(read, ("provider", "place") * 2, strict=True):
        header = columns.recognise(sheet.rows[0][1])
        assert header.kind == kind
        row = rows.Parser(header, {"fablab": "fablab"}).parse(*sheet.rows[1])
        assert (row.errors, row.notes, row.values["siret"]) == ([], [], SIRET)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["SIRET", "Raison sociale", "Commune"], "provider"),
        (["siret", "nom", "code insee"], "place"),
        (["Siret", "Nom du lieu", "Adresse"], "place"),
        (["couleur", "taille"], None),
        ([], None),
        ([0, None, datetime.date(2026, 1, 1)], None),
    ],
)
def test_what_a_file_holds_is_told_by_its_headers(header, kind):
    assert columns.recognise(header).kind == kind


def test_missing_and_doubled_columns_are_named():
    header = columns.recognise(["Forme juridique", "Nom", "Raison sociale", "Humeur"])
    assert header.missing == ("SIRET",)
    assert header.twice == ("Nom de la structure",)
    assert header.unread == ("Humeur",)


# -------------------------------------------------------------------- values
@pytest.mark.parametrize("cell", [SIRET, "732 829 320 00074", 73282932000074, 73282932000074.0, "732.829.320.00074"])
def test_a_siret_is_read_as_people_and_sheets_write_it(cell):
    assert place(pivot=cell).values["siret"] == SIRET


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("7,32829E+13", "siret_scientific"),
        ("7.32829320001e13", "siret_scientific"),
        (7.3282932000074e13 + 0.5, "siret_scientific"),
        ("73282932000075", "siret"),
        (7328293200007, "siret"),
        ("W751234567", "siret_rna"),
        ("=SUM(A1)", "siret"),
        (True, "siret"),
        ("٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "siret"),
        ("", "required"),
    ],
)
def test_a_siret_that_is_none_is_refused(cell, code):
    found = place(pivot=cell)
    assert codes(found.errors) == [code]
    assert "siret" not in found.values


def test_zeros_lost_by_a_sheet_are_put_back_and_said():
    found = place(code_insee=1053, code_postal=1000, telephone=556000000)
    assert (found.values["insee"], found.values["zip"], found.values["phone"]) == ("01053", "01000", "0556000000")
    assert codes(found.notes) == ["zero"] * 3
    assert found.errors == []


@pytest.mark.parametrize("cell", ["330631", "33", "3306X", 12.5, "２２０６３"])
def test_an_insee_code_that_is_none_is_refused(cell):
    assert codes(place(code_insee=cell).errors) == ["insee"]


@pytest.mark.parametrize("cell", ["2A004", "2a004", " 33063 ", "97411"])
def test_insee_codes_of_everywhere_are_read(cell):
    assert place(code_insee=cell).values["insee"] == cell.strip().upper()


def test_what_may_be_left_out_is_left_out_and_said():
    found = place(latitude="nord", longitude="-0,57", courriels="personne", telephone="sur demande")
    assert found.errors == []
    assert set(found.values) == {"siret", "name"}
    assert sorted(codes(found.notes)) == ["coordinate", "email", "half_coordinates", "phone"]


def test_lists_of_the_standard_give_their_first():
    found = place(
        courriels="a@example.org|b@example.org", typologie="ASSO|TIERS_LIEUX", latitude="44,86", longitude="-0,5"
    )
    assert found.values["email"] == "a@example.org"
    assert found.values["type"] == "third_place"
    assert (found.values["latitude"], found.values["longitude"]) == (44.86, -0.5)


def test_types_that_are_not_ours_are_no_mistake_but_unknown_ones_are():
    assert "type" not in place(typologie="CCAS").values
    assert place(typologie="CCAS", itinerance="Itinérant").values["type"] == "itinerant"
    assert codes(place(typologie="soucoupe").errors) == ["type"]


def test_the_second_line_of_an_address_is_kept():
    assert place(adresse="1 rue A", complement_adresse="bât. B").values["street"] == "1 rue A, bât. B"


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2026-12-31", (2026, 12, 31)), ("31/12/2026", (2026, 12, 31)), (datetime.datetime(2026, 5, 4), (2026, 5, 4))],
)
def test_dates_are_read(cell, day):
    header = columns.recognise(["SIRET", "Nom du lieu", "Ouvert jusqu'au"])
    found = rows.Parser(header).parse(2, [SIRET, "Lieu", cell])
    assert found.values["open_until"] == datetime.date(*day)


def test_dates_that_are_none_or_cross_are_refused():
    header = columns.recognise(["SIRET", "Nom du lieu", "Ouvert à partir du", "Ouvert jusqu'au"])
    parser = rows.Parser(header)
    assert codes(parser.parse(2, [SIRET, "Lieu", "demain", ""]).errors) == ["date"]
    assert codes(parser.parse(2, [SIRET, "Lieu", "2026-02-01", "2026-01-01"]).errors) == ["dates"]


def test_formulas_and_nul_bytes_are_text():
    found = place(adresse="=HYPERLINK(1)\0", telephone="0" * 300)
    assert found.values["street"] == "=HYPERLINK(1)"
    assert codes(found.notes)[0] == "formula"


def test_hours_that_nobody_can_read_are_left_out():
    assert place(horaires=" Mo-Fr  09:00-12:00 ; ").values["opening_hours"] == "Mo-Fr 09:00-12:00"
    found = place(horaires="le matin")
    assert "opening_hours" not in found.values
    assert codes(found.notes) == ["hours"]
    assert codes(place(horaires="x" * 300).notes) == ["cut", "hours"]


@pytest.mark.parametrize("cell", ["javascript:alert(1)", "rien", "data:text/html,x"])
def test_no_address_that_runs_becomes_a_site(cell):
    header = columns.recognise(["SIRET", "Nom de la structure", "Forme juridique", "Site web"])
    found = rows.Parser(header).parse(2, [SIRET, "A", "association", cell])
    assert codes(found.notes) == ["website"]
    assert "website" not in found.values
