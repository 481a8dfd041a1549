"""The maximum of a booklet in a day holds, however many scan its vouchers at the same moment."""

import json
import uuid
from pathlib import Path

import pytest

from devtools import odoo_process
from tests.support.desk import Desk
from tests.test_concurrency import at_once, insist

SCRIPT = Path(__file__).parent / "support" / "odoo" / "late_lock.py"
MOST = 3


@pytest.fixture(scope="module")
def desk(stage):
    running = stage.serve(workers=4)
    yield Desk(running)
    running.close()
    assert running.problems() == []


def counted(desk, most):
    """Codes of one booklet, of which at most so many may be spent in a day."""
    codes = desk.vouchers(10)
    desk.running.query(
        "UPDATE aptic_order SET frozen_rules = %s WHERE id = (SELECT order_id FROM aptic_voucher WHERE serial = %s)",
        (json.dumps([{"kind": "max_per_day", "count": most}]), int(codes[0][:10])),
    )
    return codes


def test_ten_clients_and_the_vouchers_of_one_booklet(desk):
    first = desk.session()
    clients = [desk.session(cookies=first.session.cookies) for _n in range(10)]
    for _round in range(3):
        codes = counted(desk, MOST)
        answers = at_once(
            [
                lambda client=client, code=code: insist(desk, client, code, str(uuid.uuid4()))
                for client, code in zip(clients, codes, strict=True)
            ]
        )
        statuses = [answer["status"] for answer in answers]
        assert set(statuses) <= {"done", "busy", "max_per_day"}
        assert 1 <= statuses.count("done") <= MOST
        # Who was only told to try again does.
        statuses = [desk.redeem(first, code)["status"] for code in codes]
        states, redemptions, _rows, _quantity = desk.state_of(codes)
        assert (states.count("redeemed"), redemptions) == (MOST, MOST)
        assert set(statuses) <= {"done", "used", "max_per_day"}
    assert desk.half_written() == []


def test_who_began_to_read_before_the_other_was_done_does_not_pass(stage, desk):
    running = desk.running
    ((member_id, user_id),) = running.query(
        "SELECT m.id, m.user_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id"
        " WHERE u.login = 'mediateur' AND m.provider_id = %s",
        (desk.provider_id,),
    )
    act = {
        "member_id": member_id, "user_id": user_id, "place_id": desk.place_id, "offer_id": desk.offer_id,
        "audience_id": desk.audience_id, "price_cents": desk.price_cents, "codes": counted(desk, 1)[:2],
    }  # fmt: skip
    line = odoo_process.command(stage.tree, running.postgres, stage.conf, running.database, "--no-http", verb="shell")
    source = f"ACT = {act!r}\n" + SCRIPT.read_text(encoding="utf-8")
    _code, _records, log = odoo_process.run(line, running.postgres, "late_lock", stdin=source)
    text = log.read_text(encoding="utf-8", errors="replace")
    found = [row.removeprefix("SEEN ") for row in text.splitlines() if row.startswith("SEEN ")]
    assert found, text[-2000:]
    assert json.loads(found[0]) == ["done", "serialization failure", "max_per_day"]
