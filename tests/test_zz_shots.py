import pytest
from tests.support.browser import Browser

def test_shots(shared_server, browser):
    for width, name in ((1280, "wide"), (390, "phone")):
        page = browser.page(shared_server, "departement", viewport={"width": width, "height": 900})
        page.goto("/my/aptic")
        for kind in ("keys", "webhooks"):
            page.goto("/my/aptic")
            page.locator(f'a[href$="/{kind}"]').first.click()
            page.wait_for_load_state("networkidle")
            page.screenshot(path=f"/tmp/shot-{kind}-{name}.png", full_page=True)
            if kind == "keys":
                page.fill("#api_key_name", "Tableur")
                page.check("#api_purpose_0")
                page.click("text=Créer la clé")
                page.wait_for_selector("#api_secret_value")
                page.screenshot(path=f"/tmp/shot-secret-{name}.png", full_page=True)
        page.context.close()
