import csv

from devtools.commands import cog

SAMPLE = {
    "regions": [{"code": "75", "nom": "Nouvelle-Aquitaine"}],
    "departements": [{"code": "33", "nom": "Gironde", "region": "75"}],
    "epci": [{"code": "243300316", "nom": "Bordeaux Métropole", "membres": [{"code": "33063"}]}],
    "communes": [
        {"code": "33063", "nom": "Bordeaux", "type": "commune-actuelle", "departement": "33",
         "codesPostaux": ["33100", "33000"]},
        {"code": "33999", "nom": "Ancienne", "type": "commune-deleguee", "departement": "33"},
        {"code": "98411", "nom": "Île Saint-Paul", "type": "commune-actuelle", "departement": "33"},
    ],
}  # fmt: skip


def test_conversion_of_the_package():
    assert cog.convert(SAMPLE) == [
        ("country", "FR", "France", "", "", ""),
        ("region", "75", "Nouvelle-Aquitaine", "FR", "", ""),
        ("department", "33", "Gironde", "75", "", ""),
        ("epci", "243300316", "Bordeaux Métropole", "FR", "", ""),
        ("commune", "33063", "Bordeaux", "33", "243300316", "33000 33100"),
        ("commune", "98411", "Île Saint-Paul", "33", "", ""),
    ]


def test_the_file_is_whole():
    with open(cog.TARGET, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    codes = {(row["kind"], row["code"]) for row in rows}
    assert len(codes) == len(rows)
    above = {"region": "country", "department": "region", "epci": "country", "commune": "department"}
    assert [row for row in rows if row["kind"] in above and (above[row["kind"]], row["parent"]) not in codes] == []
    assert [row for row in rows if row["epci"] and ("epci", row["epci"]) not in codes] == []
    assert sum(row["kind"] == "commune" for row in rows) == 34969
    assert cog.TARGET.stat().st_size < 3_000_000
