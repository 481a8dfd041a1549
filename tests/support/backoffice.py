"""The back office as staff use it: open a record, press a button of its form, answer the question it asks."""

import re

FORM = ".o_form_view"


def open_record(page, model, number):
    """Open a record's form by its address."""
    page.goto(f"/odoo/{model}/{number}")
    page.wait_for_selector(FORM)


def press(page, button, confirm=True):
    """Press a button of the form by its technical name and wait until the server has answered.

    :param button: the method's name, such as ``action_confirm``.
    :param confirm: press the main button of the question that follows, when one does.
    :return: the text of the error dialog, or None.
    """
    target = page.locator(f"{FORM} button[name='{button}']:visible").first
    if not target.count():
        page.locator(".o_statusbar_buttons .o-dropdown, .o_cp_action_menus button").first.click()
        target = page.locator(f"button[name='{button}']:visible").first
    target.click()
    question = page.locator(".modal .modal-footer .btn-primary")
    if confirm:
        page.wait_for_timeout(400)
        if question.count() and not page.locator(".modal.o_error_dialog, .modal .o_error_dialog").count():
            question.first.click()
    settle(page)
    return error(page)


def settle(page):
    """Wait until no request is under way and nothing is blocked."""
    page.wait_for_timeout(300)
    for busy in (".o_loading_indicator", ".o_blockUI", ".o_statusbar_buttons button[disabled]"):
        page.wait_for_selector(busy, state="detached")


def error(page):
    """Return the text of the error dialog that is shown and close it; None when there is none."""
    dialog = page.locator(".o_error_dialog, .modal:has(.o_dialog_warning), .modal:has-text('Opération invalide')")
    if not dialog.count():
        return None
    text = re.sub(r"\s+", " ", dialog.first.inner_text()).strip()
    page.locator(".modal .btn-close, .modal .modal-footer .btn-primary").first.click()
    page.wait_for_selector(".modal", state="detached")
    return text
