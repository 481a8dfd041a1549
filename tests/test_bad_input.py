"""What goes wrong between a browser and the server: nothing lost, nothing written twice, a sentence to go on with."""

import re
import threading

import pytest
import requests

from tests.support import papers
from tests.support.at_once import at_once
from tests.support.browser import before_the_scripts


def provider_of(server, login):
    statement = "SELECT m.provider_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s"
    return server.query(statement, (login,))[0][0]


def fields_of(html, action):
    """Return the hidden fields of the form with an action, as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}[^"]*"[^>]*>(.*?)</form>', html, re.S)[1]
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    return {
        re.search(r'name="([^"]*)"', field)[1]: (re.search(r'value="([^"]*)"', field) or [None, ""])[1]
        for field in hidden
        if 'name="' in field
    }


def place_form(server, provider, name):
    """Return the fields of a new place in Bordeaux."""
    (kind,) = server.query("SELECT min(id) FROM aptic_place_type")[0]
    (town,) = server.query("SELECT id FROM aptic_territory WHERE code = '33063' AND kind = 'commune'")[0]
    return {"name": name, "type_id": kind, "zip": "33000", "territory_id": town, "presence": "own"}


def test_a_form_sent_twice_at_once_counts_once(refusing_server, rpc):
    """Two POSTs of one form by two connections at the same moment: one place, and both are led on."""
    session = rpc(refusing_server, "acteur09")
    provider = provider_of(refusing_server, "acteur09")
    action = f"/my/aptic/provider/{provider}/places/new"
    for turn in range(3):
        name = f"Deux fois {turn}"
        values = {
            **fields_of(session.get(action).text, action),
            **place_form(refusing_server, provider, name),
        }

        def send(values=values):
            return requests.post(
                session.url + action, data=values, cookies=session.session.cookies, allow_redirects=False, timeout=60
            )

        answers = at_once([send, send])
        assert [answer.status_code for answer in answers] == [303, 303], [answer.text[:300] for answer in answers]
        assert refusing_server.query("SELECT count(*) FROM aptic_place WHERE name = %s", (name,)) == [(1,)]


def test_two_people_edit_one_place(refusing_server, browser):
    """The second to save reads that somebody was faster, and what is typed stays on the form."""
    provider = provider_of(refusing_server, "mediatheque")
    (place,) = refusing_server.query("SELECT min(id) FROM aptic_place WHERE provider_id = %s", (provider,))[0]
    one, other = (browser.page(refusing_server, "mediatheque") for _n in range(2))
    for page in (one, other):
        page.goto(f"/my/aptic/provider/{provider}/places/{place}")
    for page, street in ((one, "1 rue du Premier"), (other, "2 rue du Second")):
        page.fill("#place_street", street)
        page.click(".o_aptic_place_form button[type=submit]")
        page.wait_for_load_state()
    assert re.search(r"/places(\?|$)", one.url)
    assert other.locator("main .alert-danger").count() == 1
    assert other.input_value("#place_street") == "2 rue du Second", "what was typed is kept"
    street = "SELECT street FROM aptic_place WHERE id = %s"
    assert refusing_server.query(street, (place,)) == [("1 rue du Premier",)]
    for page in (one, other):
        page.context.close()


def test_the_network_is_cut_in_the_middle_of_a_form(refusing_server, browser):
    """The form stays, with a sentence and what was typed; sent again with the network back, it counts once."""
    provider = provider_of(refusing_server, "acteur09")
    page = browser.page(refusing_server, "acteur09")
    page.goto(f"/my/aptic/provider/{provider}/places/new")
    page.fill("#place_name", "Sans réseau")
    page.select_option("#place_type", index=1)
    page.fill("#place_street", "5 rue du Silence")
    page.fill("#place_zip", "33000")
    page.wait_for_selector("#place_territory option:has-text('Bordeaux')", state="attached")
    page.context.set_offline(True)
    page.click(".o_aptic_place_form button[type=submit]")
    page.wait_for_selector(".o_aptic_offline")
    count = "SELECT count(*) FROM aptic_place WHERE name = 'Sans réseau'"
    assert refusing_server.query(count) == [(0,)]
    page.context.set_offline(False)
    assert page.input_value("#place_street") == "5 rue du Silence", "what was typed is kept"
    page.click(".o_aptic_place_form button[type=submit]")
    page.wait_for_url(re.compile(r"/places(\?|$)"))
    assert refusing_server.query(count) == [(1,)]
    page.context.close()


EARLY = {  # who, where, what is filled in before the scripts come, and what shows that they have seen it
    "offer": (
        "acteur09",
        "/my/aptic/provider/{provider}/offers/new?service_id={service}",
        {"#offer_price": "12,00"},
        ".o_aptic_share:has-text('2,00')",
    ),
    "place": (
        "acteur09",
        "/my/aptic/provider/{provider}/places/new",
        {"#place_zip": "33000"},
        "#place_territory option:has-text('Bordeaux')",
    ),
    "pathway": (
        "fablab",
        "/my/aptic/provider/{provider}/pathways/new",
        {"#pathway_offer_1": 1},
        ".o_aptic_share:has-text('chèque')",
    ),
    "territory": (
        "departement",
        "/my/aptic/orders/new",
        {"#territory_term": "33063"},
        ".o_aptic_found button:has-text('Bordeaux')",
    ),
    "join-text": ("nouveau", "/my/aptic/join", {"#join_name": "Écrit tôt"}, ".o_aptic_saved:has-text('Enregistré')"),
    "join-list": ("nouveau", "/my/aptic/join", {"#join_legal_form": 1}, ".o_aptic_saved:has-text('Enregistré')"),
    "join-choice": ("nouveau", "/my/aptic/join", {"#acts_as_agent": True}, ".o_aptic_saved:has-text('Enregistré')"),
}


def fill_in(page, fields):
    """Fill fields in by selector: a text is typed, a number is the rank of an option, True ticks."""
    for field, value in fields.items():
        if value is True:
            page.check(field)
        elif isinstance(value, int):
            page.select_option(field, index=value)
        else:
            page.fill(field, value)


@pytest.mark.parametrize("form", EARLY)
def test_what_is_typed_before_the_scripts_come_counts(refusing_server, browser, form):
    """On a slow network a form is filled in before its scripts are there: they look at what they find."""
    login, address, fields, seen = EARLY[form]
    if "{" in address:
        (service,) = refusing_server.query("SELECT min(id) FROM aptic_service WHERE active")[0]
        address = address.format(provider=provider_of(refusing_server, login), service=service)
    page = browser.page(refusing_server, login)
    refusing_server.query("DELETE FROM aptic_join_draft")
    with before_the_scripts(page, address):
        fill_in(page, fields)
        assert not page.locator(seen).count()
    page.wait_for_selector(seen, state="attached")
    assert not page.script_errors
    page.context.close()


def test_a_member_is_revoked_while_scanning(refusing_server, browser, rpc):
    """The next scan is refused in words, and pays nothing."""
    page = browser.page(refusing_server, "mediateur")
    page.goto("/my/aptic/scan")
    page.wait_for_selector(".o_aptic_scan[data-stage=place]")
    page.keyboard.type("1", delay=120)
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
    count = "SELECT count(*) FROM aptic_redemption"
    before = refusing_server.query(count)
    provider = provider_of(refusing_server, "mediateur")
    (member,) = refusing_server.query(
        "SELECT m.id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = 'mediateur' AND m.active"
    )[0]
    manager = rpc(refusing_server, "fablab")
    action = f"/my/aptic/provider/{provider}/members/{member}"
    values = fields_of(manager.get(f"/my/aptic/provider/{provider}/members").text, action)
    answer = manager.session.post(manager.url + action, data={**values, "act": "revoked"}, timeout=60)
    assert answer.status_code == 200
    page.keyboard.type("000000000000000000000000", delay=4)
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_aptic_problem, .alert-danger, .alert-warning")
    words = page.locator(".o_aptic_problem, .alert-danger, .alert-warning").first.inner_text()
    assert len(words.split()) >= 5, words
    assert refusing_server.query(count) == before
    page.reload()
    page.wait_for_load_state("networkidle")
    assert not page.locator(".o_aptic_scan[data-stage=voucher]").count()
    page.context.close()


def test_a_killed_worker_leaves_no_half_paper(server, rpc):
    """The server is killed (-9) while papers come in: each is there whole or not at all, and can be sent again."""
    running = server(workers=2, durable=True, quiet=False)
    session = rpc(running, "acteur09")
    provider = provider_of(running, "acteur09")
    action = f"/my/aptic/provider/{provider}/papers"
    (kind,) = running.query("SELECT id FROM aptic_paper_type WHERE code = 'company_rib'")[0]
    count = "SELECT count(*) FROM aptic_paper WHERE provider_id = %s AND type_id = %s"
    before = running.query(count, (provider, kind))[0][0]
    answered, stop = [], threading.Event()

    def send(number):
        values = {**fields_of(session.get(action).text, action), "type_id": kind, "owner_id": 0, "keep": "1"}
        files = {"files": (f"rib-{number}.pdf", papers.example(f"RIB {number}"), "application/pdf")}
        answer = session.session.post(session.url + action, data=values, files=files, allow_redirects=False, timeout=60)
        if answer.status_code == 303:
            answered.append(number)

    def work():
        number = 0
        while not stop.is_set():
            number += 1
            try:
                send(number)
            except (requests.RequestException, TypeError):
                return

    thread = threading.Thread(target=work)
    thread.start()
    while len(answered) < 3 and thread.is_alive():
        stop.wait(0.05)
    running.kill()
    stop.set()
    thread.join()
    assert len(answered) >= 3, "papers came in before the kill"
    running.start()
    found = running.query(count, (provider, kind))[0][0] - before
    assert len(answered) <= found <= len(answered) + 1, "an answered success is there, once"
    assert running.query(HALF_PAPERS) == []
    again = rpc(running, "acteur09")
    values = {**fields_of(again.get(action).text, action), "type_id": kind, "owner_id": 0, "keep": "1"}
    files = {"files": ("rib.pdf", papers.example("RIB encore"), "application/pdf")}
    answer = again.session.post(again.url + action, data=values, files=files, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    assert running.query(count, (provider, kind))[0][0] == before + found + 1


HALF_PAPERS = """
    SELECT p.id FROM aptic_paper p
     WHERE p.state = 'received'
       AND NOT EXISTS (SELECT 1 FROM ir_attachment a WHERE a.res_model = 'aptic.paper' AND a.res_id = p.id)
"""


@pytest.mark.parametrize("words", ("\u0000", "é" * 3000, "<script>alert(1)</script>"), ids=("nul", "long", "script"))
def test_strange_words_in_a_form(refusing_server, rpc, words):
    """Signs that no database holds, far too many, or a script: refused or cut, never a traceback, never run."""
    session = rpc(refusing_server, "acteur09")
    provider = provider_of(refusing_server, "acteur09")
    action = f"/my/aptic/provider/{provider}/places/new"
    values = {
        **fields_of(session.get(action).text, action),
        **place_form(refusing_server, provider, f"Étrange {words}"),
    }
    answer = session.session.post(session.url + action, data=values, timeout=60)
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
