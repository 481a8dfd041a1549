"""The import of providers and places on the staff's screen: nothing before the trial was read, nothing twice."""

import re

from playwright.sync_api import expect

from tests.support.backoffice import settle
from tests.support.joining import siret

GOOD, BAD = siret(7001), "12345678901234"
PROVIDERS = f"""SIRET;Nom;Forme juridique
{GOOD};Les Mains dans le Code;association
{BAD};Chiffres Perdus;association
"""
PLACES = f"""SIRET;Nom du lieu;Type;Code postal;Code INSEE
{GOOD};Salle du Canal;Fablab;33000;33063
{BAD};Nulle part;Fablab;33000;33063
"""
LEFT = rf"Acteur\s+3\s+Chiffres Perdus\s+Laissé SIRET : « {BAD} » n'est pas un SIRET"
ACTION = "/odoo/action-aptic_base.aptic_provider_import_action"


def choose(page, name, text, filename):
    """Give a file to a field of the dialog."""
    page.locator(f".o_dialog .o_field_widget[name='{name}'] input[type=file]").set_input_files(
        {"name": filename, "mimeType": "text/csv", "buffer": text.encode()}
    )
    expect(page.locator(f".o_dialog .o_field_widget[name='{name}'] input.o_input")).to_have_value(filename)


def press(page, label):
    """Press a button at the dialog's foot and return what the dialog says then."""
    page.locator(".o_dialog footer").get_by_role("button", name=label, exact=True).click()
    settle(page)
    page.wait_for_selector(".o_dialog .o_field_widget[name='summary'] p")
    return page.locator(".o_dialog .o_field_widget[name='summary']").inner_text()


def open_import(page):
    """Open the dialog and give it both files."""
    page.goto(ACTION)
    page.wait_for_selector(".o_dialog .o_field_widget[name='content']")
    choose(page, "content", PROVIDERS, "structures.csv")
    choose(page, "place_content", PLACES, "lieux.csv")


def test_a_trial_then_the_import_then_nothing_twice(refusing_server, browser):
    page = browser.page(refusing_server, "camille", viewport={"width": 1280, "height": 900})

    def there():
        return refusing_server.query(
            "SELECT place.name FROM aptic_place place JOIN aptic_provider provider ON provider.id = provider_id"
            " WHERE siret = %s",
            (GOOD,),
        )

    open_import(page)
    told = press(page, "Voir ce qui se passerait")
    assert "Rien n'est encore écrit" in told, told
    assert re.search(LEFT, told), told
    assert there() == [], "a trial writes nothing"

    told = press(page, "Importer")
    assert told.startswith("C'est fait."), told
    assert re.search(LEFT, told), told
    assert there() == [("Salle du Canal",)]

    open_import(page)
    told = press(page, "Voir ce qui se passerait")
    assert "Rien à faire" in told, told
    assert not page.locator(".o_dialog footer").get_by_role("button", name="Importer", exact=True).is_visible()
    assert there() == [("Salle du Canal",)]
