"""The description of the API and the routes of the addons say the same."""

import json
import re

from devtools.paths import ADDONS
from tests.support.routes import declared

DOCUMENT = json.loads((ADDONS / "aptic_voucher/data/openapi.json").read_text(encoding="utf-8"))
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes():
    """Return ``{address as OpenAPI writes it: auth}`` of the API's routes."""
    return {CONVERTER.sub(r"{\1}", path): auth for path, kind, _methods, auth in declared() if kind == "aptic_api"}


def test_every_route_is_described_and_every_description_has_its_route():
    assert set(routes()) == set(DOCUMENT["paths"])


def test_what_needs_a_key_says_so():
    for path, auth in routes().items():
        for operation in DOCUMENT["paths"][path].values():
            assert (operation.get("security", DOCUMENT["security"]) == []) == (auth != "aptic_key"), path


def test_every_name_that_is_referred_to_exists():
    text = json.dumps(DOCUMENT)
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        place = DOCUMENT
        for part in reference.split("/"):
            place = place[part]


def test_every_operation_has_its_own_name_and_says_how_it_fails():
    names = []
    for path in DOCUMENT["paths"].values():
        for operation in path.values():
            names.append(operation["operationId"])
            assert {"200", "405", "422", "500"} <= set(operation["responses"])
    assert len(names) == len(set(names))
