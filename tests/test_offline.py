"""The desk without network, in a real browser behind a cable that is cut: nothing lost, nothing paid twice."""

import time

import pytest

from tests.support import axe
from tests.support.desk import Desk
from tests.support.own_browser import OwnBrowser
from tests.support.scanning import pay, scan
from tests.support.walk import photograph
from tests.support.wire import Wire

DESK = "/my/aptic/scan"
READY = ".o_aptic_offline[data-ready=yes]"
CUT = ".o_aptic_offline[data-cut=yes]"
EMPTY = ".o_aptic_offline[data-ready=yes][data-cut=no][data-waiting='0']"  # ready: it has looked
SENT = ".o_aptic_offline[data-cut=no][data-waiting='0']"  # of a page on which something has waited
LOGGED_OUT = "form.oe_login_form, .o_trouble a[href^='/web/login']"
CACHED = "async () => (await (await caches.open('aptic-desk')).keys()).map(request => request.url)"
KEPT = """() => new Promise((resolve, reject) => {
    const request = indexedDB.open("aptic_pos.offline");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
        const all = request.result.transaction("acts").objectStore("acts").getAll();
        all.onsuccess = () => resolve(all.result);
    };
})"""
MANY = 50
SENT_MS = 120_000  # a busy machine: the desk looks for the network every few seconds, and a batch has its minute


@pytest.fixture(scope="module")
def running(refusing_server):
    return refusing_server


@pytest.fixture(scope="module")
def desk(running):
    return Desk(running)


@pytest.fixture
def wire(running):
    wire = Wire(running)
    yield wire
    wire.cut()


@pytest.fixture
def machine(browser, tmp_path):
    """The computer of a desk: a browser with its profile, killed at the end."""
    machine = OwnBrowser(browser, tmp_path)
    yield machine
    machine.kill()


def log_in(machine, wire, login):
    """Start the machine's browser, log in and have the desk kept."""
    page = machine.start(f"{wire.url}/web/login")
    enter(page, wire, login)
    return page


