"""Chromium, driven by Playwright: the system's own, with nothing of the network around it."""

import copy
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

from devtools import system
from devtools.ui import ApticError

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT = 30_000
READY = "!document.querySelector('script[src*=assets_frontend]') || document.body.getAttribute('is-ready') === 'true'"


def wait_until_ready(page):
    """Make a page's ways to another address wait, as people do, until its scripts are tied to what they see."""

    def patient(act):
        def navigate(*arguments, **options):
            answer = act(*arguments, **options)
            page.wait_for_function(READY)
            return answer

        return navigate

    for name in ("goto", "reload", "wait_for_url"):
        setattr(page, name, patient(getattr(page, name)))


SCRIPTS = "**/*assets_frontend_lazy*"  # those that come after the page


@contextmanager
def before_the_scripts(page, address):
    """Open an address, and let the scripts of its page come when the block is left: a slow network."""
    held, may_come = [], False

    def hold(route):
        if may_come:
            route.continue_()
        else:
            held.append(route)

    page.route(SCRIPTS, hold)
    with page.expect_request(SCRIPTS):
        page.evaluate("address => { location.href = address; }", address)
    yield
    assert not page.evaluate("document.body.hasAttribute('is-ready')"), "the scripts were there already"
    may_come = True
    for route in held:
        route.continue_()
    page.wait_for_function(READY)
    page.unroute(SCRIPTS, hold)


class Browser:
    """One Chromium for a test session; each :meth:`page` has a profile of its own."""

    def __init__(self):
        self.playwright = sync_playwright().start()
        self.chromium = self._launch()

    def _launch(self, *arguments):
        program = system.chromium()
        if not program:
            raise ApticError("Chromium is missing", f"apt-get install {' '.join(system.PACKAGES['chromium'])}")
        return self.playwright.chromium.launch(executable_path=program, headless=True, args=[*ARGUMENTS, *arguments])

    @contextmanager
    def beside(self, *arguments):
        """Another Chromium for a block, with more on its command line."""
        other = copy.copy(self)
        other.chromium = self._launch(*arguments)
        try:
            yield other
        finally:
            other.chromium.close()

    def page(self, server, login=None, password=None, **options):
        """Open a page in a new profile, in French; logged in when ``login`` is given.

        Errors that the page's scripts raise are collected in ``page.script_errors``.

        :param server: the running server (``url`` is used).
        :param options: options of Playwright's ``new_context``.
        """
        settings = {
            "base_url": server.url,
            "locale": "fr-FR",
            "timezone_id": "Europe/Paris",
            "viewport": {"width": 1280, "height": 900},
            "accept_downloads": True,
        }
        context = self.chromium.new_context(**{**settings, **options})
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        wait_until_ready(page)
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        if login:
            self.login(page, login, password)
        return page

    def login(self, page, login, password=None):
        """Fill in Odoo's login form; the password is the login when left out."""
        page.goto("/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password or login)
        page.click("form.oe_login_form button[type=submit]")
        page.wait_for_url(lambda url: "/web/login" not in url)

    def close(self):
        """End Chromium."""
        self.chromium.close()
        self.playwright.stop()
