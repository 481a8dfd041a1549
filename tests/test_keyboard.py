"""The keyboard alone is enough: from the log in to a place, a service, papers, the plan and the signed charter."""

import re

import pytest

from tests.support import papers
from tests.support.joining import Joining
from tests.support.keys import Keys


@pytest.fixture
def keys(refusing_server, browser):
    """A function that logs a person in with the keyboard."""
    opened = []

    def log_in(login):
        page = browser.page(refusing_server)
        opened.append(page)
        keys = Keys(page)
        page.goto("/web/login")
        if page.evaluate("document.activeElement.name") != "login":
            keys.reach("input[name=login]")
        page.keyboard.type(login)
        keys.type("input[name=password]", login)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return keys

    yield log_in
    errors = [error for page in opened for error in page.script_errors]
    for page in opened:
        page.context.close()
    assert not errors, errors


def one(server, statement, *arguments):
    return server.query(statement, arguments)[0][0]


def provider_of(server, login):
    statement = "SELECT m.provider_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s"
    return one(server, statement, login)


def test_the_first_stop_skips_the_frame(keys):
    hands = keys("fablab")
    hands.page.goto("/my/aptic")
    hands.page.keyboard.press("Tab")
    assert hands.page.evaluate("document.activeElement.getAttribute('href')") == "#wrap"
    hands.page.keyboard.press("Enter")
    hands.page.keyboard.press("Tab")
    assert hands.page.evaluate("!!document.activeElement.closest('#wrap')"), "the next stop is in the page itself"


def test_from_the_log_in_to_a_place_and_a_service(keys, refusing_server):
    hands = keys("acteur09")
    page = hands.page
    provider = provider_of(refusing_server, "acteur09")
    page.goto("/my/aptic")
    hands.go("a[href$='/places']")
    hands.go("a[href$='/places/new']")
    hands.type("#place_name", "Atelier au clavier")
    hands.reach("#place_type")
    page.keyboard.press("ArrowDown")
    hands.type("#place_street", "1 rue du Clavier")
    hands.type("#place_zip", "33000")
    page.wait_for_selector("#place_territory option:has-text('Bordeaux')", state="attached")
    hands.go(".o_aptic_place_form button[type=submit]")
    assert page.url.split("?")[0].endswith("/places"), page.url
    assert (
        one(
            refusing_server,
            "SELECT count(*) FROM aptic_place WHERE name = 'Atelier au clavier' AND provider_id = %s",
            provider,
        )
        == 1
    )
    page.goto(f"/my/aptic/provider/{provider}/offers/choose")
    hands.press("#aptic_levels .accordion-button.collapsed")
    page.wait_for_selector("#aptic_levels .accordion-collapse.show a:visible")
    hands.go("#aptic_levels a.list-group-item")
    hands.type("#offer_price", "11")
    hands.go(".o_aptic_offer_form button[type=submit]")
    assert re.search(r"/offers(\?|$)", page.url), page.url
    assert (
        one(refusing_server, "SELECT price_cents FROM aptic_offer WHERE provider_id = %s ORDER BY id DESC", provider)
        == 1100
    )


def test_a_paper_is_sent_and_a_plan_is_chosen(keys, refusing_server):
    hands = keys("acteur09")
    page = hands.page
    provider = provider_of(refusing_server, "acteur09")
    count = "SELECT count(*) FROM aptic_paper WHERE provider_id = %s"
    before = one(refusing_server, count, provider)
    page.goto(f"/my/aptic/provider/{provider}/papers")
    section = "section[data-type=company_rib]"
    hands.reach(f"{section} summary")
    if not page.locator(f"{section} details[open]").count():
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{section} details[open]")
    with page.expect_file_chooser() as chooser:  # asked for before the walk: Chromium must know before Enter
        hands.press(f"{section} input[type=file]")
    chooser.value.set_files({"name": "rib.pdf", "mimeType": "application/pdf", "buffer": papers.example("RIB")})
    hands.go(f"{section} button[type=submit]")
    assert one(refusing_server, count, provider) == before + 1
    page.goto(f"/my/aptic/provider/{provider}/subscription")
    hands.reach("input[name=plan]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.value")
    hands.go("main form:has(input[name=plan]) button[type=submit]")
    assert (
        one(refusing_server, "SELECT plan FROM aptic_subscription WHERE provider_id = %s ORDER BY id DESC", provider)
        == chosen
    )


def test_the_charter_is_signed(keys, refusing_server):
    hands = keys("acteur10")
    page = hands.page
    provider = provider_of(refusing_server, "acteur10")
    page.goto(f"/my/aptic/provider/{provider}/charter")
    page.wait_for_selector(".aptic_charter_form canvas")
    hands.reach(".aptic_charter_form input[type=radio]")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector(".aptic_charter_form button[type=submit]:enabled")
    hands.press(".aptic_charter_form button[type=submit]")
    page.wait_for_selector("#aptic_signed")
    assert one(refusing_server, "SELECT state FROM aptic_provider WHERE id = %s", provider) == "chartered"


def test_the_questionnaire_is_answered(keys, browser, refusing_server):
    way = Joining(refusing_server, browser, "association", "desktop", 901)
    way.sign_up()
    way.join()
    way.close()
    hands = keys(way.login)
    page = hands.page
    page.goto(f"{way.base}/eligibility")
    hands.go("main form button[type=submit]")
    page.wait_for_load_state("networkidle")
    hands.press(".o_survey_form button[value=start]")
    for theme in range(1, 6):
        page.wait_for_selector(f".breadcrumb li:nth-child({theme}).active")
        for name in dict.fromkeys(
            page.locator(".o_survey_form input[type=radio], .o_survey_form input[type=checkbox]").evaluate_all(
                "boxes => boxes.map(box => box.name)"
            )
        ):
            hands.reach(f".o_survey_form input[name='{name}']")
            page.keyboard.press("Space")
        hands.press(".o_survey_form button[type=submit]:not(.o_survey_navigation_submit)")
    page.wait_for_selector(".modal .btn-primary")
    hands.press(".modal .btn-primary")
    page.wait_for_selector(".o_survey_finished, :text('merci')")
