"""The whole way, as the people walk it: from a sign-up to a reconciled counter-payment, each on their own screen.

The acts build on each other: run the file whole (``./aptic test -k cycle``).
"""

import importlib.util
import os
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg2.errors
import pytest
from lxml import etree

from tests.support import backoffice, bank, ordering, papers
from tests.support.joining import BEST_ANSWERS
from tests.support.walk import PHONE, Walk

LOGIN, PASSWORD, SIRET = "claire3@atelier.example", "claire3@atelier.example", "90123453400013"


@pytest.fixture(scope="module")
def walk(stage, browser):
    running = stage.serve(workers=3)
    story = Walk(running, browser)
    yield story
    story.close()
    running.close()
    problems = running.problems(refusals=True)
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
    page.check("#acts_as_representative")
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


def test_a_place_and_services_are_declared(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/places/new")
    page.fill("#place_name", "L'Atelier, cours Victor-Hugo")
    page.select_option("#place_type", index=1)
    page.fill("#place_street", "12 cours Victor-Hugo")
    page.fill("#place_zip", "33000")
    page.wait_for_selector("#place_territory option:has-text('Bordeaux')", state="attached")
    page.select_option(
        "#place_territory", label=page.locator("#place_territory option:has-text('Bordeaux')").inner_text()
    )
    walk.shot(page, "07-lieu")
    page.click(".o_aptic_place_form button[type=submit]")
    page.wait_for_url(re.compile(r"/places(\?|$)"))
    walk.facts["place"] = walk.one("SELECT id FROM aptic_place WHERE provider_id = %s", provider)
    for number, price in ((0, "10"), (1, "12,00")):
        page.goto(f"/my/aptic/provider/{provider}/offers/choose")
        page.locator("#aptic_levels a.list-group-item:visible").nth(number).click()
        page.fill("#offer_price", price)
        if number:
            page.wait_for_selector(".o_aptic_share:has-text('2,00')")  # what the beneficiary adds
            walk.shot(page, "07-service")
        page.click(".o_aptic_offer_form button[type=submit]")
        page.wait_for_url(re.compile(r"/offers(\?|$)"))
    assert walk.server.query("SELECT price_cents FROM aptic_offer WHERE provider_id = %s ORDER BY id", (provider,)) == [
        (1000,),
        (1200,),
    ]


def test_bank_details_wait_for_a_second_person(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/bank")
    page.fill("#bank_holder", "ASSOCIATION ATELIER CLAIRE")
    page.fill("#bank_iban", "FR76 3000 6000 0112 3456 7890 188")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".is-invalid, .invalid-feedback, .alert-danger")
    page.fill("#bank_iban", "FR76 3000 6000 0112 3456 7890 189")
    page.click("main form button[type=submit]")
    change = walk.wait_for("SELECT id FROM aptic_bank_change WHERE provider_id = %s", provider)
    assert walk.press("camille", "aptic.bank.change", change, "action_approve") is None
    assert walk.one("SELECT bank_account_id IS NOT NULL FROM aptic_provider WHERE id = %s", provider)


def test_papers_are_sent_and_checked(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/papers")
    valid = (date.today() + timedelta(days=900)).isoformat()
    codes = ("association_jo", "association_ag", "association_statutes", "association_id")
    assert page.locator("section[data-state=missing]:has(input[type=file])").count() >= len(codes)
    for code in codes:
        card = page.locator(f"section[data-type={code}]")
        card.locator("input[type=file]").set_input_files(
            {"name": f"{code}.pdf", "mimeType": "application/pdf", "buffer": papers.example(code)}
        )
        if card.locator("input[name=expires_on]").count():
            card.locator("input[name=expires_on]").fill(valid)
            walk.shot(page, "07-pieces")
        card.locator("button[type=submit]").click()
        page.wait_for_selector(f"section[data-type={code}][data-state=received]")
    page.goto(f"/my/aptic/provider/{provider}/papers")
    walk.shot(page, "07-pieces-recues")
    received = walk.server.query("SELECT id FROM aptic_paper WHERE provider_id = %s ORDER BY id", (provider,))
    assert len(received) == len(codes)
    for number, (paper,) in enumerate(received):
        shot = None if number else "07-piece-a-verifier"
        assert walk.press("camille", "aptic.paper", paper, "action_accept", shot) is None
    page.reload()
    assert page.locator("section[data-state=accepted]").count() == len(codes)


def test_a_plan_is_chosen_and_sleeps(walk):
    page, provider = walk.page(LOGIN), walk.facts["provider"]
    page.goto(f"/my/aptic/provider/{provider}/subscription")
    page.check("#plan_monthly")
    page.click("main form button[type=submit]")
    page.wait_for_selector("#aptic_plan")
    walk.shot(page, "08-abonnement")
    assert walk.one("SELECT state FROM aptic_subscription WHERE provider_id = %s", provider) == "sleeping"
    assert walk.state("aptic_provider", provider) == "active"


# ------------------------------------------------------------------ a sponsor
def test_a_sponsor_orders_with_rules(walk):
    page = walk.page("departement")
    page.goto("/my/aptic/orders/new")
    page.fill("#quantity", "33")
    page.click(".o_aptic_order_form button[type=submit]")
    if not page.locator(".alert-danger").count():  # the browser itself refuses what is no multiple of five
        assert not page.locator("#quantity").evaluate("box => box.validity.valid")
    page.fill("#quantity", "20")
    page.check("#size_10")
    page.fill("#message", "Avec le Département, le numérique pour tous")
    page.fill("#territory_term", "33063")
    page.click(".o_aptic_found button")
    category = walk.one(
        "SELECT DISTINCT category_id FROM aptic_offer WHERE provider_id = %s",
        walk.facts["provider"],
    )
    page.check(f"#category_{category}")
    page.fill("#last_day", (date.today() + timedelta(days=200)).isoformat())
    ordering.fill_in_details(page)
    walk.shot(page, "10-commande")
    page.click(".o_aptic_order_form button[type=submit]")
    page.wait_for_url(re.compile(r"/my/aptic/orders/\d+$"))
    order = walk.facts["order"] = int(page.url.rstrip("/").split("/")[-1])
    assert walk.state("aptic_order", order) == "draft"
    assert walk.server.query("SELECT booklets FROM aptic_order_delivery WHERE order_id = %s ORDER BY id", (order,)) == [
        (1,),
        (1,),
    ]


def test_the_sponsor_signs_its_quote(walk):
    ordering.sign(walk, walk.facts["order"])


def test_the_proof_is_sent_back_then_approved(walk):
    ordering.answer_the_proof(walk, walk.facts["order"])


def test_booklets_are_issued_and_printed(walk):
    order = walk.facts["order"]
    assert walk.press("camille", "aptic.order", order, "action_issue") is None
    assert walk.state("aptic_order", order) == "printed"
    page = walk.page("camille")
    with page.expect_download() as download:
        backoffice.press(page, "action_print")
    pdf = download.value.path()
    pictures = list(papers.images(pdf))
    walk.facts["codes"] = [code for picture in pictures for code in papers.barcodes(picture)]
    assert len(walk.facts["codes"]) == 20
    if os.environ.get("APTIC_IMAGES"):
        pictures[0].save(f"{os.environ['APTIC_IMAGES']}/14-carnet.png")
    assert walk.press("camille", "aptic.order", order, "action_deliver") is None


def test_no_activation_without_the_bank(walk):
    order = walk.facts["order"]
    refusal = walk.press("camille", "aptic.order", order, "action_activate")
    assert refusal and "200" in refusal, refusal
    assert walk.state("aptic_order", order) == "delivered"
    with pytest.raises(psycopg2.errors.CheckViolation):
        walk.server.query("UPDATE aptic_order SET activated_cents = 20000 WHERE id = %s", (order,))


def test_the_bank_file_funds_the_order(walk):
    order = walk.facts["order"]
    reference = walk.one(
        "SELECT m.payment_reference FROM aptic_order o JOIN account_move m ON m.id = o.face_move_id WHERE o.id = %s",
        order,
    )
    walk.import_bank_file([bank.Entry(20_000, f"VIREMENT {reference}", name="PAIERIE DEPARTEMENTALE")])
    assert walk.one("SELECT funded_cents FROM aptic_order WHERE id = %s", order) == 20_000
    assert walk.press("camille", "aptic.order", order, "action_activate", "16-commande-active") is None
    assert walk.state("aptic_order", order) == "active"
    page = walk.page("departement")
    page.goto(f"/my/aptic/orders/{order}")
    walk.shot(page, "17-commande-suivie")


# ------------------------------------------------------------------- the desk
def test_the_provider_scans_without_the_mouse(walk):
    page, codes = walk.page(LOGIN), walk.facts["codes"]
    page.goto("/my/aptic/scan")
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
    walk.shot(page, "20-scan-pret")
    scan(page, codes[0])
    page.wait_for_selector(".o_aptic_scan[data-stage=service]")
    walk.shot(page, "21-scan-service")
    choose(page, 1)
    page.wait_for_selector(".o_aptic_scan[data-stage=audience]")
    choose(page, 1)
    page.wait_for_selector(".o_aptic_scan[data-stage=confirm]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_aptic_done")
    walk.shot(page, "22-scan-paye")
    assert redeemed(walk) == [(1000, 0)]
    scan(page, codes[0])
    page.wait_for_selector(".o_aptic_problem[data-status=used]")
    walk.shot(page, "23-scan-deja-utilise")
    assert redeemed(walk) == [(1000, 0)]


def test_a_dearer_service_is_paid_in_part(walk):
    page, codes = walk.page(LOGIN), walk.facts["codes"]
    page.goto("/my/aptic/scan")
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
    scan_azerty(page, codes[1])
    page.wait_for_selector(".o_aptic_scan[data-stage=service]")
    choose(page, 2)
    page.wait_for_selector(".o_aptic_scan[data-stage=audience]")
    choose(page, 2)
    page.wait_for_selector(".o_collect[data-cents='200']")
    walk.shot(page, "24-scan-complement")
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_aptic_done")
    assert redeemed(walk) == [(1000, 0), (1000, 200)]


def test_a_network_cut_pays_once(walk):
    page, codes = walk.page(LOGIN), walk.facts["codes"]
    page.goto("/my/aptic/scan")
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
    scan(page, codes[2])
    page.wait_for_selector(".o_aptic_scan[data-stage=service]")
    choose(page, 1)
    page.wait_for_selector(".o_aptic_scan[data-stage=audience]")
    choose(page, 1)
    page.wait_for_selector(".o_aptic_scan[data-stage=confirm]")
    page.route("**/my/aptic/scan/redeem", lambda route: (route.fetch(), route.abort()))  # done there, not heard here
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_aptic_scan[data-stage=kept]")
    page.unroute("**/my/aptic/scan/redeem")
    page.wait_for_selector("[data-fate=paid].o_aptic_done")
    assert redeemed(walk) == [(1000, 0), (1000, 200), (1000, 0)]


def test_the_sponsor_sees_its_counts_move(walk):
    page = walk.page("departement")
    page.goto(f"/my/aptic/orders/{walk.facts['order']}")
    seen = {name: page.locator(f"[data-count={name}]").inner_text() for name in ("activated", "started", "redeemed")}
    assert seen == {"activated": "20", "started": "1", "redeemed": "3"}


def test_a_phone_shows_the_desk(walk):
    page = walk.browser.page(walk.server, LOGIN, **PHONE)
    page.goto("/my/aptic/scan")
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
    walk.shot(page, "25-scan-telephone")
    page.context.close()


def test_the_first_scan_wakes_the_subscription(walk):
    provider = walk.facts["provider"]
    state = walk.one("SELECT state FROM aptic_subscription WHERE provider_id = %s", provider)
    assert state in ("waking", "running")
    walk.wait_for(
        "SELECT s.id FROM aptic_subscription s JOIN contract_contract c ON c.id = s.contract_id "
        "WHERE s.provider_id = %s AND s.state = 'running'",
        provider,
    )


def scan(page, code):
    """Type a code as a scanner does: fast, with an Enter at the end."""
    page.keyboard.type(code, delay=4)
    page.keyboard.press("Enter")


def scan_azerty(page, code):
    """Type a code as a scanner does that takes the French keyboard for an American one: keys, but other characters."""
    keys = page.context.new_cdp_session(page)
    for digit in code:
        character = "à&é\"'(-è_ç"[int(digit)]
        event = {"key": character, "code": f"Digit{digit}", "text": character, "unmodifiedText": character}
        keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    page.keyboard.press("Enter")


def choose(page, position):
    """Type the number of the choice at a position, counted from 1."""
    number = page.locator(".o_aptic_choice[data-number]").nth(position - 1).get_attribute("data-number")
    page.keyboard.type(number, delay=120)  # as fingers do: slower than a scanner


def redeemed(walk):
    return walk.server.query(
        "SELECT face_cents, copay_cents FROM aptic_redemption WHERE provider_id = %s ORDER BY id",
        (walk.facts["provider"],),
    )


# ------------------------------------------------------------------ month end
def test_the_month_is_settled_by_two_persons(walk):
    today = date.today()
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    walk.forget()
    walk.facts["days_ahead"] = (first - today).days + 1
    walk.server.restart(days_ahead=walk.facts["days_ahead"])
    page = walk.page("compta")
    page.goto("/odoo/aptic.settlement/new")
    page.wait_for_selector(backoffice.FORM)
    assert backoffice.press(page, "action_compute") is None
    settlement = walk.one("SELECT id FROM aptic_settlement WHERE cutoff_day = %s", first)
    assert walk.state("aptic_settlement", settlement) == "computed"
    walk.shot(page, "30-reglement", full=False)
    refusal = backoffice.press(page, "action_approve")
    assert refusal, "who computed does not approve"
    assert walk.press("approbation", "aptic.settlement", settlement, "action_approve", "31-reglement-approuve") is None
    walk.facts["settlement"] = settlement
    statement = walk.one(
        "SELECT id FROM aptic_statement WHERE settlement_id = %s AND provider_id = %s",
        settlement,
        walk.facts["provider"],
    )
    walk.facts["statement"] = statement
    row = "SELECT gross_cents, fee_cents, net_cents, fund_cents, state FROM aptic_statement WHERE id = %s"
    assert walk.server.query(row, (statement,)) == [(3000, 120, 2880, 30, "approved")]
    assert walk.server.query(PAYABLE, (statement,)) == [(Decimal("-28.80"),)]


def test_one_payment_order_goes_to_the_bank(walk):
    settlement = walk.facts["settlement"]
    assert walk.press("compta", "aptic.settlement", settlement, "action_make_payment_order", "32-virements") is None
    order = walk.one(
        "SELECT DISTINCT order_id FROM account_payment_line WHERE aptic_statement_id = %s", walk.facts["statement"]
    )
    walk.facts["payment_order"] = order
    session = walk.rpc("compta")
    document = etree.fromstring(session.get(f"/aptic/payment-order/{order}/file").content)
    assert document.tag == "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}Document"
    folder = Path(
        next(
            iter(
                importlib.util.find_spec("odoo.addons.account_banking_sepa_credit_transfer").submodule_search_locations
            )
        )
    )
    schema = etree.XMLSchema(etree.parse(folder / "data/pain.001.001.09.xsd"))
    schema.assertValid(document)
    name = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
    paid = {
        node.findtext("p:PmtId/p:EndToEndId", namespaces=name): node.findtext("p:Amt/p:InstdAmt", namespaces=name)
        for node in document.iterfind(".//p:CdtTrfTxInf", name)
    }
    reference = walk.one("SELECT name FROM aptic_statement WHERE id = %s", walk.facts["statement"])
    assert paid[reference] == "28.80"
    walk.facts["total"] = sum(round(Decimal(amount) * 100) for amount in paid.values())
    assert walk.press("compta", "aptic.settlement", settlement, "action_file_sent") is None
    assert walk.state("aptic_statement", walk.facts["statement"]) == "sent"


def test_the_bank_pays_and_everything_is_reconciled(walk):
    name = walk.one("SELECT name FROM account_payment_order WHERE id = %s", walk.facts["payment_order"])
    walk.import_bank_file([bank.Entry(-walk.facts["total"], f"VIREMENTS SEPA {name}")], "33-releve-bancaire")
    assert walk.state("aptic_statement", walk.facts["statement"]) == "paid"
    assert walk.server.query(PAYABLE, (walk.facts["statement"],)) == [(0,)]
    open_transit = """
        SELECT COALESCE(SUM(l.amount_residual), 0)
          FROM account_move_line l
          JOIN account_payment p ON p.move_id = l.move_id
          JOIN account_account a ON a.id = l.account_id
         WHERE a.reconcile AND p.payment_order_id = %s
    """
    assert walk.server.query(open_transit, (walk.facts["payment_order"],)) == [(0,)]
    page = walk.page(LOGIN)
    page.goto("/my/aptic/statements")
    page.wait_for_selector("#aptic_statements")
    page.goto(f"/my/aptic/statements/{walk.facts['statement']}")
    page.wait_for_selector("#aptic_statement_figures")
    walk.shot(page, "34-releve-acteur")
    answer = page.request.get(f"/my/aptic/statements/{walk.facts['statement']}/pdf")
    words = papers.text(answer.body())
    assert "28,80" in words and "vingt-huit euros" in words.lower(), words[:2000]


def test_bank_accounting_and_ledger_agree(walk):
    session = walk.rpc("compta")
    session.call("aptic.coverage", "action_check_today")
    (proof,) = session.search_read("aptic.coverage", [], ["state", "day"], order="day desc, id desc", limit=1)
    page = walk.page("compta")
    backoffice.open_record(page, "aptic.coverage", proof["id"])
    walk.shot(page, "35-couverture", full=False)
    assert proof["state"] == "ok", proof


PAYABLE = """
    SELECT SUM(l.amount_residual)
      FROM aptic_statement s
      JOIN account_move_line l ON l.move_id = s.move_id
      JOIN res_company c ON c.id = s.company_id AND c.aptic_payable_account_id = l.account_id
     WHERE s.id = %s
"""
