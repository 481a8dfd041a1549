"""From the cells of a file to the values of a provider or a place, each with its sentence. Plain Python.

What lost its leading zero is repaired and said; what lost its digits (a SIRET in scientific notation) is refused. An
invalid value of a column that may be left out is left out, and said; an empty cell changes nothing.
"""

import datetime
import functools
import re
from dataclasses import dataclass, field

from stdnum.exceptions import ValidationError
from stdnum.fr import siret as siret_number

from . import hours
from .import_columns import TITLES, plain
from .texts import one_line

LONGEST = {
    "name": 120,
    "representative_name": 120,
    "representative_capacity": 80,
    "street": 120,
    "street2": 120,
    "city": 80,
    "phone": 30,
    "email": 120,
    "website": 200,
    "opening_hours": 200,
    "external_ref": 80,
}
LEGAL_FORMS = {
    "association": "association",
    "asso": "association",
    "association loi 1901": "association",
    "entreprise": "company",
    "societe": "company",
    "company": "company",
    "sas": "company",
    "sasu": "company",
    "sarl": "company",
    "eurl": "company",
    "sa": "company",
    "sci": "company",
    "scop": "company",
    "scic": "company",
    "auto entrepreneur": "company",
    "autoentrepreneur": "company",
    "micro entreprise": "company",
    "entreprise individuelle": "company",
    "public": "public",
    "organisme public": "public",
    "etablissement public": "public",
    "personne publique": "public",
    "collectivite": "public",
    "collectivite territoriale": "public",
    "commune": "public",
    "mairie": "public",
    "epci": "public",
    "ccas": "public",
}
SUPPLIER_KINDS = {
    "lieu propre": "place",
    "lieu": "place",
    "a son lieu": "place",
    "place": "place",
    "convention": "convention",
    "sans lieu": "convention",
    "convention avec un lieu": "convention",
    "amorcage": "priming",
    "en amorcage": "priming",
    "priming": "priming",
}
# The standard's kinds of structure that are a type of place of ours.
STANDARD_TYPES = {
    "tiers lieux": "third_place",
    "tiers lieu": "third_place",
    "bib": "library",
    "bibliotheque": "library",
    "mediatheque": "library",
    "rfs": "msap",
    "france services": "msap",
    "msap": "msap",
    "maison france services": "msap",
    "epn": "epn",
    "espace public numerique": "epn",
}
# The standard's other kinds of structure: no type of place of ours, and no mistake either.
OTHER_TYPES = frozenset(
    plain(word)
    for word in (
        "ACI", "ACIPHC", "AFPA", "AI", "ASE", "ASSO", "ASSO_CHOMEURS", "Autre", "CAARUD", "CADA", "CAF",
        "CAP_EMPLOI", "CAVA", "CC", "CCAS", "CCONS", "CD", "CHRS", "CHU", "CI", "CIAS", "CIDFF", "CITMET",
        "CPH", "CS", "CSAPA", "CSC", "DEETS", "DEPARTEMENT", "DETS", "EA", "EATT", "EI", "EITI", "ENM", "EPCI",
        "EPIDE", "ESAT", "ESS", "ETTI", "EVS", "FABRIQUE", "FAIS", "FJT", "GEIQ", "HUDA", "MDE", "MDEF",
        "MDPH", "MDS", "MJC", "ML", "MQUARTIER", "MSA", "MUNI", "OACAS", "ODC", "OF", "OIL", "OPCS", "PAD",
        "PE", "PENSION", "PI", "PIJ_BIJ", "PIMMS", "PJJ", "PLIE", "PREF", "PREVENTION", "REG", "RESSOURCERIE",
        "RFAM", "RS_FJT", "SCP", "SPIP", "UDAF",
    )
)  # fmt: skip
DEFAULT_TYPE = "epn"
SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?e[+-]?[0-9]+", re.IGNORECASE)
EMAIL = re.compile(r"[^@\s,;|<>()\"']+@[^@\s,;|<>()\"']+\.[^@\s,;|<>()\"'.]{2,}")
PHONE = re.compile(r"\+?[0-9 .()/-]{4,30}")


