"""In Odoo's shell (``env``, ``report``): import by the wizard's verb and by ``load()``, in turns, the same rows."""
# ruff: noqa: F821

import csv
import io
import statistics

from odoo.addons.aptic_base import import_columns
from stdnum import luhn

PROVIDERS, PLACES_EACH, ROUNDS = sized(5_000), 2, 2


def siret(number):
    """A SIRET of nobody."""
    siren = f"{number:08}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def providers(start):
    """The rows of providers, by column of the template."""
    return [
        {
            "siret": siret(number),
            "name": f"Structure {number}",
            "legal_form": ("association", "company", "public")[number % 3],
            "supplier_kind": ("place", "convention")[number % 2],
            "representative_name": f"Alix Martin {number}",
            "representative_capacity": "Présidente",
            "street": f"{number % 300} rue des Étoupes",
            "zip": "33000",
            "city": "Bordeaux",
            "phone": f"+335560{number % 100000:05}",
            "email": f"contact{number}@example.org",
            "website": "https://example.org",
        }
        for number in range(start, start + PROVIDERS)
    ]


def places(rows):
    """The rows of places of these providers."""
    return [
        {
            "siret": row["siret"],
            "external_ref": f"{row['siret']}-{number}",
            "name": f"Lieu {number} de {row['name']}",
            "type": types[(position + number) % len(types)].code,
            "street": f"{position % 300} rue des Étoupes",
            "zip": communes[position % len(communes)].postal_codes.split()[0],
            "insee": communes[position % len(communes)].code,
            "latitude": "44.8636",
            "longitude": "-0.5532",
            "phone": "+33556000000",
            "email": f"lieu{position}@example.org",
            "opening_hours": "Mo-Fr 09:00-12:00,14:00-18:00",
        }
        for position, row in enumerate(rows)
        for number in range(PLACES_EACH)
    ]


def file_of(kind, rows):
    """The rows as a CSV of the template."""
    columns = [column for column in import_columns.COLUMNS[kind] if column.key in rows[0]]
    words = {"company": "entreprise", "public": "organisme public", "place": "lieu propre"}
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";")
    writer.writerow([column.title for column in columns])
    writer.writerows([words.get(row[column.key], row[column.key]) for column in columns] for row in rows)
    return output.getvalue().encode()


def load(rows, place_rows, context):
    """The same by ``load()``, providers first, then places by their database ids."""

    def act():
        model = env["aptic.provider"].with_context(**context)
        done = model.load(list(rows[0]), [list(row.values()) for row in rows])
        assert done["ids"], done["messages"][:3]
        ids = dict(zip((row["siret"] for row in rows), done["ids"], strict=True))
        names = [name for name in place_rows[0] if name not in ("siret", "type", "insee")]
        data = [
            [
                *(row[name] for name in names),
                str(ids[row["siret"]]),
                str(type_ids[row["type"]]),
                str(commune_ids[row["insee"]]),
                "file",
            ]
            for row in place_rows
        ]
        done = (
            env["aptic.place"]
            .with_context(**context)
            .load([*names, "provider_id/.id", "type_id/.id", "territory_id/.id", "coordinates_source"], data)
        )
        assert done["ids"], done["messages"][:3]

    return timed(act)


communes = env["aptic.territory"].search([("kind", "=", "commune"), ("postal_codes", "!=", False)], limit=2000)
commune_ids = {commune.code: commune.id for commune in communes}
types = env["aptic.place.type"].search([])
type_ids = {kind.code: kind.id for kind in types}
rows_each = PROVIDERS * (1 + PLACES_EACH)
warm = providers(10_000_000)[:50]
env["aptic.import"]._apply([file_of("provider", warm), file_of("place", places(warm))], "warm")
env.cr.commit()
ours, theirs, tracked, again = [], [], [], []
for turn in range(ROUNDS):
    mine = providers(20_000_000 + turn * PROVIDERS)
    files = [file_of("provider", mine), file_of("place", places(mine))]
    ours.append(timed(lambda files=files: env["aptic.import"]._apply(files, "bench")))
    again.append(timed(lambda files=files: env["aptic.import"]._apply(files, "bench")))
    other = providers(30_000_000 + turn * PROVIDERS)
    theirs.append(load(other, places(other), {"import_file": True, "tracking_disable": True}))
    third = providers(40_000_000 + turn * PROVIDERS)
    tracked.append(load(third, places(third), {"import_file": True}))
    for some in (mine, other, third):
        found = env["aptic.provider"].search([("siret", "in", [row["siret"] for row in some])])
        assert len(found) == PROVIDERS, len(found)
        assert env["aptic.place"].search_count([("provider_id", "in", found.ids)]) == PROVIDERS * PLACES_EACH
report(rows=rows_each, ours=statistics.median(ours), load=statistics.median(theirs))
report(load_tracked=statistics.median(tracked), again=statistics.median(again))
