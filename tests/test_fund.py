"""The territorial funds against real servers: decisions at the same moment, and the pages in a browser."""

from datetime import date, timedelta

import pytest

from tests.support.at_once import at_once
from tests.support.rpc import RpcError
from tests.support.walk import PHONE, Walk

HELD = (
    "SELECT (SELECT COALESCE(SUM(line.amount_cents), 0)::bigint FROM aptic_fund_line line WHERE line.fund_id = fund.id)"
    " - fund.granted_cents FROM aptic_fund fund WHERE fund.id = %s"
)


@pytest.fixture(scope="module")
def walk(stage, browser):
    running = stage.serve(workers=3)
    story = Walk(running, browser)
    yield story
    story.close()
    running.close()
    assert running.problems(refusals=True) == []


def test_decisions_at_the_same_moment_take_no_more_than_the_fund_holds(walk):
    compta = walk.rpc("compta")
    [call] = compta.search_read("aptic.fund.call", [["state", "=", "published"]], ["fund_id"])
    fund = call["fund_id"][0]
    held = walk.one(HELD, fund)
    assert held > 100
    provider = walk.one("SELECT provider_id FROM aptic_fund_grant WHERE state = 'granted'")
    last_day = (date.today() + timedelta(days=9)).isoformat()
    cents = held // 2 + 1  # one fits, two do not
    grants = []
    for number in range(4):
        own = compta.call(
            "aptic.fund.call",
            "create",
            {"name": f"Appel {number}", "fund_id": fund, "text": "Texte", "closes_on": last_day},
        )
        vals = {
            "call_id": own,
            "provider_id": provider,
            "title": f"P{number}",
            "project": "Un projet",
            "asked": cents / 100,
        }
        grants.append(compta.call("aptic.fund.grant", "create", vals))
    people = [walk.rpc("approbation") for _grant in grants]
    windows = [
        rpc.call("aptic.fund.decision", "create", {"grant_id": grant, "amount": cents / 100})
        for rpc, grant in zip(people, grants, strict=True)
    ]

    def decide(rpc, window):
        try:
            return rpc.call("aptic.fund.decision", "action_grant", [window])
        except RpcError as error:
            return error.message

    answers = at_once(
        [lambda rpc=rpc, window=window: decide(rpc, window) for rpc, window in zip(people, windows, strict=True)]
    )
    assert sum(isinstance(answer, dict) for answer in answers) == 1, answers
    assert walk.one("SELECT count(*) FROM aptic_fund_grant WHERE id = ANY(%s) AND state = 'granted'", grants) == 1
    assert walk.one(HELD, fund) == held - cents
    proof = compta.call("aptic.coverage", "action_check_today")["res_id"]
    assert compta.call("aptic.coverage", "read", [proof], ["gap_cents"])[0]["gap_cents"] == 0


def test_the_pages_fit_any_screen(walk):
    fund = walk.one("SELECT fund_id FROM aptic_fund_grant WHERE state = 'granted' LIMIT 1")
    member = (
        "SELECT member.provider_id, users.login FROM aptic_fund_grant g"
        " JOIN aptic_member member ON member.provider_id = g.provider_id AND member.role = 'manager'"
        " JOIN res_users users ON users.id = member.user_id WHERE g.state = 'applied' LIMIT 1"
    )
    [(provider, login)] = walk.server.query(member, ())
    payer = "fondation"
    for who, path, name in (
        (login, "/aptic/fonds", "50-fonds"),
        (login, f"/aptic/fonds/{fund}", "51-fonds-region"),
        (login, f"/my/aptic/provider/{provider}/funds", "52-fonds-appel"),
        (payer, "/my/aptic/sponsor-fees", "53-frais-commanditaire"),
        (None, "/aptic/couverture", "54-couverture-publique"),
    ):
        for suffix, options in (("", {}), ("-telephone", PHONE)):
            page = walk.browser.page(walk.server, who, **options)
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
            walk.shot(page, f"{name}{suffix}")
            page.context.close()
