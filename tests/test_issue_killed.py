"""A server killed in the middle of a large issue: whole batches are there, and the rest follows once."""

import time
from datetime import date, timedelta

from tests.support.rpc import Rpc

QUANTITY = 300_000


def test_a_killed_issue_goes_on_behind_its_last_batch(server):
    running = server(workers=2, durable=True, quiet=False)
    order = _asked(running)

    def seen():
        return running.query(
            "SELECT i.done, i.serial_from, (SELECT count(*) FROM aptic_voucher v WHERE v.order_id = i.order_id)"
            " FROM aptic_issue i WHERE i.order_id = %s",
            (order,),
        )[0]

    _wait(lambda: seen()[0] > 0)
    running.kill()
    done, first, made = seen()
    assert 0 < done < QUANTITY, "killed in the middle"
    assert made == done
    running.start()
    staff = Rpc(running.direct_url, running.database, "paul")
    staff.call("aptic.order", "action_issue_resume", [order])
    _wait(lambda: staff.call("aptic.order", "read", [order], ["state"])[0]["state"] == "printed")
    assert seen() == (QUANTITY, first, QUANTITY)
    [(least, most, booklets, salts)] = running.query(
        "SELECT min(serial), max(serial + size) - 1, count(*), count(DISTINCT salt) FROM aptic_booklet"
        " WHERE order_id = %s",
        (order,),
    )
    assert (least, most) == (first, first + QUANTITY - 1)
    assert booklets == salts == QUANTITY // 10
    issued = "SELECT quantity FROM aptic_event WHERE order_id = %s AND kind = 'issue'"
    assert running.query(issued, (order,)) == [(QUANTITY,)]


def _asked(running):
    """An order of many vouchers whose issue has begun; its id."""
    staff = Rpc(running.direct_url, running.database, "paul")
    [sponsor] = staff.search_read("aptic.sponsor", limit=1)
    values = {"sponsor_id": sponsor["id"], "quantity": QUANTITY, "last_day": str(date.today() + timedelta(days=200))}
    order = staff.call("aptic.order", "create", values)
    for verb in ("action_confirm", "action_approve_proof", "action_issue"):
        staff.call("aptic.order", verb, [order])
    return order


def _wait(condition, seconds=240):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
