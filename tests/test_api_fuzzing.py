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
FIELD = r'name="{name}" value="([^"]+)"'
SECRET = re.compile(r'id="api_secret_value"[^>]*value="([0-9a-f]{40})"')


@pytest.fixture(scope="module")
def key(refusing_server):
    """A key that a sponsor's manager makes on the portal; it may ask as often as it likes."""
    server = refusing_server
    admin = Rpc(server.direct_url, server.database, "admin")
    admin.call("ir.config_parameter", "set_param", "aptic_base.api_per_minute", "1000000")
    manager = Rpc(server.direct_url, server.database, LOGIN)
    address = f"/my/aptic/sponsor/{sponsor(server)}/keys"
    page = manager.get(address).text
    form = {name: re.search(FIELD.format(name=name), page).group(1) for name in ("csrf_token", "form_token")}
    form |= {"name": "Essais", "purposes": ["orders:read", "figures:read"], "days": "30"}
    return SECRET.search(manager.session.post(manager.url + address, data=form, timeout=60).text).group(1)


def sponsor(server):
    """The number of the sponsor that ``LOGIN`` manages."""
    rows = server.query(
        "SELECT m.sponsor_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s", (LOGIN,)
    )
    return rows[0][0]


def test_every_answer_is_as_the_description_says(refusing_server, key, tmp_path):
    url = refusing_server.direct_url
    document = requests.get(f"{url}/aptic/api/v1/openapi.json", timeout=30).json()
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
        parameters = path["get"].get("parameters", [])
        if not address.endswith("/orders"):
            parameters[:] = [one for one in parameters if not one.get("$ref", "").endswith("/cursor")]
        for parameter in parameters:
            if parameter.get("name") == "order_id":  # so that orders are found, not only missed
                parameter["schema"] = {"anyOf": [{"enum": own}, {"enum": others}, parameter["schema"]]}
    description = tmp_path / "openapi.json"
    description.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", str(description), "--url", url,
            "--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS),
            "--max-examples", str(EXAMPLES), "--seed", str(SEED), "--workers", "2", "--no-color",
            "--phases", "examples,coverage,fuzzing", "--generation-database", "none",
        ],
        capture_output=True, text=True, check=False, timeout=540, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_order_of_the_sponsor_answers(refusing_server, key):
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{refusing_server.direct_url}/aptic/api/v1/orders"
    rows = requests.get(url, headers=headers, timeout=30).json()["data"]
    assert rows
    for row in rows:
        for path in ("", "/counts", "/redemptions?by=territory&level=commune", "/redemptions?by=service"):
            answer = requests.get(f"{url}/{row['id']}{path}", headers=headers, timeout=30)
            assert answer.status_code == 200, answer.text
