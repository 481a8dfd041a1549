"""A receipt that names no order is reconciled by hand, on the screen of OCA, with the sponsor's document."""

import base64
from datetime import date

from tests.support import backoffice, bank
from tests.support.rpc import Rpc
from tests.support.walk import photograph

OPEN = """
    SELECT o.id, move.name, round(item.amount_residual * 100)
      FROM aptic_order o JOIN account_move move ON move.id = o.face_move_id
      JOIN account_move_line item ON item.move_id = move.id AND item.amount_residual > 0
      JOIN account_account account ON account.id = item.account_id AND account.account_type = 'asset_receivable'
     WHERE move.state = 'posted' ORDER BY o.id LIMIT 1
"""
LEFT = """
    SELECT round(sum(item.amount_residual) * 100)::int
      FROM account_move move JOIN account_move_line item ON item.move_id = move.id
      JOIN account_account account ON account.id = item.account_id AND account.account_type = 'asset_receivable'
     WHERE move.name = %s
"""
CHOSEN = ".o_reconcile_widget_table tr"
SEGREGATED = """
    SELECT journal.id, bank.sanitized_acc_number FROM res_company company
      JOIN account_journal journal ON journal.id = company.aptic_bank_journal_id
      JOIN res_partner_bank bank ON bank.id = journal.bank_account_id
"""


def test_a_receipt_without_a_name_is_reconciled_by_hand(server, browser):
    running = server(workers=2)
    compta = Rpc(running.direct_url, running.database, "compta")
    [(order, document, cents)] = running.query(OPEN)
    cents = int(cents)
    [(journal, iban)] = running.query(SEGREGATED)
    # Less than what is owed, and without a word on what for: nothing that goes by itself.
    entry = bank.Entry(cents - 1000, text="VIREMENT", name="TRESORERIE")
    data = bank.camt053(iban, "RELEVE-1", date.today(), bank.last_closing_cents(compta, journal), [entry])
    wizard = compta.call(
        "account.statement.import",
        "create",
        {"statement_file": base64.b64encode(data).decode(), "statement_filename": "releve.xml"},
    )
    compta.call("account.statement.import", "import_file_button", [wizard])
    [before] = compta.call("aptic.order", "read", [order], ["received_cents"])
    page = browser.page(running, "compta", viewport={"width": 1400, "height": 950})
    page.goto("/odoo/action-aptic_settlement.bank_reconcile_action")
    page.wait_for_selector(".o_kanban_renderer")
    backoffice.settle(page)
    search = page.locator(".o_notebook input.o_searchview_input")
    search.fill(document)
    search.press("Enter")
    row = page.locator(".o_notebook tr.o_data_row", has_text=document).filter(has_text="411")
    row.first.wait_for()
    assert row.count() == 1, "the document's claim on the sponsor"
    row.locator("td", has_text=document).first.click()
    page.locator(CHOSEN, has_text="411").wait_for()
    photograph(page, "56-rapprochement", full=False)
    backoffice.settle(page)
    page.locator("button[name=reconcile_bank_line]:not(.disabled):visible").click()
    page.locator(".o_kanban_record", has_text="VIREMENT").wait_for(state="detached")
    assert running.query(LEFT, (document,)) == [(1000,)], "what the sponsor still owes"
    [after] = compta.call("aptic.order", "read", [order], ["received_cents"])
    assert after["received_cents"] - before["received_cents"] == cents - 1000
