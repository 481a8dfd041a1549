"""The desk's screen, in Chromium against a real server: scanners of every kind, undo, tests, photos, two devices."""

import io
import itertools
import os
import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.support import axe, papers
from tests.support.desk import Desk
from tests.support.keyboards import LAYOUTS, Scanner
from tests.support.keys import Keys
from tests.support.rpc import Rpc

ANDROID = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
STAGE = ".o_aptic_scan[data-stage={}]"
PROBLEM = ".o_aptic_problem[data-status={}]"


@pytest.fixture(scope="module")
def desk(shared_server):
    """A desk and a stack of vouchers that nobody has used."""
    desk = Desk(shared_server)
    desk.stack = desk.vouchers(60)
    return desk


@pytest.fixture
def screen(desk, browser):
    """A function that opens the desk's screen in a profile of its own."""
    opened = []

    def open_screen(login="mediateur", browser=browser, **options):
        page = browser.page(desk.running, **options)
        page.clock.install()  # scanners are told from hands by their pace
        page.add_init_script(f"localStorage.setItem('aptic_pos.place', '{desk.place_id}')")
        browser.login(page, login)
        page.goto("/my/aptic/scan")
        page.wait_for_selector(STAGE.format("voucher"))
        opened.append(page)
        return page

    yield open_screen
    errors = [error for page in opened for error in page.script_errors]
    for page in opened:
        if page.context.browser.is_connected():
            page.context.close()
    assert not errors, errors


def choose(page, position=1):
    """Type the number of a choice, as fingers do."""
    number = page.locator(".o_aptic_choice[data-number]").nth(position - 1).get_attribute("data-number")
    page.keyboard.type(number, delay=30)


def read(page, code, seen=None, **scanner):
    """Scan and wait until something is seen.

    :param seen: a selector; the choice of a service unless given
    :param scanner: options of :class:`tests.support.keyboards.Scanner`
    """
    Scanner(page, **scanner).scan(code)
    return page.wait_for_selector(seen or STAGE.format("service"))


def to_confirm(page, code):
    """Scan a voucher and choose the first service and audience."""
    read(page, code)
    choose(page)
    page.wait_for_selector(STAGE.format("audience"))
    choose(page)
    page.wait_for_selector(STAGE.format("confirm"))


