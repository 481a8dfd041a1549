import json

from odoo.addons.aptic_base import json_rpc
from odoo.tests.common import HttpCase, TransactionCase, tagged

from .common import ApticCase

ADDRESS = "/web/session/modules"  # any route of JSON-RPC; this one takes no parameters
HEADERS = {"Content-Type": "application/json"}


@tagged("post_install", "-at_install")
class TestHostileParameters(ApticCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(self.manager_a.login, self.manager_a.login)

    def post(self, body):
        return self.url_open(ADDRESS, data=body if isinstance(body, str) else json.dumps(body), headers=HEADERS)

    def test_a_right_envelope_is_answered(self):
        for number in (None, 7, "one"):
            answer = self.post({"jsonrpc": "2.0", "method": "call", "params": {}, "id": number})
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.json()["id"], number)
            self.assertIn("aptic_base", answer.json()["result"])
        self.assertIn("result", self.post({}).json(), "parameters may be left out")

    def test_a_wrong_envelope_is_refused(self):
        for params in ([], [1, 2], "x", 7, None, True):
            self.assertEqual(self.post({"params": params}).status_code, 400, params)
        for number in ({}, [1], "\ud800", "a\0b"):
            self.assertEqual(self.post({"id": number, "params": {}}).status_code, 400, number)
        for text in ("", "{", "[]", '"x"', "7", "null", "[" * 100_000, '{"params":' + '{"a":' * 100_000):
            self.assertEqual(self.post(text).status_code, 400, text[:9])

    def test_a_parameter_with_pythons_name(self):
        answer = self.post({"params": {"self": 1}})
        self.assertIn("result", answer.json())
        self.assertEqual(self.url_open("/web/login?self=1").status_code, 200)

    def test_a_page_that_is_no_number(self):
        members = f"/my/aptic/provider/{self.provider_a.id}/members"
        for page in ("1", "99999999999999999999", "x", "²", "-1", ""):
            self.assertEqual(self.url_open(f"{members}?page={page}").status_code, 200, page)

    def test_an_address_that_no_database_holds(self):
        self.assertEqual(self.url_open("/my/aptic/%00").status_code, 404)


class TestEnvelope(TransactionCase):
    def test_the_id_can_be_answered(self):
        for number in (None, 0, 1.5, "one", "é"):
            self.assertTrue(json_rpc.is_request({"id": number}), number)
        for number in ([], {}, "\udfff", "\n", float("nan"), float("inf")):
            self.assertFalse(json_rpc.is_request({"id": number}), number)
