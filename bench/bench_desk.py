"""The desk's screen in Chromium: from Enter to the green light, against the bare HTTP call at the same load.

One server with two workers on the durable PostgreSQL; two other clients redeem without a pause, so that both workers
are busy, while the screen and a bare client take turns, act by act. Nobody's clock but the page's own counts for the
screen: from the key's event to the frame in which the light is painted.
"""

import statistics
import threading
import time

from bench.bench_redeem import LOGIN, Client
from devtools.ui import ApticError
from tests.support.browser import Browser
from tests.support.desk import Desk
from tests.support.keyboards import Scanner

ACTS, BUSY, WORKERS, WARM_UP = 60, 2, 2, 5
SPARE = 150  # vouchers that the busy clients may use for each act that is measured
STAGE = ".o_aptic_scan[data-stage={}]"
WATCH = """() => {
    window.spent = [];
    let start = null;
    const screen = document.querySelector(".o_aptic_scan");
    addEventListener("keydown", (ev) => {
        if (ev.key === "Enter" && screen.dataset.stage === "confirm") {
            start = ev.timeStamp;
        }
    }, true);
    new MutationObserver(() => {
        if (screen.dataset.stage === "done" && start !== null) {
            const from = start;
            start = null;
            requestAnimationFrame(() => setTimeout(() => window.spent.push(performance.now() - from)));
        }
    }).observe(screen, { attributes: true, attributeFilter: ["data-stage"] });
}"""


class Busy:
    """Clients that redeem one voucher after the other while the block runs."""

    def __init__(self, desk, session, codes):
        self.desk, self.codes, self.stop, self.done, self.errors = desk, codes, threading.Event(), 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work, args=(Client(session),)) for _n in range(BUSY)]

    def _work(self, client):
        while not self.stop.is_set():
            with self.lock:
                code = next(self.codes, None)
            if code is None:
                self.errors.append("the busy clients ran out of vouchers")
                return
            answer = self.desk.redeem(client, code)
            if answer["status"] != "done":
                self.errors.append(f"a busy client was refused: {answer}")
                return
            self.done += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def _choose(page, before, after):
    page.wait_for_selector(STAGE.format(before))
    number = page.locator(".o_aptic_choice[data-number]").first.get_attribute("data-number")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_selector(STAGE.format(after))


def _serve(page, scanner, code):
    """One person at the screen."""
    scanner.scan(code)
    _choose(page, "service", "audience")
    _choose(page, "audience", "confirm")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{STAGE.format('done')}, .o_aptic_problem")
    if page.locator(".o_aptic_problem").count():
        raise ApticError(f"the benchmark's scan was refused: {page.inner_text('.o_aptic_problem')}")


def _bare(desk, client, code):
    """One act without a screen; return its milliseconds."""
    start = time.perf_counter()
    answer = desk.redeem(client, code)
    spent = 1000 * (time.perf_counter() - start)
    if answer["status"] != "done":
        raise ApticError(f"the benchmark's act was refused: {answer}")
    return spent


def _measure(running, browser, acts):
    """Return the milliseconds of the acts at the screen and of those over bare HTTP, and what went on beside them."""
    desk = Desk(running)
    admin = desk.session(LOGIN)
    admin.call("aptic.member", "create", [{"user_id": admin.uid, "provider_id": desk.provider_id, "role": "mediator"}])
    total = (acts + WARM_UP) * (2 + SPARE)
    codes = iter(desk.vouchers((total + 9) // 10 * 10))
    mine = [next(codes) for _n in range(2 * (acts + WARM_UP))]
    running.query("VACUUM ANALYZE")
    page, client, bare = browser.page(running), Client(admin), []
    page.add_init_script(f"localStorage.setItem('aptic_pos.place', '{desk.place_id}')")
    browser.login(page, "mediateur")
    page.goto("/my/aptic/scan")
    page.wait_for_selector(STAGE.format("voucher"))
    page.evaluate(WATCH)
    scanner = Scanner(page, pause=1)
    with Busy(desk, admin, codes) as busy:
        for code, other in zip(mine[::2], mine[1::2], strict=True):
            _serve(page, scanner, code)
            bare.append(_bare(desk, client, other))
    if busy.errors:
        raise ApticError(busy.errors[0])
    page.wait_for_function("count => window.spent.length >= count", arg=acts + WARM_UP)
    spent = page.evaluate("window.spent")
    page.context.close()
    if desk.half_written():
        raise ApticError("the benchmark left half-written acts")
    return spent[WARM_UP:], bare[WARM_UP:], busy.done


def run(stage):
    """Return the rows; see :mod:`devtools.commands.bench`."""
    acts = max(2, round(ACTS * stage.scale))
    running, browser = stage.serve(workers=WORKERS, durable=True), Browser()
    try:
        screen, bare, beside = _measure(running, browser, acts)
    finally:
        browser.close()
        running.close()
    rows = []
    for cut, bound in ((50, 3), (95, 3)):
        ours, theirs = (statistics.quantiles(spent, n=100)[cut - 1] for spent in (screen, bare))
        rows.append(
            {
                "name": f"desk, Enter to green, p{cut}",
                "peer": "the bare HTTP call at the same load",
                "ratio": ours / theirs,
                "ours": ours,
                "theirs": theirs,
                "unit": "ms",
                "n": acts,
                "at_most": bound,
                "acts_beside": beside,
            }
        )
    return rows
