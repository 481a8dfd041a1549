"""What a mediator does at the desk's screen, with a scanner and a keyboard."""

from playwright.sync_api import TimeoutError as NotSeen

TRIES, PATIENCE_MS = 3, 12_000  # longer than the screen waits for a network that hangs


def scan(page, code):
    """Type a code as a scanner does: fast, with an Enter at the end."""
    page.keyboard.type(code, delay=4)
    page.keyboard.press("Enter")


def choose(page, position):
    """Type the number of the choice at a position, counted from 1."""
    number = page.locator(".o_aptic_choice[data-number]").nth(position - 1).get_attribute("data-number")
    page.keyboard.type(number, delay=120)  # as fingers do: slower than a scanner


def pay(page, code, outcome="kept", service=1, audience=1):
    """Scan a voucher, choose, confirm, and wait for the outcome's screen.

    Where the machine is so busy that keys come too slowly to be a scanner's, scan again, as a person does.
    """
    for _try in range(TRIES):
        scan(page, code)
        try:
            page.wait_for_selector(".o_aptic_scan[data-stage=service]", timeout=PATIENCE_MS)
            break
        except NotSeen:
            page.keyboard.press("Escape")
    for stage, position in (("service", service), ("audience", audience)):
        page.wait_for_selector(f".o_aptic_scan[data-stage={stage}]")
        choose(page, position)
    page.wait_for_selector(".o_aptic_scan[data-stage=confirm]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".o_aptic_scan[data-stage={outcome}]")
