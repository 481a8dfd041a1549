from tests.support.addons import load

plan = load("aptic_base", "import_plan")
rows = load("aptic_base", "import_rows")

A, B = "73282932000074", "80295478400012"
COMMUNES = plan.Communes(
    [
        (1, "33063", "Bordeaux", "33000 33100"),
        (2, "01053", "Bourg-en-Bresse", "01000"),
        (3, "93066", "Saint-Denis", "93200"),
        (4, "75056", "Paris", "75001 75010"),
        (5, "01344", "Saint-Denis-lès-Bourg", "01000"),
    ],
    (("75056", range(75101, 75121)),),
)


def provider(line=2, siret=A, **values):
    return rows.Row(line, {"siret": siret, "name": "Structure", "legal_form": "association", **values})


def place(line=2, siret=A, name="Lieu", **values):
    return rows.Row(line, {"siret": siret, "name": name, "insee": "33063", "type": "fablab", **values})


def there(state="draft", **values):
    return {"id": 7, "state": state, "name": "Structure", "legal_form": "association", "phone": None, **values}


def place_there(number=9, **values):
    names = dict.fromkeys((*plan.PLACE_FIELDS, "insee"))
    return {**names, "id": number, "name": "Lieu", "insee": "33063", "commune": 1, "type": "fablab", **values}


def make(providers=(), places=(), known=None, known_places=None, **options):
    return plan.make(list(providers), list(places), known or {}, known_places or {}, COMMUNES, **options)


def actions(made):
    return [outcome.action for outcome in made.outcomes]


def codes(outcome):
    return [code for _title, code, _facts in outcome.errors]


def test_new_changed_and_same():
    made = make([provider(), provider(3, B, phone="1")], known={B: there()})
    assert actions(made) == ["create", "change"]
    assert made.provider_changes == {7: {"phone": "1"}}
    assert made.outcomes[1].changes == [("Téléphone", None, "1")]
    made = make([provider()], known={A: there()})
    assert actions(made) == ["same"]
    assert made.does_nothing


def test_an_empty_cell_erases_nothing():
    assert actions(make([provider()], known={A: there(phone="0556", email="a@example.org")})) == ["same"]


def test_the_identity_in_law_of_who_has_applied_is_changed_on_demand_only():
    row = {"name": "Autre", "phone": "1"}
    made = make([provider(**row)], known={A: there("active")})
    assert actions(made) == ["left"]
    assert codes(made.outcomes[0]) == ["identity"]
    assert made.does_nothing
    assert made.outcomes[0].changes == [("Nom de la structure", "Structure", "Autre"), ("Téléphone", None, "1")]
    made = make([provider(**row)], known={A: there("active")}, with_identity=True)
    assert made.provider_changes == {7: row}
    assert actions(make([provider(**row)], known={A: there("draft")})) == ["change"]
    assert actions(make([provider(phone="1")], known={A: there("active")})) == ["change"]


def test_who_was_struck_off_is_left():
    made = make([provider(phone="1")], [place()], known={A: there("struck_off")})
    assert actions(made) == ["left", "left"]
    assert made.does_nothing


def test_twice_in_a_file():
    made = make([provider(), provider(3)], [place(), place(3), place(4, name="LIEU !"), place(5, external_ref="x")])
    assert actions(made) == ["create", "left", "create", "left", "left", "create"]
    assert made.outcomes[1].errors[0][2] == {"line": 2}


def test_a_place_needs_its_provider():
    made = make([], [place()])
    assert codes(made.outcomes[0]) == ["no_provider"]
    bad = provider()
    bad.errors.append(("Nom", "required", {}))
    made = make([bad], [place()])
    assert codes(made.outcomes[1]) == ["provider_left"]
    made = make([bad], [place()], known={A: there()})
    assert actions(made) == ["left", "create"]


def test_a_place_is_found_by_its_reference_then_by_name_and_municipality():
    known = {A: there()}
    found = {A: [place_there(9, external_ref="x"), place_there(10, name="Autre")]}
    made = make([], [place(external_ref="x", name="Renommé"), place(3, name="AUTRE", external_ref="y")], known, found)
    assert made.place_changes == {9: {"name": "Renommé"}, 10: {"name": "AUTRE", "external_ref": "y"}}
    made = make([], [place(external_ref="z")], known, found)
    assert actions(made) == ["create"]  # of that name there is one that is called otherwise elsewhere
    made = make([], [place(), place(3, external_ref="x")], known, found)
    assert actions(made) == ["same", "left"]  # both mean the same place


def test_coordinates_are_the_same_within_a_centimetre():
    found = {A: [place_there(latitude=44.8636, longitude=-0.5532)]}
    assert actions(make([], [place(latitude=44.86360000001, longitude=-0.5532)], {A: there()}, found)) == ["same"]
    assert actions(make([], [place(latitude=44.8637, longitude=-0.5532)], {A: there()}, found)) == ["change"]


def located(**values):
    row = rows.Row(2, {"siret": A, "name": "Lieu", **values})
    made = make([], [row], {A: there()})
    return made, row


def test_the_municipality_comes_from_its_code():
    made, row = located(insee="33063", zip="33000", city="BORDEAUX")
    assert (row.values["commune"], row.notes) == (1, [("Type de lieu", "type_assumed", {})])
    _made, row = located(insee="75110")
    assert (row.values["commune"], row.values["insee"]) == (4, "75056")
    made, row = located(insee="33063", zip="75001", city="Pessac")
    assert [code for _title, code, _facts in row.notes][:2] == ["commune_differs", "zip_differs"]
    assert actions(made) == ["create"]
    assert codes(located(insee="99999")[0].outcomes[0]) == ["insee_unknown"]


def test_the_municipality_comes_from_postal_code_and_name_when_they_agree():
    for name in ("Paris 10e Arrondissement", "PARIS 10", "Paris CEDEX 3", None):
        values = {"zip": "75010"} | ({"city": name} if name else {})
        assert located(**values)[1].values["commune"] == 4, name
    assert located(zip="93200", city="St Denis")[1].values["commune"] == 3
    assert located(zip="01000", city="Bourg en Bresse")[1].values["commune"] == 2
    outcome = located(zip="01000")[0].outcomes[0]
    assert codes(outcome) == ["commune_choose"]
    assert outcome.errors[0][2]["names"] == "Bourg-en-Bresse, Saint-Denis-lès-Bourg"
    assert codes(located(zip="01000", city="Viriat")[0].outcomes[0]) == ["commune_choose"]
    assert codes(located(zip="00000", city="Paris")[0].outcomes[0]) == ["zip_unknown"]
    assert codes(located()[0].outcomes[0]) == ["commune_missing"]


def test_dates_of_file_and_place_together_must_not_cross():
    import datetime

    found = {A: [place_there(open_from=datetime.date(2026, 5, 1))]}
    made = make([], [place(open_until=datetime.date(2026, 1, 1))], {A: there()}, found)
    assert codes(made.outcomes[0]) == ["dates"]
