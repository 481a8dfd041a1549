"""What an import would create, change and leave, decided row by row from what is there already. Plain Python."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from .import_columns import TITLES, plain
from .import_rows import DEFAULT_TYPE, place_key

# Who a provider is in law: once it has applied, a file changes this only where a person asks for it.
IDENTITY = ("name", "legal_form", "representative_name", "representative_capacity")
PROVIDER_FIELDS = (
    "name", "legal_form", "supplier_kind", "representative_name", "representative_capacity", "street", "street2",
    "zip", "city", "phone", "email", "website",
)  # fmt: skip
PLACE_FIELDS = (
    "name", "external_ref", "type", "street", "zip", "commune", "latitude", "longitude", "phone", "email",
    "opening_hours", "open_from", "open_until",
)  # fmt: skip
SAME_PLACE_DEGREES = 1e-7
COMMUNES_TOLD = 8


class Communes:
    """The municipalities by INSEE code, postal code and name.

    :param rows: ``(id, code, name, postal codes separated by spaces)``
    :param arrondissements: ``(municipality's code, its arrondissements' codes as integers)``
    """

    def __init__(self, rows, arrondissements=()):
        self.by_code, self.by_zip = {}, defaultdict(list)
        for number, code, name, postal_codes in rows:
            commune = (number, code, name, frozenset((postal_codes or "").split()))
            self.by_code[code] = commune
            for postal_code in commune[3]:
                self.by_zip[postal_code].append(commune)
        self.merged = {str(code): municipality for municipality, codes in arrondissements for code in codes}

    def of_insee(self, code):
        """The municipality ``(id, code, name, postal codes)`` of an INSEE code, or None."""
        return self.by_code.get(self.merged.get(code, code))

    def of_address(self, postal_code, name):
        """The municipality of a postal code and a name.

        :return: ``(municipality or None, the names that the postal code has)``
        """
        found = self.by_zip.get(postal_code, ())
        if name:
            wanted = commune_name(name)
            named = [commune for commune in found if commune_name(commune[2]) == wanted]
            found, served = (named, found) if named else ((), found)
        else:
            served = found
        return (found[0] if len(found) == 1 else None), sorted(commune[2] for commune in served)


def commune_name(text):
    """A municipality's name for comparison: St and Ste written out, without CEDEX and arrondissement."""
    words = plain(re.sub(r"(?i)\bcedex\b.*$", "", text))
    words = re.sub(r"\s+[0-9]{1,2}\s*(e|er|eme)?(\s+arrondissement)?$", "", words)
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", words))


@dataclass
class Outcome:
    """What becomes of one line: ``action`` is ``create``, ``change``, ``same`` or ``left``."""

    kind: str
    line: int
    siret: str
    name: str
    action: str
    errors: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    changes: list = field(default_factory=list)  # (column title, before, after)


@dataclass
class Plan:
    """What an import would do.

    ``new_providers`` and ``new_places`` are lists of values (a place names its provider by ``siret``);
    ``provider_changes`` and ``place_changes`` are ``{id: values}``.
    """

    outcomes: list = field(default_factory=list)
    new_providers: list = field(default_factory=list)
    new_places: list = field(default_factory=list)
    provider_changes: dict = field(default_factory=dict)
    place_changes: dict = field(default_factory=dict)

    def counts(self):
        """Numbers of lines by ``(kind, action)``."""
        found = defaultdict(int)
        for outcome in self.outcomes:
            found[outcome.kind, outcome.action] += 1
        return found

    @property
    def does_nothing(self):
        """Whether applying the plan would write anything."""
        return not (self.new_providers or self.new_places or self.provider_changes or self.place_changes)


def make(provider_rows, place_rows, providers, places, communes, with_identity=False):
    """Return the :class:`Plan` of parsed rows.

    :param provider_rows: :class:`~.import_rows.Row` list of providers
    :param place_rows: the same of places
    :param dict providers: by SIRET, what is there: ``id``, ``state`` and :data:`PROVIDER_FIELDS`
    :param dict places: by SIRET, lists of what is there: ``id``, ``insee`` and :data:`PLACE_FIELDS`
    :param communes: :class:`Communes`
    :param bool with_identity: also change the identity in law of providers that have applied
    """
    plan = Plan()
    coming = _plan_providers(plan, provider_rows, providers, with_identity)
    _plan_places(plan, place_rows, providers, coming, places, communes)
    return plan


def _outcome(plan, kind, row, action):
    outcome = Outcome(
        kind, row.line, row.values.get("siret", ""), row.values.get("name", ""), action, row.errors, row.notes
    )
    plan.outcomes.append(outcome)
    return outcome


def _differences(kind, found, values, names):
    """``(values that differ, what to tell of each)``; an empty cell is no value, so it changes nothing."""
    changed, told = {}, []
    for name in names:
        if name not in values:
            continue
        before, after = found.get(name), values[name]
        if name in ("latitude", "longitude"):
            if abs((before or 0.0) - after) <= SAME_PLACE_DEGREES:
                continue
        elif (before or "") == after:
            continue
        changed[name] = after
        told.append((TITLES[kind].get(name, TITLES[kind]["city"] if name == "commune" else name), before, after))
    return changed, told