def shot(page, name):
    """Photograph the page for the guide, when asked for (see :mod:`tests.support.walk`)."""
    if folder := os.environ.get("APTIC_IMAGES"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def pay(page, code):
    """Serve one person."""
    to_confirm(page, code)
    page.keyboard.press("Enter")
    page.wait_for_selector(STAGE.format("done"))


# ---------------------------------------------------------------------- scanners
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_read(screen, desk, layout):
    page, code = screen(), desk.stack[0]
    for end in ("Enter", "Tab", None):
        read(page, code, layout=layout, end=end)
        assert int(code[:10]) == int(re.search(r"\d+", page.inner_text(".o_aptic_voucher small")).group())
        assert page.evaluate("document.activeElement.tagName") == "H1", "the end of the scan moves nothing"
        assert not page.locator(".o_aptic_problem").count()
        page.keyboard.press("Escape")
        page.wait_for_selector(STAGE.format("voucher"))


@pytest.mark.parametrize("end", ("Enter", "Tab", None))
@pytest.mark.parametrize("pause", (5, 150))
def test_each_pace_and_end_is_read(screen, desk, pause, end):
    page = screen()
    read(page, desk.stack[0], layout="qwerty scanner on azerty", pause=pause, end=end)
    assert page.locator(".o_aptic_voucher").count() == 1


def test_a_scan_does_not_spoil_a_field(screen, desk):
    page, (used, code) = screen(), desk.stack[1:3]
    assert desk.redeem(desk.session(), used)["status"] == "done"
    page.fill("#aptic_typed", "12")
    read(page, used, PROBLEM.format("used"))
    assert page.input_value("#aptic_typed") == "12"
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=other>')")
    for layout, end in (("qwerty", "Enter"), ("qwerty scanner on azerty", None), ("keypad", "Tab")):
        page.fill("#other", "abc")
        page.focus("#other")
        page.keyboard.press("Home")
        read(page, code, layout=layout, end=end)
        assert page.input_value("#other") == "abc"
        page.keyboard.press("Escape")
        page.wait_for_selector(STAGE.format("voucher"))
    page.focus("#other")
    page.keyboard.press("End")
    page.keyboard.type("de 12345678", delay=20)
    page.wait_for_timeout(400)
    assert page.input_value("#other") == "abcde 12345678", "what a person types stays"
    assert not page.locator(".o_aptic_problem").count()


def test_a_scan_takes_the_place_of_a_dialog(screen, desk):
    page = screen()
    page.click(".o_aptic_open_camera")
    page.wait_for_selector(".o_aptic_camera")
    read(page, "1" + desk.stack[0], end="Tab")  # a hand was on the keyboard when the scanner began
    assert not page.locator(".o_dialog").count()


def test_a_person_types_digits_in_groups_and_numbers_in_one_go(screen, desk):
    page, code = screen(), desk.stack[0]
    page.click("#aptic_typed")
    page.keyboard.type(" ".join(code[start : start + 4] for start in range(0, 24, 4)), delay=60)
    page.wait_for_selector(STAGE.format("service"))
    choose(page)
    page.keyboard.press("Enter")  # spares the wait; how much of it is tested where the clock is ours
    page.wait_for_selector(STAGE.format("audience"))


@pytest.mark.parametrize("end", ("Enter", None))
def test_a_scanner_on_an_android_telephone_is_heard_once(screen, desk, end):
    page, checks = screen(user_agent=ANDROID, viewport=axe.WIDTHS["phone"], has_touch=True, is_mobile=True), []
    page.on("request", lambda request: checks.append(request) if request.url.endswith("/scan/check") else None)
    read(page, desk.stack[0], end=end)
    page.wait_for_timeout(500)
    assert page.get_attribute(".o_aptic_scan", "data-stage") == "service"
    assert not page.locator(".o_aptic_problem").count()
    assert len(checks) == 1


# ------------------------------------------------------------------- test, undo
def test_testing_changes_nothing_and_looks_otherwise(screen, desk):
    page, code = screen(), desk.stack[3]
    before = page.evaluate("getComputedStyle(document.querySelector('.o_aptic_scan')).backgroundColor")
    page.keyboard.press("F2")
    page.wait_for_selector(".o_aptic_scan[data-mode=test] .o_aptic_test_banner")
    assert page.evaluate("getComputedStyle(document.querySelector('.o_aptic_scan')).backgroundColor") != before
    to_confirm(page, code)
    page.keyboard.press("Enter")
    page.wait_for_selector(STAGE.format("tested"))
    assert page.locator(".o_aptic_amounts").inner_text()
    shot(page, "26-scan-test")
    assert desk.state_of([code]) == (["active"], 0, 0, 0)
    page.keyboard.press("F2")
    page.wait_for_selector(".o_aptic_scan[data-mode=scan][data-stage=voucher]")
    pay(page, code)
    assert desk.state_of([code])[:2] == (["redeemed"], 1)


def test_the_last_act_is_taken_back_by_one_key(screen, desk):
    page, (first, second) = screen(), desk.stack[4:6]
    pay(page, first)
    pay(page, second)
    page.keyboard.press("Delete")
    page.wait_for_selector(STAGE.format("undone"))
    assert page.locator(".o_aptic_recent li strong").count() == 1
    shot(page, "27-scan-annule")
    page.keyboard.press("Delete")
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_selector(STAGE.format("voucher"))
    page.keyboard.press("Delete")
    page.wait_for_timeout(300)
    assert desk.state_of([second])[0] == ["active"]
    assert desk.state_of([first])[0] == ["redeemed"], "the one before is out of reach"
    pay(page, second)
    page.keyboard.press("Enter")
    page.wait_for_selector(STAGE.format("voucher"))
    page.keyboard.press("Delete")  # afterwards, too
    page.wait_for_selector(STAGE.format("undone"))
    assert not desk.running.query(
        "SELECT FROM aptic_event WHERE kind = 'cancel' AND reason IS NULL AND serial_from = %s", (int(second[:10]),)
    )
    assert desk.state_of([second])[0] == ["active"]
    assert not desk.half_written()


def test_two_mediators_on_two_devices(screen, desk):
    one, other = screen(), screen("fablab")
    mine, theirs = desk.stack[6:8]
    to_confirm(one, mine)
    to_confirm(other, mine)
    one.keyboard.press("Enter")
    one.wait_for_selector(STAGE.format("done"))
    other.keyboard.press("Enter")
    other.wait_for_selector(PROBLEM.format("used"))
    other.keyboard.press("Escape")
    other.wait_for_selector(STAGE.format("voucher"))
    pay(other, theirs)
    one.keyboard.press("Delete")
    one.wait_for_selector(STAGE.format("undone"))
    assert desk.state_of([mine])[0] == ["active"]
    assert desk.state_of([theirs])[0] == ["redeemed"]


# -------------------------------------------------------------- photo, camera
@pytest.fixture(scope="module")
def sheet(desk, shared_server):
    """The page of a booklet as it is printed, with its codes from top to bottom."""
    ((order,),) = shared_server.query(
        "SELECT order_id FROM aptic_voucher WHERE serial = %s", (int(desk.stack[0][:10]),)
    )
    shared_server.query("UPDATE aptic_order SET state = 'printed' WHERE id = %s", (order,))
    staff = Rpc(shared_server.direct_url, shared_server.database, "camille")
    answer = staff.get(f"/aptic/order/{order}/sheets")
    shared_server.query("UPDATE aptic_order SET state = 'active' WHERE id = %s", (order,))
    assert answer.content.startswith(b"%PDF"), answer.text[:500]
    return next(picture for picture in papers.images(answer.content, dpi=200) if papers.barcodes(picture))


def around_the_barcode(picture, number=0):
    """Cut one voucher's bar code with what surrounds it out of a page; return the picture and its code."""
    found = [code for code in zxingcpp.read_barcodes(picture) if "128" in str(code.format)][number]
    points = [found.position.top_left, found.position.bottom_right]
    left, right = sorted(point.x for point in points)
    top, bottom = sorted(point.y for point in points)
    return picture.crop((left - 120, top - 150, right + 120, bottom + 120)), found.text


def test_a_photo_is_a_scan(screen, desk, sheet):
    page = screen(viewport=axe.WIDTHS["phone"], has_touch=True)
    cut, code = around_the_barcode(sheet)
    for picture in (cut, papers.photographed(cut), cut.rotate(90, expand=True)):
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=85)
        page.set_input_files(
            "#aptic_photo", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}
        )
        page.wait_for_selector(f"{STAGE.format('service')}, .o_aptic_problem")
        assert page.get_attribute(".o_aptic_scan", "data-stage") == "service", page.inner_text(".o_aptic_problem")
        assert str(int(code[:10])) in page.inner_text(".o_aptic_voucher")
        page.keyboard.press("Escape")
        page.wait_for_selector(STAGE.format("voucher"))


