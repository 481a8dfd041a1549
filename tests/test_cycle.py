"""The whole way, as the people walk it: from a sign-up to a reconciled counter-payment, each on their own screen.

The acts build on each other: run the file whole (``./aptic test -k cycle``).
"""

import pytest

from tests.support.walk import Walk

LOGIN, PASSWORD, SIRET = "claire3@atelier.example", "claire3@atelier.example", "90123453400013"


@pytest.fixture(scope="module")
def walk(stage, browser):
    running = stage.serve(workers=3)
    story = Walk(running, browser)
    yield story
    story.close()
    running.close()
    problems = running.problems()
    assert not problems, "in the server's log:\n" + "\n".join(problems)


# ----------------------------------------------------------------- a provider
def test_a_visitor_signs_up_and_joins(walk):
    page = walk.browser.page(walk.server)
    walk.pages[LOGIN] = page
    page.goto("/web/signup")
    page.fill("input[name=login]", LOGIN)
    page.fill("input[name=name]", "Claire Martin")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=confirm_password]", PASSWORD)
    page.click("form.oe_signup_form button[type=submit]")
    page.wait_for_url("**/my**")
    page.goto("/my/aptic/join")
    page.fill("input[name=siret]", "90123453400012")
    page.select_option("select[name=legal_form]", "association")
    page.fill("input[name=name]", "L'Atelier numérique de Claire")
    page.fill("input[name=representative_name]", "Claire Martin")
    page.fill("input[name=representative_capacity]", "Présidente")
    page.click("form:has(input[name=siret]) button[type=submit]")
    page.wait_for_selector(".alert-danger")
    assert page.input_value("input[name=name]") == "L'Atelier numérique de Claire", "what was typed is kept"
    page.fill("input[name=siret]", SIRET)
    walk.shot(page, "01-adhesion")
    page.click("form:has(input[name=siret]) button[type=submit]")
    page.wait_for_selector("#aptic_steps")
    walk.shot(page, "02-dossier")
    walk.facts["provider"] = walk.one("SELECT id FROM aptic_provider WHERE siret = %s", SIRET)


def test_the_questionnaire_is_answered_and_reviewed(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/eligibility")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".o_survey_form")
    best = {str(number) for (number,) in walk.server.query(BEST_ANSWERS)}
    page.wait_for_load_state("networkidle")
    page.click(".o_survey_form button[value=start]")
    for theme in range(1, 6):
        page.wait_for_selector(f".breadcrumb li:nth-child({theme}).active")
        for value in page.locator(".o_survey_form input[type=radio], .o_survey_form input[type=checkbox]").evaluate_all(
            "boxes => boxes.map(box => box.value)"
        ):
            if value in best:
                page.locator(f".o_survey_form label:has(input[value='{value}'])").first.click()
        if theme == 1:
            walk.shot(page, "03-questionnaire")
        page.click(".o_survey_form button[type=submit]:visible")
    page.click(".modal .btn-primary")
    page.wait_for_selector(".o_survey_finished, :text('merci')")
    application = walk.one("SELECT id FROM aptic_application WHERE provider_id = %s", provider)
    page.goto(f"/my/aptic/provider/{provider}/eligibility")
    page.wait_for_selector("#aptic_under_review")
    assert not walk.press("camille", "aptic.application", application, "action_confirm", "04-examen")
    assert walk.state("aptic_provider", provider) == "eligible"
    page.reload()
    walk.shot(page, "05-eligible")


BEST_ANSWERS = """
    SELECT DISTINCT ON (a.question_id) a.id
      FROM survey_question_answer a
      JOIN survey_question q ON q.id = a.question_id
      JOIN survey_survey s ON s.id = q.survey_id
     WHERE s.survey_type = 'aptic_eligibility'
  ORDER BY a.question_id, a.answer_score DESC, a.id
"""


def test_the_charter_is_signed(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/charter")
    canvas = page.locator(".aptic_charter_form canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] * 0.6)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 40 + step * 18, box["y"] + box["height"] * (0.6 - 0.25 * (step % 3)))
    page.mouse.up()
    walk.shot(page, "06-charte")
    page.click(".aptic_charter_form button[type=submit]")
    page.wait_for_selector("#aptic_signed")
    with page.expect_download() as download:
        page.click("#aptic_signed a")
    assert download.value.path().read_bytes().startswith(b"%PDF")
    assert walk.state("aptic_provider", provider) == "chartered"


def test_a_plan_is_chosen_and_sleeps(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/subscription")
    page.check("#plan_monthly")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#aptic_plan")
    walk.shot(page, "08-abonnement")
    assert walk.one("SELECT state FROM aptic_subscription WHERE provider_id = %s", provider) == "sleeping"