def _plan_providers(plan, rows, providers, with_identity):
    """Plan the providers; return ``{SIRET: whether it will be there}`` of the file."""
    title, seen, coming = TITLES["provider"]["siret"], {}, {}
    for row in rows:
        siret = row.values.get("siret")
        if siret in seen:
            row.errors.append((title, "twice", {"line": seen[siret]}))
        elif siret:
            seen[siret] = row.line
        found = providers.get(siret)
        if found and found["state"] == "struck_off":
            row.errors.append((title, "struck_off", {}))
        if row.errors:
            _outcome(plan, "provider", row, "left")
            if siret:
                coming.setdefault(siret, False)
            continue
        coming[siret] = True
        if not found:
            plan.new_providers.append(row.values)
            _outcome(plan, "provider", row, "create")
            continue
        changed, told = _differences("provider", found, row.values, PROVIDER_FIELDS)
        identity = [name for name in IDENTITY if name in changed]
        if identity and found["state"] != "draft" and not with_identity:
            row.errors.append((TITLES["provider"][identity[0]], "identity", {}))
            outcome = _outcome(plan, "provider", row, "left")
            outcome.changes = told
            continue
        if changed:
            plan.provider_changes[found["id"]] = changed
        outcome = _outcome(plan, "provider", row, "change" if changed else "same")
        outcome.changes = told
    return coming


def _plan_places(plan, rows, providers, coming, places, communes):
    titles, seen = TITLES["place"], {}
    known = _known_places(places)
    for row in rows:
        values, siret = row.values, row.values.get("siret")
        _locate(row, communes)
        if siret:
            found = providers.get(siret)
            if found and found["state"] == "struck_off":
                row.errors.append((titles["siret"], "struck_off", {}))
            elif not found and siret not in coming:
                row.errors.append((titles["siret"], "no_provider", {"value": siret}))
            elif not found and not coming[siret]:
                row.errors.append((titles["siret"], "provider_left", {}))
        found, keys = None, []
        if not row.errors:
            keys = [place_key(siret, values.get("external_ref"), values["name"], values["insee"])]
            if keys[0] in seen:
                row.errors.append((titles["name"], "twice", {"line": seen[keys[0]]}))
            seen[keys[0]] = row.line
            found = known.get(keys[0])
            if not found and values.get("external_ref"):
                found = known.get(place_key(siret, None, values["name"], values["insee"]))
                if found and found["external_ref"]:
                    found = None  # another place of that name, which has its own reference
            if found and found["id"] in seen:
                row.errors.append((titles["name"], "twice", {"line": seen[found["id"]]}))
        if row.errors:
            _outcome(plan, "place", row, "left")
            continue
        if not found:
            if "type" not in values:
                values["type"] = DEFAULT_TYPE
                row.notes.append((titles["type"], "type_assumed", {}))
            plan.new_places.append(values)
            _outcome(plan, "place", row, "create")
            continue
        seen[found["id"]] = row.line
        if _dates_cross(found, values):
            row.errors.append((titles["open_until"], "dates", {}))
            _outcome(plan, "place", row, "left")
            continue
        changed, told = _differences("place", found, values, PLACE_FIELDS)
        if changed:
            plan.place_changes[found["id"]] = changed
        _outcome(plan, "place", row, "change" if changed else "same").changes = told


def _known_places(places):
    known = {}
    for siret, found in places.items():
        for place in found:
            known.setdefault(place_key(siret, None, place["name"], place["insee"]), place)
            if place["external_ref"]:
                known[place_key(siret, place["external_ref"], "", "")] = place
    return known


def _dates_cross(found, values):
    start, end = values.get("open_from") or found["open_from"], values.get("open_until") or found["open_until"]
    return bool(start and end and start > end)


def _locate(row, communes):
    """Find the municipality of a place: by its INSEE code, else by postal code and name."""
    values, titles = row.values, TITLES["place"]
    insee, postal_code, name = values.pop("insee", None), values.get("zip"), values.pop("city", None)
    if any(title == titles["insee"] for title, _code, _facts in row.errors):
        return
    if insee:
        commune = communes.of_insee(insee)
        if not commune:
            row.errors.append((titles["insee"], "insee_unknown", {"value": insee}))
            return
        if name and commune_name(name) != commune_name(commune[2]):
            row.notes.append((titles["city"], "commune_differs", {"value": name, "name": commune[2], "code": insee}))
        if postal_code and postal_code not in commune[3]:
            row.notes.append((titles["zip"], "zip_differs", {"value": postal_code, "name": commune[2]}))
    else:
        commune, served = communes.of_address(postal_code, name)
        if not commune:
            some = ", ".join(served[:COMMUNES_TOLD]) + (" …" if len(served) > COMMUNES_TOLD else "")
            if not postal_code:
                row.errors.append((titles["insee"], "commune_missing", {}))
            elif not served:
                row.errors.append((titles["zip"], "zip_unknown", {"value": postal_code}))
            else:
                row.errors.append((titles["city"], "commune_choose", {"value": postal_code, "names": some}))
            return
    values["commune"], values["insee"] = commune[0], commune[1]
