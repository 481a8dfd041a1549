"""Staff on the telephone, in a real browser: redeem for a provider, hear a refusal, cancel, open the receipt."""

import re

from tests.support import backoffice
from tests.support.desk import Desk

FIELDS = ("provider_id", "member_id", "place_id", "offer_id", "audience_id")


def choose(page, name, text):
    """Type a name into a field of the dialog and take the first that is offered."""
    field = page.locator(f".modal .o_field_widget[name='{name}'] input")
    field.fill(text)
    page.locator(".o-autocomplete--dropdown-item a:visible").first.click()


def dictate(page, desk, names, code, reason="Pas de réseau, rappelé au numéro du lieu"):
    page.goto("/odoo/action-aptic_voucher.aptic_redemption_action")
    page.locator("button:has-text('Encaisser par téléphone')").first.click()
    page.wait_for_selector(".modal .o_form_view")
    for name in FIELDS:
        choose(page, name, names[name])
    page.locator(".modal .o_field_widget[name='codes'] textarea").fill(code)
    page.locator(".modal .o_field_widget[name='reason'] input").fill(reason)
    page.locator(".modal button[name='action_redeem']").click()


def test_a_call(server, browser):
    running = server(workers=2)
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
    page = browser.page(running, "camille")
    dictate(page, desk, names, f"{code[:4]} {code[4:]}")
    page.wait_for_selector(".o_form_view:not(.modal *) .o_field_widget[name='staff_reason']")
    assert "Pas de réseau" in page.inner_text(".o_form_view")
    ((act, staff, reason, state),) = running.query(
        """SELECT r.id, u.login, r.staff_reason, r.state FROM aptic_redemption r JOIN res_users u ON u.id = r.staff_id
            WHERE r.serials = %s""",
        (str(int(code[:10])),),
    )
    assert (staff, reason, state) == ("camille", "Pas de réseau, rappelé au numéro du lieu", "done")

    # The same voucher again: refused in the dialog, where everything that was typed is still there.
    dictate(page, desk, names, code)
    alert = page.wait_for_selector(".modal .alert-danger:visible")
    assert "déjà été utilisé" in alert.inner_text() or "a déjà servi" in alert.inner_text(), alert.inner_text()
    codes = page.locator(".modal .o_field_widget[name='codes'] textarea")
    assert codes.input_value() == code
    codes.fill(other)
    page.locator(".modal button[name='action_redeem']").click()
    page.wait_for_selector(".modal", state="detached")
    assert running.query("SELECT count(*) FROM aptic_redemption WHERE staff_id IS NOT NULL") == [(2,)]
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
