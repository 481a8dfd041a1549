"""Who approves a large month sees how far its documents are, on a wide screen and on a phone, and presses nothing."""

from datetime import date

from tests.support import backoffice
from tests.support.rpc import Rpc
from tests.support.walk import PHONE, photograph

# In a query of its own: what OFFSET passes over would be locked as well.
FOURTH = "SELECT id FROM aptic_statement WHERE settlement_id = %s ORDER BY id OFFSET 3 LIMIT 1"
SAYS = "text => document.querySelector('.o_form_view .alert')?.innerText.replace(/\\s+/g, ' ').includes(text)"


def test_the_documents_of_a_large_month_are_made_before_one_s_eyes(server, browser):
    running = server(workers=2, quiet=False)  # Odoo warns of a job that waits for somebody's lock
    running.query("INSERT INTO ir_config_parameter (key, value) VALUES ('aptic_settlement.documents_batch', '1')")
    compta, approbation = (Rpc(running.direct_url, running.database, login) for login in ("compta", "approbation"))
    month = compta.call("aptic.settlement", "create", {"cutoff_day": date.today().replace(day=1).isoformat()})
    compta.call("aptic.settlement", "action_compute", [month])
    count = running.query("SELECT count(*) FROM aptic_statement WHERE settlement_id = %s", (month,))[0][0]
    somebody = running.postgres.connect(running.database, autocommit=False)
    somebody.cursor().execute(f"SELECT FROM aptic_statement WHERE id = ({FOURTH}) FOR UPDATE", (month,))
    page = browser.page(running, "approbation", viewport={"width": 1280, "height": 900})
    backoffice.open_record(page, "aptic.settlement", month)
    assert backoffice.press(page, "action_approve") is None
    told = page.locator(".o_form_view .alert", has_text="pièces comptables")
    page.wait_for_function(SAYS, arg=f"3 sur {count}")
    photograph(page, "documents-1280", full=False)
    assert not page.locator("button[name='action_make_payment_order']:visible").count()
    phone = browser.page(running, "approbation", **PHONE)
    backoffice.open_record(phone, "aptic.settlement", month)
    phone.locator(".o_form_view .alert", has_text="pièces comptables").wait_for()
    photograph(phone, "documents-390", full=False)
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    somebody.close()
    approbation.call("aptic.settlement", "action_try_documents", [month])
    told.wait_for(state="hidden", timeout=90_000)
    page.locator("button[name='action_make_payment_order']:visible").wait_for()