def enter(page, wire, login):
    page.goto(f"{wire.url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("form.oe_login_form button[type=submit]")
    page.wait_for_url(lambda url: "/web/login" not in url)
    open_desk(page, wire)
    page.wait_for_selector(READY, state="attached")


def open_desk(page, wire):
    page.goto(wire.url + DESK)
    page.wait_for_selector(".o_aptic_scan[data-stage]")
    if page.locator(".o_aptic_scan[data-stage=place]").count():
        page.locator(".o_aptic_choice").first.click()
    page.wait_for_selector(".o_aptic_scan[data-stage=voucher]")


def wait_until_sent(page, wire, login):
    """Wait until nothing waits any more.

    Chromium writes its cookies every 30 s only: one that was killed may have lost its session. The scans are there
    still, and go when their person has logged in again.
    """
    page.wait_for_selector(f"{EMPTY}, {LOGGED_OUT}", state="attached", timeout=SENT_MS)
    if page.locator(LOGGED_OUT).count():
        enter(page, wire, login)
    page.wait_for_selector(EMPTY, state="attached", timeout=SENT_MS)


def seen_by_all(page):
    """What axe finds on the screen as it is, on a desk's computer and on a telephone."""
    usual, found = page.viewport_size, []
    for width in axe.WIDTHS.values():
        page.set_viewport_size(width)
        page.wait_for_timeout(300)  # buttons fade
        found += axe.violations(page)
    page.set_viewport_size(usual)
    return found


def spent(running, codes):
    """Serials of what was spent, in the order of the redemptions, and how often each was."""
    serials = [int(code[:10]) for code in codes]
    rows = running.query(
        "SELECT serials FROM aptic_redemption WHERE string_to_array(serials, ' ')::int[] && %s ORDER BY id", (serials,)
    )
    return [int(serial) for (row,) in rows for serial in row.split()]


def test_fifty_scans_outlive_the_kill_of_the_browser(running, desk, browser, machine, wire):
    codes = desk.vouchers(MANY)
    page = log_in(machine, wire, "mediateur")
    wire.cut()
    open_desk(page, wire)
    page.wait_for_selector(CUT, state="attached")
    page.wait_for_selector(".o_aptic_cut")
    assert "non garanti" in page.text_content(".o_aptic_cut")
    for code in codes:
        pay(page, code)
    page.wait_for_selector(f".o_aptic_badge strong >> text='{MANY}'")
    kept = page.evaluate(KEPT)
    assert [act["serials"] for act in kept] == [[int(code[:10])] for code in codes]
    assert not any(code[10:] in str(act) for act in kept for code in codes), "only the server reads the codes"
    machine.kill()
    assert spent(running, codes) == []

    page = machine.start(wire.url + DESK)
    page.wait_for_selector(f".o_aptic_offline[data-waiting='{MANY}']", state="attached")
    page.wait_for_selector(".o_aptic_cut")  # opened without network
    wire.mend()
    wait_until_sent(page, wire, "mediateur")
    assert page.locator(".o_aptic_read").count() == 0
    assert spent(running, codes) == [int(code[:10]) for code in codes], "each once, in order"
    assert desk.half_written() == []
    assert page.evaluate(KEPT) == []


def test_killed_while_the_queue_is_sent(running, desk, browser, machine, wire):
    """Sent and not heard: the same acts go again under the same keys."""
    codes = desk.vouchers(10)
    page = log_in(machine, wire, "mediateur")
    wire.cut()
    for code in codes:
        pay(page, code)
    # The server does the work; its answer gets lost, and the browser with it.
    wire.mend(losing=b"/my/aptic/scan/batch")
    until = time.monotonic() + SENT_MS / 1000
    while len(spent(running, codes)) < len(codes):
        assert time.monotonic() < until, "nothing arrives"
        time.sleep(0.2)
    assert wire.lost.is_set()
    machine.kill()  # nobody is waiting for its page: what it does, it does by itself
    wire.mend()

    page = machine.start(wire.url + DESK)
    wait_until_sent(page, wire, "mediateur")
    assert spent(running, codes) == [int(code[:10]) for code in codes], "not one twice"
    assert desk.half_written() == []
    assert page.evaluate(KEPT) == []


def test_a_network_that_hangs_is_none(running, desk, browser, machine, wire):
    """Bad wifi: sent, and no answer ever. The act is kept under its key, and the screen turns green by itself."""
    codes = desk.vouchers(10)
    page = log_in(machine, wire, "mediateur")
    scan(page, codes[0], ".o_aptic_scan[data-stage=service] .o_aptic_voucher")
    page.keyboard.press("Escape")
    wire.hang()
    scan(page, codes[1], ".o_unchecked")
    page.keyboard.press("Escape")
    pay(page, codes[1])
    wire.mend()
    page.wait_for_selector("[data-fate=paid]", timeout=SENT_MS)
    assert spent(running, codes) == [int(codes[1][:10])]
    pay(page, codes[0], "done")
    assert not page.script_errors


def test_what_is_refused_later_is_told(running, desk, browser, machine, wire):
    codes = desk.vouchers(10)
    page = log_in(machine, wire, "mediateur")
    wire.cut()
    for code in codes[:3]:
        pay(page, code)
    photograph(page, "28-scan-sans-reseau")
    page.click(".o_aptic_badge")
    page.wait_for_selector(".o_aptic_waiting li button")
    assert not seen_by_all(page)
    page.click(".o_aptic_badge")
    scan(page, codes[0], ".o_aptic_problem[data-status=kept_already]")
    assert desk.redeem(desk.session("fablab"), codes[1])["status"] == "done"
    wire.mend()
    page.wait_for_selector(".o_aptic_read li[data-status=used]", timeout=SENT_MS)
    assert page.locator(".o_aptic_read li").count() == 1
    photograph(page, "29-scan-refuse-a-l-envoi")
    assert not seen_by_all(page)
    assert f"{int(codes[1][:10]):010d}" in page.text_content(".o_aptic_read li")
    open_desk(page, wire)
    page.wait_for_selector(".o_aptic_read li[data-status=used]")
    page.click(".o_aptic_read_it")
    page.wait_for_selector(".o_aptic_read", state="detached")
    assert sorted(spent(running, codes)) == sorted(int(code[:10]) for code in codes[:3])


def test_another_person_sends_and_sees_nothing(running, desk, browser, machine, wire):
    codes = desk.vouchers(10)
    page = log_in(machine, wire, "mediateur")
    wire.cut()
    for code in codes[:2]:
        pay(page, code)
    wire.mend()
    page.route("**/my/aptic/scan/batch", lambda route: route.abort())
    page.click(".o_aptic_badge")
    page.wait_for_selector(".o_aptic_waiting li")
    page.goto(f"{wire.url}/my/aptic/redemptions")
    page.wait_for_selector(".o_aptic_badge >> text=2")
    page.goto(f"{wire.url}/web/session/logout?redirect=/web/login")
    page.wait_for_selector("form.oe_login_form")
    page.wait_for_function("async () => !(await caches.has('aptic-desk'))")
    page.unroute("**/my/aptic/scan/batch")

    enter(page, wire, "fablab")
    page.wait_for_selector(".o_aptic_others[data-others='2']")
    assert page.locator(".o_aptic_waiting").count() == 0
    page.wait_for_timeout(6000)
    assert spent(running, codes) == []
    # Not even by hand: the server does not open what another person has sealed.
    items = [{"client_key": act["key"], "sealed": act["sealed"]} for act in page.evaluate(KEPT)]
    answers = desk.session("fablab").post("/my/aptic/scan/batch", {"acts": items})["answers"]
    assert [answer["status"] for answer in answers] == ["stranger", "stranger"]

    page.goto(f"{wire.url}/web/session/logout?redirect=/web/login")
    enter(page, wire, "mediateur")
    page.wait_for_selector(EMPTY, state="attached", timeout=SENT_MS)
    assert spent(running, codes) == [int(code[:10]) for code in codes[:2]]


def test_a_page_is_kept_for_its_user_alone(browser, machine, wire):
    page = log_in(machine, wire, "mediateur")
    assert wire.url + DESK in page.evaluate(CACHED)
    assert not [url for url in page.evaluate(CACHED) if "/my/" in url and not url.endswith(DESK)]
    page.goto(f"{wire.url}/my/aptic")
    page.click(".dropdown-toggle >> nth=0")
    page.click("#o_logout")
    page.wait_for_selector("form.oe_login_form, a[href^='/web/login']")
    page.wait_for_function("async () => !(await caches.has('aptic-desk'))")
    wire.cut()
    with pytest.raises(Exception, match=r"ERR_FAILED|ERR_CONNECTION_REFUSED"):
        page.goto(wire.url + DESK)


def test_the_kept_page_opens_when_something_else_answers_for_the_server(machine, wire):
    page = log_in(machine, wire, "mediateur")
    for status in ("404 Not Found", "502 Bad Gateway"):
        wire.answer_instead(b"GET /my/aptic/scan HTTP", status)
        page.goto(wire.url + DESK)
        page.wait_for_selector(".o_aptic_scan[data-stage]")
        assert wire.url + DESK in page.evaluate(CACHED)
    wire.mend()
    page.goto(wire.url + DESK)
    page.wait_for_selector(EMPTY, state="attached")


def test_two_tabs_send_once(running, desk, browser, machine, wire):
    codes = desk.vouchers(10)
    page = log_in(machine, wire, "mediateur")
    other = page.context.new_page()
    open_desk(other, wire)
    answers = []
    for tab in (page, other):
        tab.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/batch") else None)
    wire.cut()
    page.bring_to_front()
    for code in codes:
        pay(page, code)
    other.wait_for_selector(".o_aptic_offline[data-waiting='10']", state="attached")
    wire.mend()
    for tab in (page, other):
        tab.wait_for_selector(SENT, state="attached", timeout=SENT_MS)
    assert spent(running, codes) == [int(code[:10]) for code in codes]
    page.evaluate("0")  # what the browser has told until here is heard
    assert answers == [200]


def test_over_plain_http_the_desk_says_what_it_cannot(running, browser):
    """Without a secure address there is no service worker and no cryptography: said at once, not when it is late."""
    page = browser.page(running, "mediateur")
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false});")
    page.goto(DESK)
    page.wait_for_selector(".o_aptic_unable")
    assert "https://" in page.text_content(".o_aptic_unable")
    page.context.close()