def test_a_photo_without_a_voucher_is_told(screen):
    page = screen()
    for content in (b"no picture", papers.example("nothing")):
        page.set_input_files("#aptic_photo", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content})
        page.wait_for_selector(PROBLEM.format("photo"))
        page.keyboard.press("Escape")


def test_a_camera_is_a_scanner(screen, browser, sheet, tmp_path):
    cut, code = around_the_barcode(sheet)
    cut.thumbnail((1100, 400))
    film = Image.new("RGB", (1280, 720), "white")
    film.paste(cut.convert("RGB"), ((1280 - cut.width) // 2, (720 - cut.height) // 2))
    film.save(tmp_path / "camera.mjpeg", "JPEG", quality=92)
    with browser.beside(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'camera.mjpeg'}",
    ) as filming:
        page = screen(browser=filming)
        page.click(".o_aptic_open_camera")
        page.wait_for_selector(STAGE.format("service"))
        assert str(int(code[:10])) in page.inner_text(".o_aptic_voucher")
        assert not page.locator(".o_dialog").count()


def test_a_camera_has_its_light(screen, browser, tmp_path):
    Image.new("RGB", (640, 480), "gray").save(tmp_path / "dark.mjpeg", "JPEG")
    with browser.beside(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'dark.mjpeg'}",
    ) as filming:
        page = screen(browser=filming)
        page.evaluate("""() => {  // Chromium's film has no light: what the page asks of one is what counts
            window.asked = [];
            MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
            MediaStreamTrack.prototype.applyConstraints = async (wanted) => { window.asked.push(wanted.advanced[0]); };
        }""")
        page.click(".o_aptic_open_camera")
        for pressed in ("true", "false"):
            page.click(".o_aptic_torch")
            page.wait_for_selector(f".o_aptic_torch[aria-pressed={pressed}]")
        assert page.evaluate("window.asked") == [{"torch": True}, {"torch": False}]
        page.keyboard.press("Escape")
        page.wait_for_selector(".o_dialog", state="detached")
        assert page.get_attribute(".o_aptic_scan", "data-stage") == "voucher"


