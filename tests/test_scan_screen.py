"""The desk's screen, in Chromium against a real server: scanners of every kind, undo, tests, photos, two devices."""

import io
import re

import pytest
import zxingcpp
from PIL import Image

from tests.support import axe, papers
from tests.support.desk import Desk
from tests.support.keyboards import LAYOUTS, Scanner
from tests.support.rpc import Rpc

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


def to_confirm(page, code):
    """Scan a voucher and choose the first service and audience."""
    Scanner(page).scan(code)
    page.wait_for_selector(STAGE.format("service"))
    choose(page)
    page.wait_for_selector(STAGE.format("audience"))
    choose(page)
    page.wait_for_selector(STAGE.format("confirm"))


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
        Scanner(page, layout, end=end).scan(code)
        page.wait_for_selector(STAGE.format("service"))
        assert int(code[:10]) == int(re.search(r"\d+", page.inner_text(".o_aptic_voucher small")).group())
        assert page.evaluate("document.activeElement.tagName") == "H1", "the end of the scan moves nothing"
        assert not page.locator(".o_aptic_problem").count()
        page.keyboard.press("Escape")
        page.wait_for_selector(STAGE.format("voucher"))


@pytest.mark.parametrize("end", ("Enter", "Tab", None))
@pytest.mark.parametrize("pause", (5, 150))
def test_each_pace_and_end_is_read(screen, desk, pause, end):
    page = screen()
    Scanner(page, "qwerty scanner on azerty", pause, end).scan(desk.stack[0])
    page.wait_for_selector(STAGE.format("service"))
    assert page.locator(".o_aptic_voucher").count() == 1


def test_a_scan_does_not_spoil_a_field(screen, desk):
    page, (used, code) = screen(), desk.stack[1:3]
    assert desk.redeem(desk.session(), used)["status"] == "done"
    page.fill("#aptic_typed", "12")
    Scanner(page).scan(used)
    page.wait_for_selector(PROBLEM.format("used"))
    assert page.input_value("#aptic_typed") == "12"
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=other value=abc>')")
    for layout, end in (("qwerty", "Enter"), ("qwerty scanner on azerty", None), ("keypad", "Tab")):
        page.focus("#other")
        page.keyboard.press("Home")
        Scanner(page, layout, end=end).scan(code)
        page.wait_for_selector(STAGE.format("service"))
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
    page.keyboard.type("1", delay=20)
    Scanner(page, end="Tab").scan(desk.stack[0])
    page.wait_for_selector(STAGE.format("service"))
    assert not page.locator(".o_dialog").count()


def test_a_person_types_digits_in_groups_and_numbers_in_one_go(screen, desk):
    page, code = screen(), desk.stack[0]
    page.click("#aptic_typed")
    page.keyboard.type(" ".join(code[start : start + 4] for start in range(0, 24, 4)), delay=60)
    page.wait_for_selector(STAGE.format("service"))
    page.keyboard.press("Enter")  # what a hand adds
    page.wait_for_timeout(300)
    assert page.get_attribute(".o_aptic_scan", "data-stage") == "service"
    choose(page)
    page.keyboard.press("Enter")  # spares the wait
    page.wait_for_selector(STAGE.format("audience"), timeout=150)


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
