"""A fuzzing client asks the API what its own description allows, and what it does not, on a real server.

schemathesis reads the OpenAPI document that the server gives, makes requests by it (hypothesis) and checks each answer
against it: no 5xx, no undocumented status or type, every body valid, wrong input refused, no way in without a key.
"""

import json
import re
import subprocess
import sys

import pytest
import requests

from tests.support.desk import Desk
from tests.support.rpc import Rpc

LOGIN = "departement"
EXAMPLES = 40
SEED = 19
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "ignored_auth",
)
DESK = r"^/aptic/api/v1/(place|redemptions)"
# An act that is well-formed may be refused all the same: its voucher was used meanwhile.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
FIELD = r'name="{name}" value="([^"]+)"'
SECRET = re.compile(r'id="api_secret_value"[^>]*value="([0-9a-f]{40})"')


def made(server, login, kind, number, **form):
    """The secret of a key that a manager makes on the portal; it may ask as often as it likes."""
    admin = Rpc(server.direct_url, server.database, "admin")
    admin.call("ir.config_parameter", "set_param", "aptic_base.api_per_minute", "1000000")
    manager = Rpc(server.direct_url, server.database, login)
    address = f"/my/aptic/{kind}/{number}/keys"
    page = manager.get(address).text
    form |= {name: re.search(FIELD.format(name=name), page).group(1) for name in ("csrf_token", "form_token")}
    form |= {"name": "Essais", "days": "30"}
    return SECRET.search(manager.session.post(manager.url + address, data=form, timeout=60).text).group(1)


@pytest.fixture(scope="module")
def key(refusing_server):
    """A key of a sponsor, to read."""
    number = sponsor(refusing_server)
    return made(refusing_server, LOGIN, "sponsor", number, purposes=["orders:read", "figures:read"])


@pytest.fixture(scope="module")
def desk(refusing_server):
    """A place where vouchers are taken."""
    return Desk(refusing_server)


@pytest.fixture(scope="module")
def desk_key(refusing_server, desk):
    """A key of a provider, for that place."""
    rows = refusing_server.query(
        "SELECT u.login FROM aptic_member m JOIN res_users u ON u.id = m.user_id"
        " WHERE m.provider_id = %s AND m.role = 'manager' AND m.active ORDER BY u.id LIMIT 1",
        (desk.provider_id,),
    )
    purposes, place = ["redemptions:read", "redemptions:write"], str(desk.place_id)
    return made(refusing_server, rows[0][0], "provider", desk.provider_id, purposes=purposes, place_id=place)


def sponsor(server):
    """The number of the sponsor that ``LOGIN`` manages."""
    rows = server.query(
        "SELECT m.sponsor_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s", (LOGIN,)
    )
    return rows[0][0]


def described(url):
    """The description of the API, as the server gives it."""
    return requests.get(f"{url}/aptic/api/v1/openapi.json", timeout=30).json()


def fuzz(url, secret, document, folder, *options):
    """Let the fuzzing client ask what ``document`` describes; the test fails with what it has found."""
    description, configuration = folder / "openapi.json", folder / "schemathesis.toml"
    description.write_text(json.dumps(document), encoding="utf-8")
    configuration.write_text(CONFIGURATION, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run", str(description),
            "--url", url, "--header", f"Authorization: Bearer {secret}", "--checks", ",".join(CHECKS),
            "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--workers", "2", "--no-color",
            "--phases", "examples,coverage,fuzzing", "--generation-database", "none", *options,
        ],
        capture_output=True, text=True, check=False, timeout=540, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_answer_to_a_sponsor_is_as_the_description_says(refusing_server, key, tmp_path):
    url = refusing_server.direct_url
    document = described(url)
    rows = refusing_server.query("SELECT id, sponsor_id FROM aptic_order")
    own = [number for number, owner in rows if owner == sponsor(refusing_server)]
    others = [number for number, _owner in rows if number not in own]
    assert own and others
    headers = {"Authorization": f"Bearer {key}"}
    cursor = requests.get(f"{url}/aptic/api/v1/orders?limit=1", headers=headers, timeout=30).json()["next"]
    assert cursor
    # Nobody invents a cursor: it comes from an answer of the same list.
    document["components"]["parameters"]["cursor"]["schema"] = {"enum": [cursor]}
    for address, path in document["paths"].items():
        for operation in path.values():
            parameters = operation.get("parameters", [])
            if not address.endswith("/orders"):
                parameters[:] = [one for one in parameters if not one.get("$ref", "").endswith("/cursor")]
            for parameter in parameters:
                if parameter.get("name") == "order_id":  # so that orders are found, not only missed
                    parameter["schema"] = {"anyOf": [{"enum": own}, {"enum": others}, parameter["schema"]]}
    fuzz(url, key, document, tmp_path, "--exclude-path-regex", DESK)


def test_every_answer_to_a_desk_is_as_the_description_says(refusing_server, desk, desk_key, tmp_path):
    """Bodies of every kind, some of them acts that are done; nothing is left half-written, nothing at another place."""
    url, server = refusing_server.direct_url, refusing_server
    document = described(url)
    before = server.query("SELECT COALESCE(max(id), 0) FROM aptic_redemption")[0][0]
    elsewhere = "SELECT id, state FROM aptic_redemption WHERE place_id != %s ORDER BY id"
    told, codes = server.query(elsewhere, (desk.place_id,)), desk.vouchers(200)
    headers = {"Authorization": f"Bearer {desk_key}", "Idempotency-Key": '"first-of-all"'}
    act = {name: value for name, value in desk.act(codes.pop()).items() if name not in ("place_id", "client_key")}
    act["client_time"] += "Z"
    first = requests.post(f"{url}/aptic/api/v1/redemptions", json=act, headers=headers, timeout=30)
    assert first.status_code == 200, first.text
    schemas, parameters = document["components"]["schemas"], document["components"]["parameters"]
    members = schemas["Act"]["properties"]  # so that acts are done, not only refused
    members["codes"] |= {"items": {"enum": codes}, "maxItems": 1}
    members |= {name: {"enum": [act[name]]} for name in ("offer_id", "price_cents", "audience_id")}
    parameters["cursor"]["schema"] = {"enum": ["MTAw"]}
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter.get("name") == "redemption_id":
                    own = {"enum": [first.json()["id"]]}
                    parameter["schema"] = {"anyOf": [own, {"enum": [before, before - 1]}, parameter["schema"]]}
    fuzz(url, desk_key, document, tmp_path, "--include-path-regex", DESK)
    rows = server.query("SELECT place_id, state FROM aptic_redemption WHERE id > %s", (before,))
    assert {place for place, _state in rows} == {desk.place_id}
    assert len(rows) > 1, "the client has found no act that is done"
    assert server.query(elsewhere, (desk.place_id,)) == told
    assert desk.half_written() == []


def test_every_order_of_the_sponsor_answers(refusing_server, key):
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{refusing_server.direct_url}/aptic/api/v1/orders"
    rows = requests.get(url, headers=headers, timeout=30).json()["data"]
    assert rows
    for row in rows:
        for path in ("", "/counts", "/redemptions?by=territory&level=commune", "/redemptions?by=service"):
            answer = requests.get(f"{url}/{row['id']}{path}", headers=headers, timeout=30)
            assert answer.status_code == 200, answer.text
