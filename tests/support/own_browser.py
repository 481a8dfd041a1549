"""A Chromium with a profile of its own on the disk, as a desk has one: it can be killed and started again."""

import contextlib
import os
import signal
import subprocess
import time

from playwright.sync_api import Error

from devtools import system
from tests.support.browser import ARGUMENTS, TIMEOUT, wait_until_ready

START_SECONDS = 30


class OwnBrowser:
    """One Chromium process and its profile.

    :param chromium: the session's :class:`tests.support.browser.Browser`, for its driver and its log-in.
    :param profile: a folder, kept from one start to the next.
    """

    def __init__(self, chromium, profile):
        self.chromium, self.profile = chromium, profile
        self.process = self.connection = None

    def start(self, url):
        """Start Chromium, open a page at an address and return it."""
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        line = [
            system.chromium(), *ARGUMENTS, "--headless=new", "--remote-debugging-port=0", "--lang=fr-FR",
            f"--user-data-dir={self.profile}", "--hide-crash-restore-bubble", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            line, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + START_SECONDS
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert time.monotonic() < until, "Chromium did not start"
            time.sleep(0.1)
        port = port_file.read_text().split("\n")[0]
        self.connection = self.chromium.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        (context,) = self.connection.contexts
        context.set_default_timeout(TIMEOUT)
        page = context.pages[0]
        page.set_viewport_size({"width": 1280, "height": 900})
        wait_until_ready(page)
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        page.goto(url)
        return page

    def kill(self):
        """End it and its children at once, as a cut of the power does (-9)."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            with contextlib.suppress(Error):
                self.connection.close()
