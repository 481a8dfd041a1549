"""A session that ends in the middle of something, and a member revoked while scanning: in a real browser."""

import pytest

from tests.support.browser import before_the_scripts

MEMBER = "SELECT m.id, m.provider_id FROM aptic_member m JOIN res_users u ON u.id = m.user_id WHERE u.login = %s"
PLACES = "SELECT count(*) FROM aptic_place WHERE name = %s"
ACTIVE_CODE = "SELECT s.id FROM aptic_order s WHERE s.state = 'active' ORDER BY s.id LIMIT 1"
FIELDS = """() => [...document.querySelector(".o_aptic_place_form").elements]
    .filter((field) => field.name && field.type !== "hidden")
    .map((field) => [field.name, field.value, Boolean(field.checked)])"""
TOWNS = "document.querySelectorAll('#place_territory option').length > 40"
LOGIN = "form.oe_login_form button[type=submit]"


def log_in_again(page, login):
    page.wait_for_selector("form.oe_login_form")
    assert "Votre session a expiré" in page.text_content("main")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click(LOGIN)
    page.wait_for_selector("#aptic_session_expired")


def fill_place(page, provider, name):
    page.goto(f"/my/aptic/provider/{provider}/places/new")
    page.wait_for_load_state("networkidle")
    page.fill("#place_name", name)
    page.select_option("#place_type", index=1)
    page.fill("#place_zip", "64000")
    page.wait_for_function("document.querySelectorAll('#place_territory option').length >= 1")
    page.fill("#place_street", "3 rue du Château")


@pytest.mark.parametrize("viewport", ((1280, 900), (390, 844)))
def test_a_form_outlives_its_session(server, browser, viewport):
    running = server(quiet=False, workers=2)
    provider = running.query(MEMBER, ("fablab",))[0][1]
    page = browser.page(running, "fablab", viewport=dict(zip(("width", "height"), viewport, strict=True)))
    fill_place(page, provider, "Annexe du château")
    page.context.clear_cookies()
    page.click(".o_aptic_place_form button[type=submit]")
    log_in_again(page, "fablab")
    assert f"/provider/{provider}/places/new" in page.url
    page.wait_for_function("document.querySelector('#place_name').value !== ''")
    assert page.input_value("#place_name") == "Annexe du château"
    assert page.input_value("#place_street") == "3 rue du Château"
    assert running.query(PLACES, ("Annexe du château",))[0][0] == 0
    page.wait_for_timeout(500)
    page.click(".o_aptic_place_form button[type=submit]")
    page.wait_for_url("**/places?saved=1**")
    assert running.query(PLACES, ("Annexe du château",))[0][0] == 1
    page.goto(f"/my/aptic/provider/{provider}/places/new")
    page.wait_for_load_state("networkidle")
    assert page.input_value("#place_name") == "", "what was sent does not come back"


def test_what_is_typed_before_the_scripts_come_outlives_its_session(server, browser):
    """Text, list, radio button and tick are kept; what is typed after the return is newer than what was kept."""
    running = server(quiet=False, workers=2)
    provider = running.query(MEMBER, ("fablab",))[0][1]
    page = browser.page(running, "fablab")
    with before_the_scripts(page, f"/my/aptic/provider/{provider}/places/new"):
        page.fill("#place_name", "Annexe écrite tôt")
        page.fill("#place_street", "1 rue du Réseau lent")
        page.fill("#place_zip", "51300")
        page.select_option("#place_type", index=2)
        page.check("#place_presence_priming")
        page.locator("input[name=accessibility_ids]").first.check()
    page.wait_for_function(TOWNS)
    page.select_option("#place_territory", label="Luxémont-et-Villotte")
    typed = page.evaluate(FIELDS)
    page.wait_for_function("Object.values(sessionStorage).some(kept => kept.includes('Annexe écrite tôt'))")
    page.context.clear_cookies()
    page.click(".o_aptic_place_form button[type=submit]")
    log_in_again(page, "fablab")
    page.wait_for_function(TOWNS)
    assert page.evaluate(FIELDS) == typed
    with before_the_scripts(page, page.url):
        page.fill("#place_name", "Annexe écrite plus tard")
        page.check("#place_presence_convention")
    page.wait_for_function("document.querySelector('#place_street').value === '1 rue du Réseau lent'")
    assert page.input_value("#place_name") == "Annexe écrite plus tard"
    assert page.is_checked("#place_presence_convention")
    assert not page.script_errors