# ------------------------------------------------------------------ everybody
OUTSIDE = """() => {
    const room = document.querySelector(".o_aptic_scan").getBoundingClientRect().right + 1;
    const hidden = ".row, [class*=col-], .visually-hidden, .visually-hidden *";  // or a frame with gutters
    return [...document.querySelectorAll(`.o_aptic_scan *:not(${hidden})`)]
        .filter((node) => node.getBoundingClientRect().right > room)
        .map((node) => node.outerHTML.slice(0, 120));
}"""
WINDOWS = {
    "desktop": {"viewport": axe.WIDTHS["desktop"]},
    "desktop at 200 %": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
    "phone": {"viewport": {"width": 360, "height": 640}, "device_scale_factor": 2, "has_touch": True},
    "forced colours": {"viewport": axe.WIDTHS["desktop"], "forced_colors": "active", "reduced_motion": "reduce"},
    "more contrast": {"viewport": {"width": 360, "height": 640}, "contrast": "more"},
}


@pytest.mark.parametrize("window", WINDOWS)
def test_each_stage_is_for_everybody(screen, desk, window):
    code, used = desk.stack[10], desk.stack[11]
    desk.redeem(desk.session(), used)
    page, problems = screen(**WINDOWS[window]), []

    def look(stage, problem=None):
        page.wait_for_selector(PROBLEM.format(problem) if problem else STAGE.format(stage))
        page.wait_for_timeout(300)  # buttons fade
        problems.extend(f"{stage}: {sentence}" for sentence in axe.violations(page))
        problems.extend(f"{stage}: sticks out: {node}" for node in page.evaluate(OUTSIDE))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"{stage}: wider than the window")

    look("voucher")
    for outcome in ("tested", "done"):
        page.keyboard.press("F2")  # into testing, and back
        read(page, code)
        look("service")
        choose(page)
        look("audience")
        choose(page)
        look("confirm")
        page.keyboard.press("Enter")
        look(outcome)
    page.keyboard.press("Delete")
    look("undone")
    read(page, used, PROBLEM.format("used"))
    look("voucher", problem="used")
    assert not problems, "\n".join(problems)


def test_the_keyboard_alone_is_enough(screen, desk):
    page, code = screen(), desk.stack[12]
    hands = Keys(page)
    hands.reach("#aptic_typed")
    page.keyboard.type(code)
    page.wait_for_selector(STAGE.format("service"))
    page.wait_for_timeout(500)  # a Tab at once would be the end of a scan
    hands.press(".o_aptic_choice")
    page.wait_for_selector(STAGE.format("audience"))
    hands.press(".o_aptic_choice", "Space")
    page.wait_for_selector(STAGE.format("confirm"))
    hands.press(".btn-success")
    page.wait_for_selector(STAGE.format("done"))
    hands.press(".o_aptic_undo")
    page.wait_for_selector(STAGE.format("undone"))
    hands.press(".o_aptic_mode", "Space")
    page.wait_for_selector(".o_aptic_scan[data-mode=test]")
    assert desk.state_of([code])[0] == ["active"]


def test_a_screen_reader_hears_everything_once(screen, desk):
    page, (code, used) = screen(), desk.stack[13:15]
    desk.redeem(desk.session(), used)
    page.evaluate(r"""() => {  // what live regions and the focus would have it say
        window.heard = [];
        const hear = (text) => text.trim() && window.heard.push(text.trim().replace(/\s+/g, " "));
        new MutationObserver((changes) => {
            const regions = new Set(changes.map((change) => {
                const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
                return node?.closest("[role=status], [role=alert], [aria-live]");
            }).filter(Boolean));
            regions.forEach((region) => hear(region.textContent));
        }).observe(document.querySelector(".o_aptic_scan"), { subtree: true, childList: true, characterData: true });
        document.addEventListener("focusin", (ev) => hear(ev.target.textContent));
    }""")
    pay(page, code)
    read(page, used, PROBLEM.format("used"))
    heard = page.evaluate("window.heard")
    for words in ("accepté jusqu'au", "Quel service", "Pour quel public", "payés par chèque", "C'est payé", "déjà été"):
        assert any(words in text for text in heard), (words, heard)
    assert all(one != other for one, other in itertools.pairwise(heard)), f"said twice in a row: {heard}"
