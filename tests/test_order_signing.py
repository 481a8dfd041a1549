"""Two persons of a sponsor, or one in two tabs, on one order at the same moment: one signature, one approval."""

import re
from datetime import date, timedelta

import pytest

from tests.support.at_once import at_once
from tests.support.rpc import Rpc


@pytest.fixture(scope="module")
def running(stage):
    server = stage.serve(workers=4)
    yield server
    server.close()
    assert server.problems() == []


class Tab:
    """A logged-in tab of the department."""

    def __init__(self, server):
        self.rpc = Rpc(server.direct_url, server.database, "departement")

    def post(self, address, page, **data):
        """Send a form as the page has it; return the answer."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.rpc.get(page).text)[1]
        return lambda: self.rpc.session.post(
            self.rpc.url + address, data={"csrf_token": token, **data}, allow_redirects=False, timeout=60
        )


def statuses(acts):
    return [answer.status_code for answer in at_once(acts)]


def test_two_tabs_sign_and_approve_once(running):
    tabs = [Tab(running) for _number in range(3)]
    made = tabs[0].post(
        "/my/aptic/orders/new",
        "/my/aptic/orders/new",
        quantity="20",
        booklet_size="10",
        last_day=(date.today() + timedelta(days=200)).isoformat(),
        face_value="10",
    )()
    assert made.status_code == 303, made.text[:500]
    address = re.sub(r"^https?://[^/]+", "", made.headers["Location"])
    order = int(address.rsplit("/", 1)[1])

    asked = statuses([tab.post(f"{address}/quote/ask", address) for tab in tabs])
    assert asked == [303] * 3
    quotes = running.query("SELECT id FROM aptic_quote WHERE order_id = %s", (order,))
    assert len(quotes) == 1

    who = {"quote_id": quotes[0][0], "name": "Ada Martin", "capacity": "Directrice", "agreed": "1"}
    assert statuses([tab.post(f"{address}/quote/sign", f"{address}/quote", **who) for tab in tabs]) == [303] * 3
    count = "SELECT count(*) FROM aptic_quote_signature WHERE order_id = %s"
    assert running.query(count, (order,)) == [(1,)]
    name = running.query("SELECT name FROM aptic_order WHERE id = %s", (order,))[0][0]
    assert running.query("SELECT count(*) FROM account_move WHERE invoice_origin = %s", (name,)) == [(2,)]
    ((proof,),) = running.query("SELECT id FROM aptic_proof WHERE order_id = %s", (order,))

    approvals = [tab.post(f"{address}/approve", f"{address}/proofs", proof_id=proof) for tab in tabs]
    assert statuses(approvals) == [303] * 3
    rows = "SELECT count(*) FROM aptic_event WHERE order_id = %s AND kind = 'proof'"
    assert running.query(rows, (order,)) == [(1,)]
