"""The columns of an import of providers and places: the template's, the national standard's. Plain Python."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of the template; ``aliases`` are other headers by which files call it."""

    key: str
    title: str
    aliases: tuple = ()
    required: bool = False
    example: str = ""


PROVIDER_COLUMNS = (
    Column("siret", "SIRET", ("siret de la structure", "numero siret", "n siret"), True, "73282932000074"),
    Column(
        "name",
        "Nom de la structure",
        ("nom", "raison sociale", "denomination", "structure", "nom structure"),
        True,
        "Fablab des Bassins",
    ),
    Column("legal_form", "Forme juridique", ("statut juridique", "categorie juridique"), True, "association"),
    Column("supplier_kind", "Intervention", ("mode d intervention", "type d intervention"), False, "lieu propre"),
    Column(
        "representative_name",
        "Responsable légal",
        ("representant legal", "nom du responsable", "nom du representant legal"),
        False,
        "Alix Martin",
    ),
    Column(
        "representative_capacity",
        "Qualité du responsable",
        ("qualite", "fonction", "fonction du responsable", "qualite du representant legal"),
        False,
        "présidente",
    ),
    Column("street", "Adresse", ("voie", "rue", "adresse 1"), False, "12 rue des Étoupes"),
    Column("street2", "Complément d'adresse", ("complement adresse", "adresse 2"), False, ""),
    Column("zip", "Code postal", ("cp", "code_postal"), False, "33000"),
    Column("city", "Ville", ("commune", "localite"), False, "Bordeaux"),
    Column("phone", "Téléphone", ("tel", "telephone fixe", "numero de telephone"), False, "+33556000000"),
    Column(
        "email",
        "Courriel",
        ("email", "e mail", "mail", "courriels", "adresse electronique", "courriel du responsable"),
        False,
        "contact@example.org",
    ),
    Column("website", "Site web", ("site", "site internet", "url"), False, "https://example.org"),
)

# The second header of each, where it differs, is the standard's (version 1.0.2).
PLACE_COLUMNS = (
    Column(
        "siret",
        "SIRET de la structure",
        ("pivot", "siret", "numero siret", "n siret", "siret structure"),
        True,
        "73282932000074",
    ),
    Column("external_ref", "Identifiant du lieu", ("id", "identifiant", "reference"), False, "bassins-1"),
    Column("name", "Nom du lieu", ("nom", "lieu", "nom lieu"), True, "Atelier des Bassins"),
    Column("type", "Type de lieu", ("typologie", "type", "typologies"), False, "fablab"),
    Column("street", "Adresse", ("voie", "rue"), False, "12 rue des Étoupes"),
    Column("street2", "Complément d'adresse", ("complement adresse",), False, ""),
    Column("zip", "Code postal", ("cp",), False, "33000"),
    Column("city", "Commune", ("ville", "nom commune"), False, "Bordeaux"),
    Column("insee", "Code INSEE", ("insee", "code commune", "code insee commune", "citycode"), False, "33063"),
    Column("latitude", "Latitude", ("lat",), False, "44.8636"),
    Column("longitude", "Longitude", ("lon", "lng", "long"), False, "-0.5532"),
    Column("phone", "Téléphone", ("tel", "numero de telephone"), False, "+33556000000"),
    Column("email", "Courriel", ("courriels", "email", "e mail", "mail", "courriel s"), False, "bassins@example.org"),
    Column("opening_hours", "Horaires", ("horaires d ouverture",), False, "Mo-Fr 09:00-12:00,14:00-18:00"),
    Column("open_from", "Ouvert à partir du", ("date d ouverture", "ouverture"), False, ""),
    Column("open_until", "Ouvert jusqu'au", ("date de fermeture", "fermeture"), False, ""),
    Column("itinerance", "Itinérance", (), False, ""),
)
COLUMNS = {"provider": PROVIDER_COLUMNS, "place": PLACE_COLUMNS}

# The 32 columns of the national standard « lieux de médiation numérique », version 1.0.2, in its order.
STANDARD_COLUMNS = (
    "id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "latitude",
    "longitude", "typologie", "telephone", "courriels", "site_web", "horaires", "presentation_resume",
    "presentation_detail", "source", "itinerance", "structure_parente", "date_maj", "services",
    "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
    "dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels", "modalites_acces",
    "modalites_accompagnement", "fiche_acces_libre", "prise_rdv",
)  # fmt: skip

# Sheets are told apart by the columns that only one kind has.
TELLING = {
    "provider": frozenset({"legal_form", "supplier_kind", "representative_name", "representative_capacity"}),
    "place": frozenset({"insee", "type", "latitude", "longitude", "opening_hours", "external_ref", "open_from"}),
}


def plain(text):
    """Return a text for comparison: without accents, case, punctuation and superfluous spaces."""
    text = unicodedata.normalize("NFKD", str(text)).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


NAMES = {
    kind: {plain(name): column.key for column in columns for name in (*column.aliases, column.title)}
    for kind, columns in COLUMNS.items()
}
TITLES = {kind: {column.key: column.title for column in columns} for kind, columns in COLUMNS.items()}
REQUIRED = {kind: tuple(column.key for column in columns if column.required) for kind, columns in COLUMNS.items()}
STANDARD = frozenset(map(plain, STANDARD_COLUMNS))


@dataclass(frozen=True)
class Header:
    """What a header line means.

    ``kind`` is ``provider``, ``place`` or None; ``keys`` the column key of each position (None: not read); ``unread``
    the headers that mean nothing here; ``missing`` the titles of required columns; ``twice`` those named twice.
    """

    kind: str
    keys: tuple
    unread: tuple
    missing: tuple
    twice: tuple


def recognise(cells, kind=None):
    """Return the :class:`Header` of a header line.

    :param cells: the line's cells
    :param kind: what the file is said to hold; by default what its headers tell
    """
    words = [plain(cell) for cell in cells]
    if kind is None:
        kind = _kind(words)
    if kind is None:
        return Header(None, (), tuple(str(cell) for cell in cells), (), ())
    names = NAMES[kind]
    keys, seen, twice = [], set(), []
    for word in words:
        key = names.get(word)
        if key and key in seen:
            twice.append(TITLES[kind][key])
            key = None
        seen.add(key)
        keys.append(key)
    unread = tuple(
        str(cell).strip()
        for cell, word, key in zip(cells, words, keys, strict=True)
        if word and word not in names and word not in STANDARD
    )
    missing = tuple(TITLES[kind][key] for key in REQUIRED[kind] if key not in seen)
    return Header(kind, tuple(keys), unread, missing, tuple(twice))


def _kind(words):
    if "pivot" in words or set(words) >= STANDARD:
        return "place"
    telling = {kind: len({NAMES[kind].get(word) for word in words} & TELLING[kind]) for kind in ("provider", "place")}
    best = max(telling, key=telling.get)
    if telling[best]:
        return best
    known = {kind: sum(word in NAMES[kind] for word in words) for kind in telling}
    best = max(known, key=known.get)  # providers when in doubt
    return best if known[best] >= 2 else None
