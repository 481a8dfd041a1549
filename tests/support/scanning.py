"""What a mediator does at the desk's screen, with a scanner and a keyboard."""

from playwright.sync_api import TimeoutError as NotSeen

TRIES, PATIENCE_MS = 3, 12_000  # longer than the screen waits for a network that hangs


def scan(page, code, seen=".o_aptic_scan[data-stage=service]"):
    """Type a code as a scanner does, fast and with an Enter at the end, and wait for what it brings about.

    Where the machine is so busy that keys come too slowly to be a scanner's, scan again, as a person does.

    :param seen: a selector
    """
    for _try in range(TRIES - 1):
        _type(page, code)
        try:
            return page.wait_for_selector(seen, timeout=PATIENCE_MS)
        except NotSeen:
            page.keyboard.press("Escape")
    _type(page, code)
    return page.wait_for_selector(seen)


def _type(page, code):
    page.keyboard.type(code, delay=4)
    page.keyboard.press("Enter")


def choose(page, position):
    """Type the number of the choice at a position, counted from 1."""
    number = page.locator(".o_aptic_choice[data-number]").nth(position - 1).get_attribute("data-number")
    page.keyboard.type(number, delay=120)  # as fingers do: slower than a scanner


def pay(page, code, outcome="kept", service=1, audience=1):
    """Scan a voucher, choose, confirm, and wait for the outcome's screen."""
    scan(page, code)
    for stage, position in (("service", service), ("audience", audience)):
        page.wait_for_selector(f".o_aptic_scan[data-stage={stage}]")
        choose(page, position)
    page.wait_for_selector(".o_aptic_scan[data-stage=confirm]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".o_aptic_scan[data-stage={outcome}]")