def test_a_form_of_an_earlier_session_is_kept(server, browser):
    """Logged in again in another window: the form's own proof is stale."""
    running = server(quiet=False, workers=2)
    provider = running.query(MEMBER, ("fablab",))[0][1]
    page = browser.page(running, "fablab")
    fill_place(page, provider, "Annexe du pont")
    page.context.clear_cookies()
    other = page.context.new_page()
    browser.login(other, "fablab")
    page.click(".o_aptic_place_form button[type=submit]")
    page.wait_for_selector("#aptic_session_expired")
    page.wait_for_function("document.querySelector('#place_name').value === 'Annexe du pont'")
    assert running.query(PLACES, ("Annexe du pont",))[0][0] == 0
    assert not page.script_errors


def test_the_questionnaire_outlives_its_session(server, browser):
    running = server(quiet=False, workers=2)
    page = browser.page(running, "nouveau")
    page.goto("/my/aptic/join")
    page.wait_for_load_state("networkidle")
    page.fill("#join_siret", "44306184100047")
    page.fill("#join_name", "Les Connectés")
    page.wait_for_function("document.querySelector('.o_aptic_saved').textContent.includes('Enregistré')")
    page.goto("/my/aptic")
    page.goto("/my/aptic/join")
    assert page.input_value("#join_name") == "Les Connectés", "kept while it was typed"
    page.select_option("#join_legal_form", "association")
    page.fill("#join_representative", "Nour Benali")
    page.fill("#join_capacity", "Présidente")
    page.check("#acts_as_representative")
    page.click(".o_aptic_join_form button[type=submit]")
    page.wait_for_selector("#aptic_steps")
    page.goto(page.url.split("?")[0] + "/eligibility")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".o_survey_form")
    page.wait_for_load_state("networkidle")
    page.click(".o_survey_form button[value=start]")
    page.wait_for_selector(".o_survey_form input[type=radio]")
    names = page.eval_on_selector_all(".o_survey_form input[type=radio]", "all => [...new Set(all.map(i => i.name))]")
    for name in names:
        page.locator(f".o_survey_form input[name='{name}']").first.check(force=True)
    chosen = page.eval_on_selector_all(".o_survey_form input:checked", "all => all.map(i => i.value)")
    page.context.clear_cookies()
    page.click(".o_survey_form button[type=submit]")
    page.wait_for_selector(".o_aptic_session")
    assert "Vous avez été déconnecté" in page.text_content(".o_aptic_session")
    assert page.is_visible(".o_survey_form_content")
    page.click(".o_aptic_session a")
    page.fill("input[name=login]", "nouveau")
    page.fill("input[name=password]", "nouveau")
    page.click(LOGIN)
    page.wait_for_selector(".o_survey_form input:checked")
    page.wait_for_function(
        "count => document.querySelectorAll('.o_survey_form input:checked').length === count", arg=len(chosen)
    )
    assert page.eval_on_selector_all(".o_survey_form input:checked", "all => all.map(i => i.value)") == chosen
    page.wait_for_load_state("networkidle")
    page.click(".o_survey_form button[type=submit]")
    page.wait_for_selector(".breadcrumb li:nth-child(2).active")
    lines = (
        "SELECT count(*) FROM survey_user_input_line l JOIN aptic_application a ON a.user_input_id = l.user_input_id "
    )
    lines += "JOIN aptic_provider p ON p.id = a.provider_id WHERE p.siret = '44306184100047' AND NOT l.skipped"
    assert running.query(lines)[0][0] >= len(chosen)


def test_a_member_revoked_while_scanning_reads_it(server, browser, rpc):
    running = server(quiet=False, workers=2)
    member, provider = running.query(MEMBER, ("mediateur",))[0]
    desk = browser.page(running, "mediateur")
    desk.goto("/my/aptic/scan")
    desk.wait_for_load_state("networkidle")
    manager = browser.page(running, "fablab")
    manager.goto(f"/my/aptic/provider/{provider}/members")
    manager.click(f"[data-member='{member}'] button[value=revoked]")
    manager.wait_for_selector("#members_notice")
    place = running.query("SELECT id FROM aptic_place WHERE provider_id = %s AND active LIMIT 1", (provider,))[0][0]
    answer = desk.evaluate(
        """async (place) => {
            const params = {place_id: place, codes: ["123456789012345678901234"]};
            const body = {jsonrpc: "2.0", id: 1, method: "call", params};
            const answer = await fetch("/my/aptic/scan/check", {
                method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
            return (await answer.json()).result;
        }""",
        place,
    )
    assert (answer["status"], answer["message_args"]) == ("provider", {"reason": "member"})
    for page in ("/my/aptic/scan", f"/my/aptic/provider/{provider}"):
        assert desk.goto(page).status == 403
