"""Blocking against real servers: at once, once, and never in the middle of a scan."""

import pytest

from tests.support.at_once import at_once
from tests.support.desk import Desk
from tests.support.rpc import Rpc, RpcError


@pytest.fixture(scope="module")
def desk(stage):
    running = stage.serve(workers=4)
    yield Desk(running)
    running.close()
    assert running.problems(refusals=True) == []


def staff(desk, login="paul"):
    return Rpc(desk.running.direct_url, desk.running.database, login)


def block(rpc, code):
    """Block the booklet of a code as the back office does; the blocking's id, or what the person is told."""
    try:
        values = {"first": code[:10], "cause": "stolen", "reason": "Volé sur le marché"}
        wizard = rpc.call("aptic.blocking.take", "create", values)
        return rpc.call("aptic.blocking.take", "action_block", [wizard])["res_id"]
    except RpcError as error:
        return error.message


def events(desk, kind, code):
    return desk.running.query(
        "SELECT quantity, amount_cents FROM aptic_event WHERE kind = %s AND serial_from <= %s AND serial_to >= %s",
        (kind, int(code[:10]), int(code[:10])),
    )


def test_six_people_block_and_replace_one_booklet(desk):
    code = desk.vouchers(10)[0]
    people = [staff(desk, login) for login in ("paul", "camille", "compta") * 2]
    answers = at_once([lambda rpc=rpc: block(rpc, code) for rpc in people])
    [blocking] = [answer for answer in answers if isinstance(answer, int)]
    assert events(desk, "block", code) == [(10, 10000)]

    def replace(rpc):
        try:
            return rpc.call("aptic.blocking", "action_replace", [blocking])["domain"]
        except RpcError as error:
            return error.message

    answers = at_once([lambda rpc=rpc: replace(rpc) for rpc in people])
    assert len([answer for answer in answers if isinstance(answer, list)]) == 1, answers
    assert events(desk, "replace", code) == [(10, 10000)]
    states = desk.running.query(
        "SELECT state, count(*) FROM aptic_voucher WHERE order_id ="
        " (SELECT order_id FROM aptic_voucher WHERE serial = %s) GROUP BY state ORDER BY state",
        (int(code[:10]),),
    )
    assert states == [("active", 10), ("replaced", 10)]


def test_scans_meet_the_blocking(desk):
    first = desk.session()
    clients = [desk.session(cookies=first.session.cookies) for _n in range(5)]
    rpc = staff(desk)
    for _round in range(4):
        codes = desk.vouchers(10)
        acts = [lambda client=client, code=code: desk.redeem(client, code)["status"]
                for client, code in zip(clients, codes, strict=False)]  # fmt: skip
        *statuses, blocking = at_once([*acts, lambda codes=codes: block(rpc, codes[0])])
        assert isinstance(blocking, int), blocking
        assert set(statuses) <= {"done", "busy", "blocked"}
        spent = statuses.count("done")
        assert desk.state_of(codes)[0] == ["blocked"] * (10 - spent) + ["redeemed"] * spent
        assert events(desk, "block", codes[0]) == [(10 - spent, (10 - spent) * 1000)]
        assert desk.redeem(first, codes[9])["status"] == "blocked"
    assert desk.half_written() == []
