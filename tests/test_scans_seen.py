"""Scans looked back on in a real browser: the provider's history and receipts, the team on the telephone."""

import io
import re

import pypdfium2

from tests.support import backoffice
from tests.support.desk import Desk
from tests.support.walk import PHONE, Walk

PATIENCE = 120_000  # ms; the server makes the scripts of the back office when they are first asked for
FIELDS = ("provider_id", "member_id", "place_id", "offer_id", "audience_id")


def choose(page, name, text):
    """Type a name into a field of the dialog, take it from what is offered, and wait for what follows from it."""
    field = page.locator(f".modal .o_field_widget[name='{name}'] input")
    field.fill(text)
    page.locator(".o-autocomplete--dropdown-item", has_text=text).first.click()
    page.wait_for_selector(".o-autocomplete--dropdown-menu", state="detached")
    backoffice.settle(page)
    assert field.input_value() == text


def dictate(page, names, code, reason="Pas de réseau, rappelé au numéro du lieu", walk=None):
    page.evaluate("sessionStorage.clear()")  # else the client opens the act that it showed last
    page.goto("/odoo/action-aptic_voucher.aptic_redemption_action")
    page.locator("button:has-text('Encaisser par téléphone')").first.click()
    page.wait_for_selector(".modal .o_form_view")
    for name in FIELDS:
        choose(page, name, names[name])
    page.locator(".modal .o_field_widget[name='codes'] textarea").fill(code)
    page.locator(".modal .o_field_widget[name='reason'] input").fill(reason)
    if walk:
        walk.shot(page, "40-encaisser-par-telephone", full=False)
    page.locator(".modal button[name='action_redeem']").click()


def test_history_and_receipts(shared_server, browser):
    running, walk = shared_server, Walk(shared_server, browser)
    desk = Desk(running)
    code, *others = desk.vouchers(10)[:6]
    session = desk.session("mediateur")
    act = desk.redeem(session, code)["redemption_id"]
    for other in others:
        desk.redeem(session, other)
    page = walk.page("fablab")
    page.goto("/my/aptic/redemptions")
    page.locator("[data-redemption] summary").first.click()
    page.locator("[data-redemption] input[name='reason']").first.fill("Mauvais service choisi")
    page.locator("[data-redemption] form button").first.click()
    page.wait_for_selector("[data-cancelled]")
    assert "Mauvais service choisi" in page.inner_text("[data-cancelled]")
    page.goto("/my/aptic/redemptions?period=all")
    walk.shot(page, "36-mes-scans", full=False)
    page.fill("input[name='q']", code)
    page.press("input[name='q']", "Enter")
    page.wait_for_url(lambda url: "q=" in url)
    assert code[10:] not in page.url and code[10:] not in page.content()
    assert page.locator("[data-redemption]").count() == 1
    with page.expect_download() as download:
        page.click("a:has-text('Tableur')")
    assert download.value.suggested_filename.endswith(".xlsx")

    # The first copy opens the printing window, once; also a reload does not open it again.
    page.add_init_script("window.prints = 0; window.print = () => { window.prints++; }")
    page.click(f"[data-redemption='{act}'] a:has-text('Reçu')")
    page.wait_for_url(re.compile(r"/receipt$"))
    walk.shot(page, "37-recu")
    page.click("form[action$='/print'] button")
    page.wait_for_url(re.compile(r"copy=\d+"))
    page.wait_for_function("window.prints === 1")
    assert "uplicata" not in page.inner_text(".o_aptic_receipt")
    page.reload()
    page.wait_for_timeout(700)
    assert page.evaluate("window.prints") == 0

    # On the paper of a ticket printer: one page, nothing but the receipt, nothing cut off.
    with pypdfium2.PdfDocument(io.BytesIO(page.pdf(width="80mm", height="200mm"))) as ticket:
        assert len(ticket) == 1
        words = ticket[0].get_textpage().get_text_range()
    for said in ("SIRET", "Payé par le bénéficiaire", "ne vaut pas facture", code[:10]):
        assert said in words
    assert "Imprimer" not in words and "Copyright" not in words
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 302, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 302
    page.emulate_media(media="screen")

    phone = browser.page(running, "mediateur", **PHONE)
    phone.goto(f"/my/aptic/redemptions/{act}/receipt")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    with phone.expect_download() as download:
        phone.click("form[action$='/pdf'] button")
    assert download.value.suggested_filename == f"Reçu APTIC {act} duplicata 1.pdf"
    phone.fill("input[name='address']", "pas une adresse")
    phone.click("form[action$='/mail'] button")
    phone.wait_for_selector("#receipt_error")
    assert phone.input_value("input[name='address']") == "pas une adresse"
    phone.goto("/my/aptic/redemptions?period=all")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.script_errors and not phone.script_errors