@dataclass
class Row:
    """A line of the file: its values and what is to be said of it.

    ``errors`` and ``notes`` are ``(column title, code, facts)``; a row with errors is left.
    """

    line: int
    values: dict
    errors: list = field(default_factory=list)
    notes: list = field(default_factory=list)


class Parser:
    """Turns the lines of one sheet into rows.

    :param header: :class:`~.import_columns.Header` of the sheet
    :param dict types: place types by their plain names and codes, giving the code
    """

    def __init__(self, header, types=()):
        self.kind, self.titles = header.kind, TITLES[header.kind]
        self.positions = [(position, key) for position, key in enumerate(header.keys) if key]
        self.types = {**STANDARD_TYPES, **dict(types)}

    def parse(self, line, cells):
        """Return the :class:`Row` of a line."""
        row = Row(line, {})
        raw = {key: cells[position] for position, key in self.positions if position < len(cells)}
        for key, cell in raw.items():
            if cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()):
                continue
            if isinstance(cell, str) and cell.startswith("="):
                row.notes.append((self.titles[key], "formula", {}))
            reader = getattr(self, f"_read_{key}", None) or self._read_text
            value = reader(row, key, cell)
            if value not in (None, ""):
                row.values[key] = value
        told = {title for title, _code, _facts in row.errors}
        for key in ("siret", "name") + (("legal_form",) if self.kind == "provider" else ()):
            if key not in row.values and self.titles[key] not in told:
                row.errors.append((self.titles[key], "required", {}))
        if self.kind == "place":
            self._finish_place(row)
        return row

    # ---------------------------------------------------------------- columns
    def _refuse(self, row, key, code, **facts):
        row.errors.append((self.titles[key], code, facts))

    def _note(self, row, key, code, **facts):
        row.notes.append((self.titles[key], code, facts))

    def _read_text(self, row, key, cell):
        longest = LONGEST[key]
        text = one_line(_as_text(cell), longest + 1)
        if len(text) > longest:
            self._note(row, key, "cut", longest=longest)
            text = text[:longest].strip()
        return text

    def _read_siret(self, row, key, cell):
        if (isinstance(cell, str) and SCIENTIFIC.fullmatch(cell.strip())) or (
            isinstance(cell, float) and not cell.is_integer()
        ):
            return self._refuse(row, key, "siret_scientific", value=str(cell).strip()[:40])
        text = "".join(sign for sign in _as_text(cell) if sign.isalnum())
        if re.fullmatch(r"W[0-9A-Z]{9}", text):
            return self._refuse(row, key, "siret_rna", value=text)
        if len(text) == 13 and _is_siret("0" + text):
            text = "0" + text
            self._note(row, key, "zero", value=text)
        if not _is_siret(text):
            return self._refuse(row, key, "siret", value=one_line(_as_text(cell), 40))
        return text

    def _read_legal_form(self, row, key, cell):
        value = LEGAL_FORMS.get(plain(_as_text(cell)))
        return value or self._refuse(row, key, "legal_form", value=one_line(_as_text(cell), 40))

    def _read_supplier_kind(self, row, key, cell):
        value = SUPPLIER_KINDS.get(plain(_as_text(cell)))
        return value or self._refuse(row, key, "supplier_kind", value=one_line(_as_text(cell), 40))

    def _read_code(self, row, key, cell, pattern, code):
        text = "".join(_as_text(cell).split()).upper()
        if re.fullmatch(r"[0-9]{4}", text):
            text = "0" + text
            self._note(row, key, "zero", value=text)
        if not re.fullmatch(pattern, text):
            if code == "insee":
                return self._refuse(row, key, code, value=one_line(_as_text(cell), 40))
            return self._note(row, key, code, value=one_line(_as_text(cell), 40))
        return text

    def _read_zip(self, row, key, cell):
        return self._read_code(row, key, cell, r"[0-9]{5}", "zip")

    def _read_insee(self, row, key, cell):
        return self._read_code(row, key, cell, r"[0-9][0-9AB][0-9]{3}", "insee")

    def _read_email(self, row, key, cell):
        first = re.split(r"[|,;\s]+", one_line(_as_text(cell), 500))[0]
        if EMAIL.fullmatch(first) and len(first) <= LONGEST[key]:
            return first
        return self._note(row, key, "email", value=one_line(_as_text(cell), 60))

    def _read_phone(self, row, key, cell):
        text = one_line(_as_text(cell), 60)
        if isinstance(cell, int | float) and re.fullmatch(r"[1-9][0-9]{8}", text):
            text = "0" + text
            self._note(row, key, "zero", value=text)
        if PHONE.fullmatch(text):
            return text
        return self._note(row, key, "phone", value=text)

    def _read_website(self, row, key, cell):
        first = re.split(r"[|\s]+", one_line(_as_text(cell), 500))[0]
        if re.match(r"(?i)(javascript|data|vbscript|file):", first) or "." not in first or len(first) > LONGEST[key]:
            return self._note(row, key, "website", value=first[:60])
        return first if re.match(r"(?i)https?://", first) else f"http://{first}"

    def _read_opening_hours(self, row, key, cell):
        text = self._read_text(row, key, cell)
        try:
            return hours.check(text)
        except hours.BadHours:
            return self._note(row, key, "hours", value=text[:60])

    def _coordinate(self, row, key, cell, most):
        text = _as_text(cell).strip().replace(",", ".")
        if re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?", text) and abs(float(text)) <= most:
            return round(float(text), 7)
        return self._note(row, key, "coordinate", value=one_line(text, 40))

    def _read_latitude(self, row, key, cell):
        return self._coordinate(row, key, cell, 90)

    def _read_longitude(self, row, key, cell):
        return self._coordinate(row, key, cell, 180)

    def _date(self, row, key, cell):
        if isinstance(cell, datetime.datetime):
            return cell.date()
        if isinstance(cell, datetime.date):
            return cell
        text = _as_text(cell).strip()
        for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.datetime.strptime(text, pattern).date()
            except ValueError:
                continue
        return self._refuse(row, key, "date", value=one_line(text, 40))

    def _read_open_from(self, row, key, cell):
        return self._date(row, key, cell)

    def _read_open_until(self, row, key, cell):
        return self._date(row, key, cell)

    def _read_itinerance(self, row, key, cell):
        return plain(_as_text(cell)) == "itinerant" or None

    def _read_type(self, row, key, cell):
        words = [plain(word) for word in re.split(r"[|;,]", _as_text(cell)) if word.strip()]
        for word in words:
            if word in self.types:
                return self.types[word]
        if words and all(word in OTHER_TYPES for word in words):
            return None  # said when it matters: a place that has a type already keeps it
        return self._refuse(row, key, "type", value=one_line(_as_text(cell), 40))

    # -------------------------------------------------------------- whole row
    def _finish_place(self, row):
        values = row.values
        if values.pop("itinerance", None) and "type" not in values:
            values["type"] = "itinerant"
        if ("latitude" in values) != ("longitude" in values):
            present = "latitude" if "latitude" in values else "longitude"
            values.pop(present)
            self._note(row, present, "half_coordinates")
        extra = values.pop("street2", None)
        if extra:
            values["street"] = ", ".join(filter(None, (values.get("street"), extra)))[:240]
        if values.get("open_from") and values.get("open_until") and values["open_from"] > values["open_until"]:
            self._refuse(row, "open_until", "dates")


def _as_text(cell):
    """A cell as a person reads it: whole numbers without their ``.0``."""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    return str(cell)


@functools.lru_cache(maxsize=100_000)  # a provider's SIRET stands on its line and on those of all its places
def _is_siret(text):
    try:
        return len(text) == 14 and siret_number.validate(text) == text
    except ValidationError:
        return False


def place_key(siret, external_ref, name, insee):
    """What makes two lines the same place: its provider and its reference, or its name and municipality."""
    return (siret, "ref", external_ref) if external_ref else (siret, plain(name), insee)
