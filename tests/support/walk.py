"""What the people of the whole cycle share: one server, a browser profile for each of them, pictures on demand."""

import os
import time
from datetime import date, timedelta
from pathlib import Path

from tests.support import backoffice, bank
from tests.support.rpc import Rpc

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


def photograph(page, name, full=True):
    """Photograph a page for the guide when ``APTIC_IMAGES`` names a folder."""
    images = os.environ.get("APTIC_IMAGES")
    if images:
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(500)
        page.screenshot(path=Path(images) / f"{name}.png", full_page=full)


class Walk:
    """The actors of one story on one server.

    With ``APTIC_IMAGES=docs/images`` the pages are photographed for the guide.
    """

    def __init__(self, server, browser):
        self.server, self.browser = server, browser
        self.pages, self.facts = {}, {}

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
        photograph(page, name, full)

    def press(self, login, model, number, button, picture=None):
        """Open a record as staff, press a button; return the refusal's text or None."""
        page = self.page(login)
        backoffice.open_record(page, model, number)
        refusal = backoffice.press(page, button)
        if picture and not refusal:
            self.shot(page, picture, full=False)
        return refusal

    def import_bank_file(self, entries, picture=None):
        """Import the day's file of the segregated account on the accountant's screen, as the bank sends it.

        :param entries: list of :class:`tests.support.bank.Entry`
        :param picture: name of a picture of what the accountant sees then
        """
        journal, iban = self.server.query(
            "SELECT j.id, b.sanitized_acc_number FROM res_company c JOIN account_journal j "
            "ON j.id = c.aptic_bank_journal_id JOIN res_partner_bank b ON b.id = j.bank_account_id"
        )[0]
        self.facts["files"] = self.facts.get("files", 0) + 1
        number = f"RELEVE-{self.facts['files']}"
        day = date.today() + timedelta(days=self.facts.get("days_ahead", 0))
        opening = bank.last_closing_cents(self.rpc("compta"), journal)
        content = bank.camt053(iban, number, day, opening, entries)
        page = self.page("compta")
        page.goto("/odoo/action-account_statement_import_file.account_statement_import_action")
        page.wait_for_selector("button[name=import_file_button]")
        page.set_input_files(
            "input[type=file]", files=[{"name": f"{number}.xml", "mimeType": "application/xml", "buffer": content}]
        )
        backoffice.settle(page)
        page.click("button[name=import_file_button]")
        page.wait_for_selector("button[name=import_file_button]", state="detached")
        backoffice.settle(page)
        statement = self.one("SELECT max(id) FROM account_bank_statement WHERE journal_id = %s", journal)
        assert self.press("compta", "account.bank.statement", statement, "action_aptic_match", picture) is None

    def one(self, statement, *arguments):
        """Return the first column of the only row of a query."""
        rows = self.server.query(statement, arguments)
        assert len(rows) == 1, f"{len(rows)} rows: {statement} {arguments}"
        return rows[0][0]

    def wait_for(self, statement, *arguments, seconds=60):
        """Wait until a query has a row and return its first column (jobs and crons take their time)."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            rows = self.server.query(statement, arguments)
            if rows:
                return rows[0][0]
            time.sleep(0.3)
        raise AssertionError(f"no row within {seconds} s: {statement} {arguments}")

    def state(self, table, number):
        """Return a record's state as the database has it."""
        return self.one(f'SELECT state FROM "{table}" WHERE id = %s', number)

    def close(self):
        """Close every page; a script error on any of them is a failure."""
        errors = [error for page in self.pages.values() for error in page.script_errors]
        self.forget()
        assert not errors, "script errors: " + "; ".join(errors)