def test_a_call(shared_server, browser):
    running, walk = shared_server, Walk(shared_server, browser)
    desk = Desk(running)
    code, other = desk.vouchers(10)[:2]
    (names,) = running.query(
        """SELECT r.name AS provider_id, u.name AS member_id, pl.name AS place_id, o.name AS offer_id,
                  a.name->>'fr_FR' AS audience_id
             FROM aptic_provider p JOIN res_partner r ON r.id = p.partner_id
             JOIN aptic_member m ON m.provider_id = p.id AND m.role = 'mediator' AND m.active
             JOIN res_users us ON us.id = m.user_id JOIN res_partner u ON u.id = us.partner_id
             JOIN aptic_place pl ON pl.id = %s JOIN aptic_offer o ON o.id = %s JOIN aptic_audience a ON a.id = %s
            WHERE p.id = %s LIMIT 1""",
        (desk.place_id, desk.offer_id, desk.audience_id, desk.provider_id),
    )
    names = dict(zip(FIELDS, names, strict=True))
    page = browser.page(running)
    page.set_default_timeout(PATIENCE)
    browser.login(page, "camille")
    dictate(page, names, f"{code[:4]} {code[4:]}", walk=walk)
    page.wait_for_selector(".o_form_view:not(.modal *) .o_field_widget[name='staff_reason']")
    assert "Pas de réseau" in page.inner_text(".o_form_view")
    ((act, staff, reason, state),) = running.query(
        """SELECT r.id, u.login, r.staff_reason, r.state FROM aptic_redemption r JOIN res_users u ON u.id = r.staff_id
            WHERE r.serials = %s""",
        (str(int(code[:10])),),
    )
    assert (staff, reason, state) == ("camille", "Pas de réseau, rappelé au numéro du lieu", "done")

    # The same voucher again: refused in the dialog, where everything that was typed is still there.
    dictate(page, names, code)
    alert = page.wait_for_selector(".modal .alert-danger:visible")
    assert "déjà été utilisé" in alert.inner_text()
    codes = page.locator(".modal .o_field_widget[name='codes'] textarea")
    assert codes.input_value() == code
    codes.fill(other)
    page.locator(".modal button[name='action_redeem']").click()
    page.wait_for_selector(".modal", state="detached")
    serials = [str(int(one[:10])) for one in (code, other)]
    assert running.query(
        "SELECT count(*) FROM aptic_redemption WHERE staff_id IS NOT NULL AND serials = ANY(%s)", (serials,)
    ) == [(2,)]
    ((kept,),) = running.query("SELECT count(*) FROM aptic_redemption_phone")
    assert kept == 0

    # Cancelled with a reason, by the button of the form.
    backoffice.open_record(page, "aptic.redemption", act)
    page.locator("button[name='action_cancel']:visible").first.click()
    page.wait_for_selector(".modal .o_form_view")
    page.locator(".modal .o_field_widget[name='reason'] input").fill("Mauvais service")
    page.locator(".modal button[name='action_cancel']").click()
    page.wait_for_selector(".modal", state="detached")
    backoffice.settle(page)
    assert running.query("SELECT state FROM aptic_redemption WHERE id = %s", (act,)) == [("cancelled",)]
    assert not page.locator("button[name='action_cancel']:visible").count()
    page.locator("button[name='action_open_receipt']:visible").first.click()
    page.wait_for_url(re.compile(r"/receipt$"))
    assert "ANNULÉ" in page.inner_text(".o_aptic_receipt")
    assert not page.script_errors
