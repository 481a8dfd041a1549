"""A paid scan undone against real servers: asked by one, approved by another, taken back by the next statement."""

from datetime import date, timedelta

import pytest

from tests.support.at_once import at_once
from tests.support.rpc import RpcError
from tests.support.walk import PHONE, Walk

REASON = "L'atelier n'a pas eu lieu"
EVENTS = "SELECT count(*), sum(amount_cents) FROM aptic_event WHERE kind = %s AND redemption_id = %s"


@pytest.fixture(scope="module")
def walk(stage, browser):
    running = stage.serve(workers=3)
    story = Walk(running, browser)
    yield story
    story.close()
    running.close()
    assert running.problems(refusals=True) == []


def told(rpc, *call):
    """What a call answers, a refusal too: of several at once some are told that another one is at it."""
    try:
        return rpc.call(*call)
    except RpcError as error:
        return error.message


def test_staff_ask_with_a_reason(walk):
    act = walk.facts["act"] = walk.one(
        "SELECT max(r.id) FROM aptic_redemption r JOIN aptic_provider p ON p.id = r.provider_id"
        " JOIN aptic_event e ON e.redemption_id = r.id JOIN aptic_order o ON o.id = e.order_id"
        " WHERE r.state = 'settled' AND o.state = 'active' AND NOT EXISTS (SELECT FROM aptic_reversal v"
        " WHERE v.redemption_id = r.id) AND p.id = (SELECT res_id FROM ir_model_data WHERE module = 'aptic_base'"
        " AND name = 'demo_provider_01')"
    )
    paul = walk.rpc("paul")
    wizard = paul.call("aptic.reversal.ask", "create", {"redemption_id": act, "reason": REASON})
    reversal = walk.facts["reversal"] = paul.call("aptic.reversal.ask", "action_ask", [wizard])["res_id"]
    with pytest.raises(RpcError):
        paul.call("aptic.reversal", "action_approve", [reversal])
    assert walk.state("aptic_redemption", act) == "settled"


def test_six_times_approved_at_once_it_is_reversed_once(walk):
    reversal = walk.facts["reversal"]

    people = [walk.rpc(login) for login in ("compta", "approbation", "camille") * 2]
    at_once([lambda rpc=rpc: told(rpc, "aptic.reversal", "action_approve", [reversal]) for rpc in people])
    [(count, cents)] = walk.server.query(EVENTS, ("reverse", walk.facts["act"]))
    assert (count, cents) == (1, walk.one("SELECT face_cents FROM aptic_reversal WHERE id = %s", reversal))
    assert walk.state("aptic_redemption", walk.facts["act"]) == "reversed"


def test_the_provider_reads_what_is_coming(walk):
    page = walk.page("fablab")
    page.goto("/my/aptic/statements")
    assert REASON in page.inner_text("#aptic_corrections_coming")
    walk.shot(page, "38-annulation-annonce")


def test_the_next_month_s_statement_takes_it_back_once(walk):
    today = date.today()
    cutoff = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    walk.forget()
    walk.server.restart(days_ahead=(cutoff - today).days + 1)
    compta = walk.rpc("compta")
    settlement = compta.call("aptic.settlement", "create", {"cutoff_day": cutoff.isoformat()})
    people = [walk.rpc("compta") for _n in range(4)]
    at_once([lambda rpc=rpc: told(rpc, "aptic.settlement", "action_compute", [settlement]) for rpc in people])
    assert walk.state("aptic_settlement", settlement) == "computed"
    walk.rpc("approbation").call("aptic.settlement", "action_approve", [settlement])
    [(statement, correction, fee)] = walk.server.query(
        "SELECT s.id, s.correction_cents, s.correction_fee_cents FROM aptic_statement s"
        " JOIN aptic_reversal r ON r.correction_statement_id = s.id WHERE r.id = %s",
        (walk.facts["reversal"],),
    )
    withheld = (
        "SELECT COALESCE(SUM(share.fee_cents), 0) FROM aptic_fee_share share"
        " JOIN aptic_statement_fee fee ON fee.id = share.fee_id AND fee.sponsor_id IS NULL"
        " JOIN aptic_reversal r ON r.redemption_id = share.redemption_id WHERE r.id = %s"
    )
    assert fee == walk.one(withheld, walk.facts["reversal"])
    total = "SELECT sum(correction_cents) FROM aptic_statement"
    assert walk.one(total) == correction == walk.one("SELECT sum(amount_cents) FROM aptic_event WHERE kind = 'correct'")
    proof = compta.call("aptic.coverage", "action_check_today")["res_id"]
    assert compta.call("aptic.coverage", "read", [proof], ["gap_cents"])[0]["gap_cents"] == 0
    walk.facts["statement"] = statement


def test_the_provider_reads_the_correction_on_any_screen(walk):
    for name, options in (("39-annulation-decompte", {}), ("40-annulation-decompte-telephone", PHONE)):
        page = walk.browser.page(walk.server, "fablab", **options)
        page.goto(f"/my/aptic/statements/{walk.facts['statement']}")
        assert REASON in page.inner_text("#aptic_statement_corrections")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        walk.shot(page, name)
        page.context.close()
