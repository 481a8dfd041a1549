"""The bank of the black-box tests: its statements, as files.

``camt053(iban, number, day, opening_cents, [Entry(cents, text="BON-0001")])`` gives the bytes of a file. The importer
refuses a statement that does not open with what the one before it closed with, so ask the server first::

    opening_cents = last_closing_cents(rpc, journal_id)
"""

from tests.support.addons import load

_camt = load("aptic_settlement", "demo.camt")
Entry, camt053, closing_cents = _camt.Entry, _camt.camt053, _camt.closing_cents


def last_closing_cents(rpc, journal_id):
    """Return the closing balance of the last bank file imported on a journal, in cents; 0 before the first one."""
    found = rpc.search_read(
        "account.bank.statement",
        [["journal_id", "=", journal_id], ["aptic_file_hash", "!=", False]],
        ["balance_end_real"],
        order="aptic_closing_day desc, id desc",
        limit=1,
    )
    return round(found[0]["balance_end_real"] * 100) if found else 0
