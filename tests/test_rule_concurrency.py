"""The maximum of a booklet in a day holds, however many scan its vouchers at the same moment."""

import json
import uuid

import pytest

from tests.support.at_once import at_once, in_sessions
from tests.support.desk import Desk

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
                lambda client=client, code=code: desk.insist(client, code, str(uuid.uuid4()))
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
    told = in_sessions(stage, desk, "late_lock", codes=counted(desk, 1)[:2])
    assert told == ["done", "serialization failure", "max_per_day"]
