"""One voucher, many at once: one payment, one ledger row, and nobody waits."""

import threading
import time
import uuid

import pytest
import requests

from tests.support.at_once import at_once, in_sessions
from tests.support.desk import Desk

BUSY_SECONDS = 1
PATIENCE = 4  # on a machine so loaded that a mere look takes a quarter of that second, as many times what a look takes


@pytest.fixture(scope="module")
def desk(stage):
    """A desk on a server with four workers, shared by the tests that do not kill it."""
    running = stage.serve(workers=4)
    yield Desk(running)
    running.close()
    assert running.problems() == []


def timed(act):
    """Return ``(answer, seconds)``."""
    start = time.monotonic()
    return act(), time.monotonic() - start


# ------------------------------------------------------------ database sessions
def test_eight_sessions_meet_at_the_lock(stage, desk):
    (code, *_rest) = desk.vouchers(10)
    told = in_sessions(stage, desk, "barrier", code=code, key=str(uuid.uuid4()), same_key=False)
    seen, answers = told["seen"], told["answers"]
    assert len({session["pid"] for session in seen}) == 8
    # All were held until the last had come: each lock statement runs while the winner's transaction is open.
    assert max(session["start"] for session in seen) - min(session["start"] for session in seen) < BUSY_SECONDS
    assert sorted(session["held"] for session in seen) == [False] * 7 + [True]
    assert sorted(answer["status"] for answer in answers) == ["busy"] * 7 + ["done"]
    assert {answer["message_args"].get("reason") for answer in answers if answer["status"] == "busy"} == {"locked"}
    assert desk.state_of([code]) == (["redeemed"], 1, 1, 1)


def test_eight_sessions_with_one_key_get_one_answer(stage, desk):
    (code, *_rest) = desk.vouchers(10)
    answers = in_sessions(stage, desk, "barrier", code=code, key=str(uuid.uuid4()), same_key=True)["answers"]
    assert {answer["status"] for answer in answers} == {"done"}
    assert len({answer["redemption_id"] for answer in answers}) == 1
    assert desk.state_of([code]) == (["redeemed"], 1, 1, 1)


# ----------------------------------------------------------------- HTTP clients
def test_twenty_clients_and_one_voucher(desk):
    first = desk.session()
    codes = desk.vouchers(10)
    clients = [desk.session(cookies=first.session.cookies) for _n in range(20)]
    checks = [lambda client=client: timed(lambda: desk.check(client, codes[9])) for client in clients]
    at_once(checks)  # all workers are warm
    patience = max(BUSY_SECONDS, PATIENCE * max(seconds for _answer, seconds in at_once(checks)))
    for code in codes[:3]:
        answers = at_once(
            [lambda client=client, code=code: timed(lambda: desk.redeem(client, code)) for client in clients]
        )
        statuses = [answer["status"] for answer, _seconds in answers]
        assert statuses.count("done") == 1
        assert set(statuses) <= {"done", "busy", "used"}
        assert all(seconds < patience for answer, seconds in answers if answer["status"] == "busy")
        assert desk.state_of([code]) == (["redeemed"], 1, 1, 1)
    assert desk.half_written() == []


def test_busy_is_an_answer_and_not_a_wait(desk):
    """Another transaction holds the voucher for long: the desk is told at once."""
    code = desk.vouchers(10)[0]
    client = desk.session()
    desk.check(client, code)
    patience = max(BUSY_SECONDS, PATIENCE * timed(lambda: desk.check(client, code))[1])
    holder = desk.running.connect(autocommit=False)
    try:
        holder.cursor().execute("SELECT id FROM aptic_voucher WHERE serial = %s FOR UPDATE", (int(code[:10]),))
        for _n in range(5):
            answer, seconds = timed(lambda: desk.redeem(client, code))
            assert answer["status"] == "busy"
            assert seconds < patience
    finally:
        holder.rollback()
        holder.close()
    assert desk.redeem(client, code)["status"] == "done"


def test_a_booklet_being_blocked_is_busy_too(desk):
    codes = desk.vouchers(10)
    client = desk.session()
    holder = desk.running.connect(autocommit=False)
    try:
        holder.cursor().execute(
            "SELECT id FROM aptic_booklet WHERE serial = %s FOR NO KEY UPDATE", (int(codes[0][:10]),)
        )
        assert desk.redeem(client, codes[3])["status"] == "busy"
    finally:
        holder.rollback()
        holder.close()


