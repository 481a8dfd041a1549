"""What the people of the whole cycle share: one server, a browser profile for each of them, pictures on demand."""

import os
from pathlib import Path

from tests.support import backoffice
from tests.support.rpc import Rpc

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


class Walk:
    """The actors of one story on one server.

    With ``APTIC_IMAGES=docs/images`` the pages are photographed for the guide.
    """

    def __init__(self, server, browser):
        self.server, self.browser = server, browser
        self.pages, self.facts = {}, {}
        self.images = os.environ.get("APTIC_IMAGES")

    def page(self, login, **options):
        """Return the person's page; logged in at first use."""
        if login not in self.pages:
            self.pages[login] = self.browser.page(self.server, login, **options)
        return self.pages[login]

    def forget(self):
        """Close all pages: everybody logs in again (the clock has moved)."""
        for page in self.pages.values():
            page.context.close()
        self.pages.clear()

    def rpc(self, login):
        """Return an RPC session of the person."""
        return Rpc(self.server.direct_url, self.server.database, login)

    def shot(self, page, name, full=True):
        """Photograph the page for the guide, when asked for."""
        if self.images:
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(500)
            page.screenshot(path=Path(self.images) / f"{name}.png", full_page=full)

    def press(self, login, model, number, button, picture=None):
        """Open a record as staff, press a button; return the refusal's text or None."""
        page = self.page(login)
        backoffice.open_record(page, model, number)
        refusal = backoffice.press(page, button)
        if picture and not refusal:
            self.shot(page, picture, full=False)
        return refusal

    def one(self, statement, *arguments):
        """Return the first column of the only row of a query."""
        rows = self.server.query(statement, arguments)
        assert len(rows) == 1, f"{len(rows)} rows: {statement} {arguments}"
        return rows[0][0]

    def state(self, table, number):
        """Return a record's state as the database has it."""
        return self.one(f'SELECT state FROM "{table}" WHERE id = %s', number)

    def close(self):
        """Close every page; a script error on any of them is a failure."""
        errors = [error for page in self.pages.values() for error in page.script_errors]
        self.forget()
        assert not errors, "script errors: " + "; ".join(errors)
