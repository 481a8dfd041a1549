"""A distributor's people with a scanner, on a telephone and two at once: lots, booklets handed out, a theft."""

import re

import pytest

from tests.support.at_once import at_once
from tests.support.rpc import Rpc
from tests.support.walk import PHONE, Walk

LOGIN = "relais"


@pytest.fixture(scope="module")
def walk(refusing_server, browser):
    return Walk(refusing_server, browser)


def lots(walk, state):
    """The distributor's lots in a state: ``(lot, distributor, first serial, last serial, size of a booklet)``."""
    return walk.server.query(
        "SELECT d.id, d.distributor_id, d.serial_from, d.serial_to, o.booklet_size"
        " FROM aptic_distribution d JOIN aptic_order o ON o.id = d.order_id"
        " JOIN aptic_member m ON m.distributor_id = d.distributor_id JOIN res_users u ON u.id = m.user_id"
        " WHERE u.login = %s AND d.state = %s ORDER BY d.id",
        (LOGIN, state),
    )


def scan(page, field, serial):
    """What a scanner in keyboard mode does: digits, then Enter."""
    page.locator(field).focus()
    page.keyboard.type(f"{serial:010d}")
    page.keyboard.press("Enter")


def test_a_lot_is_acknowledged_with_the_parcel_in_hand(walk):
    [(lot, relay, first, last, size)] = lots(walk, "sent")
    page = walk.page(LOGIN, **PHONE)
    page.goto(f"/my/aptic/distributor/{relay}/lots/{lot}")
    walk.shot(page, "41-lot-a-accuser", full=False)
    scan(page, "#receive_first", first)
    scan(page, "#receive_last", last - size)
    page.locator("[role=alert]").wait_for()
    assert lots(walk, "sent"), "another parcel is not acknowledged"
    scan(page, "#receive_first", first)
    scan(page, "#receive_last", last)
    page.locator(".o_aptic_lot_parts").wait_for()
    assert not lots(walk, "sent")
    assert page.script_errors == []


@pytest.fixture(scope="module")
def handing(walk):
    """An active order's lot that the distributor has received: what :func:`lots` tells of it."""
    staff = walk.rpc("paul")
    [order] = staff.search_read("aptic.order", [("state", "=", "active"), ("lot_ids", "=", False)], ["id"], limit=1)
    [(_lot, relay, *_rest)] = lots(walk, "received")[:1]
    values = {"order_id": order["id"], "distributor_id": relay, "booklet_count": 4}
    lot = staff.call("aptic.distribution", "create", values)
    staff.call("aptic.distribution", "action_send", [lot])
    [row] = [row for row in lots(walk, "sent") if row[0] == lot]
    _lot, _relay, first, last, _size = row
    form(walk, relay, f"lots/{lot}", "receive", first=first, last=last)()
    return row


def form(walk, relay, page, act, **data):
    """Open a page in a tab of its own; return a function that sends one of its forms and returns the status."""
    session = Rpc(walk.server.direct_url, walk.server.database, LOGIN)
    home = f"/my/aptic/distributor/{relay}"
    found = session.get(f"{home}/{page}").text
    hidden = {name: re.search(rf'name="{name}" value="([^"]+)"', found)[1] for name in ("csrf_token", "form_token")}
    address = f"{session.url}{home}/{page}/{act}"
    return lambda: session.session.post(address, data={**hidden, **data}, allow_redirects=False, timeout=60).status_code


def states(walk, first, last):
    rows = walk.server.query(
        "SELECT state, count(*) FROM aptic_voucher WHERE serial BETWEEN %s AND %s GROUP BY 1", (first, last)
    )
    return dict(rows)


def figure(page, name):
    return int(page.locator(f"[data-figure={name}]").inner_text())


def test_a_booklet_is_handed_out_by_one_scan_once(walk, handing):
    _lot, relay, first, _last, _size = handing
    page = walk.page(LOGIN)
    page.goto(f"/my/aptic/distributor/{relay}/lots")
    stock, handed = figure(page, "stock"), figure(page, "handed")
    scan(page, "#hand_out_one", first + 1)
    page.locator("[role=status]").wait_for()
    assert (figure(page, "stock"), figure(page, "handed")) == (stock - 1, handed + 1)
    walk.shot(page, "42-carnet-remis")
    scan(page, "#hand_out_one", first)
    page.locator("[role=alert]").wait_for()
    assert (figure(page, "stock"), figure(page, "handed")) == (stock - 1, handed + 1)


def test_one_hands_a_booklet_out_while_another_declares_it_stolen(walk, handing):
    lot, relay, first, _last, size = handing
    begin, end = first + size, first + 2 * size - 1
    acts = [
        form(walk, relay, "lots", "hand-out", first=begin),
        form(walk, relay, f"lots/{lot}", "loss", first=begin, cause="stolen", reason="Vol au guichet"),
    ]
    statuses = at_once(acts)
    assert all(status < 500 for status in statuses), statuses
    kinds = walk.server.query(
        "SELECT kind FROM aptic_event WHERE distribution_id = %s AND serial_from = %s AND kind IN ('inject', 'lose')",
        (lot, begin),
    )
    assert len(kinds) == 1, "a booklet is handed out or stolen, never both"
    assert states(walk, begin, end) == {"blocked" if kinds == [("lose",)] else "active": size}


def test_what_is_stolen_is_dead_at_once_and_not_handed_out(walk, handing):
    lot, relay, first, _last, size = handing
    begin, end = first + 2 * size, first + 3 * size - 1
    assert form(walk, relay, f"lots/{lot}", "loss", first=begin, cause="stolen", reason="Vol au guichet")() == 303
    assert states(walk, begin, end) == {"blocked": size}
    page = walk.page(LOGIN)
    page.goto(f"/my/aptic/distributor/{relay}/lots")
    scan(page, "#hand_out_one", begin)
    page.locator("[role=alert]").wait_for()
    assert states(walk, begin, end) == {"blocked": size}