def test_a_cancellation_waits_for_the_end_of_its_order(desk):
    """While the order ends in another transaction, its scan is cancelled: the voucher ends with the others."""
    code = desk.vouchers(10)[0]
    act = desk.redeem(desk.session(), code)["redemption_id"]
    staff = desk.session("paul")
    form = staff.call("aptic.redemption.cancel", "create", {"redemption_id": act, "reason": "Doublon"})
    holder = desk.running.connect(autocommit=False)
    try:
        holder.cursor().execute(
            "UPDATE aptic_order SET state = 'expired'"
            " WHERE id = (SELECT order_id FROM aptic_voucher WHERE serial = %s)",
            (int(code[:10]),),
        )
        cancelling = threading.Thread(target=staff.call, args=("aptic.redemption.cancel", "action_cancel", [form]))
        cancelling.start()
        cancelling.join(3)
        holder.commit()
    finally:
        holder.close()
    cancelling.join(60)
    assert desk.state_of([code])[0] == ["expired"]
    assert desk.running.query("SELECT state FROM aptic_redemption WHERE id = %s", (act,)) == [("cancelled",)]


def test_the_same_act_twice_at_once(desk):
    first = desk.session()
    clients = [first, desk.session(cookies=first.session.cookies)]
    codes = desk.vouchers(10)
    for code in codes:
        key = str(uuid.uuid4())
        one, other = at_once(
            [lambda client=client, code=code, key=key: desk.insist(client, code, key) for client in clients]
        )
        assert one["status"] == "done"
        assert one == other
        assert desk.state_of([code]) == (["redeemed"], 1, 1, 1)
    reused = desk.redeem(first, codes[0], key=key)
    assert reused["status"] == "key_reused"


# ----------------------------------------------------------------- kept sessions
def test_a_desk_keeps_its_session_until_the_server_hangs_up(server):
    running = server(workers=1, quiet=True)
    desk = Desk(running)
    client, codes = desk.session(), desk.vouchers(10)

    def sessions():
        return running.query(
            "SELECT pid, state FROM pg_stat_activity"
            " WHERE application_name = 'aptic redemptions' AND datname = current_database()"
        )

    assert desk.redeem(client, codes[0])["status"] == "done"
    ((pid, state),) = sessions()
    assert state == "idle", "no transaction stays open"
    assert desk.redeem(client, codes[1])["status"] == "done"
    assert desk.redeem(client, codes[1])["status"] == "used"
    assert [session for session, _state in sessions()] == [pid]
    running.query("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    assert desk.redeem(client, codes[2])["status"] == "done"
    ((other, _state),) = sessions()
    assert other != pid
    assert desk.half_written() == []


# ------------------------------------------------------------------------- kill
def test_a_killed_server_leaves_nothing_half_written(server):
    running = server(workers=2, durable=True, quiet=False)
    desk = Desk(running)
    codes = desk.vouchers(200)
    first = desk.session()
    acts = {code: str(uuid.uuid4()) for code in codes}
    answered, left = {}, list(codes)
    killed = threading.Event()

    def work():
        client = desk.session(cookies=first.session.cookies)
        while left and not killed.is_set():
            code = left.pop()
            try:
                answered[code] = desk.redeem(client, code, key=acts[code])
            except (requests.RequestException, ValueError):
                return

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    while len(answered) < 20:
        time.sleep(0.01)
    running.kill()
    killed.set()
    for thread in threads:
        thread.join()
    assert len(answered) < len(codes), "killed in the middle"
    running.start()
    assert desk.half_written() == []
    for code, answer in answered.items():
        assert answer["status"] == "done"
        assert desk.state_of([code]) == (["redeemed"], 1, 1, 1), "an answered success is there"
    # The desk sends again what it had no answer to, under the same keys.
    client = desk.session()
    for code in codes[-60:]:
        answer = desk.redeem(client, code, key=acts[code])
        assert answer["status"] == "done"
        assert answered.get(code, answer) == answer
        assert desk.state_of([code]) == (["redeemed"], 1, 1, 1)
    assert desk.half_written() == []
