"""The demonstration: whole, believable, covered to the cent."""

from datetime import date, timedelta

import pypdfium2

from devtools import odoo_process, odoo_tests
from devtools.ports import free_port

ORDER_STATES = {"draft", "confirmed", "proofed", "printed", "delivered", "active", "expired", "closed", "cancelled"}


def test_the_addons_own_tests_of_their_demonstration(stage):
    database = stage.database()
    server = stage.postgres()
    line = odoo_process.command(
        stage.tree, server, stage.conf, database, "--test-enable", "--test-tags", "aptic_demo", "--stop-after-init",
        "--http-port", free_port(), "--max-cron-threads", 0,
    )  # fmt: skip
    code, records, _log = odoo_process.run(line, server, "test-demo")
    stage.drop(database)
    tally = odoo_tests.judge(code, records)
    assert tally.passed >= 8, tally.line()
    assert not tally.failed, tally.line()


def test_three_months_of_life(stage):
    database = stage.database()

    def query(statement, *arguments):
        return stage.postgres().query(statement, arguments, database)

    assert {state for (state,) in query("SELECT DISTINCT state FROM aptic_order")} == ORDER_STATES
    count, first, last = query("SELECT count(*), min(day), max(day) FROM aptic_redemption")[0]
    assert 200 <= count <= 2000
    assert first < date.today() - timedelta(days=60)
    assert last <= date.today()
    assert {state for (state,) in query("SELECT DISTINCT state FROM aptic_settlement")} == {"sent"}
    assert {state for (state,) in query("SELECT DISTINCT state FROM aptic_statement")} == {"paid", "returned"}
    back = """
        SELECT provider.bank_account_id, (SELECT count(*) > 0 FROM mail_message AS told
                                           WHERE told.model = 'aptic.provider' AND told.res_id = provider.id
                                             AND told.body LIKE '%' || statement.name || '%AC04%')
          FROM aptic_statement AS statement
          JOIN aptic_provider AS provider ON provider.id = statement.provider_id
         WHERE statement.state = 'returned'"""
    assert query(back) == [(None, True)], "one payment came back: its account is suspended, its provider was told"
    withheld = "SELECT COALESCE(SUM(gross_cents), 0) FROM aptic_statement_fee f WHERE statement_id = s.id"
    wrong = query(
        f"SELECT count(*) FROM aptic_statement s WHERE fee_cents <> ({withheld} AND f.sponsor_id IS NULL) * 4 / 100"
    )
    assert wrong == [(0,)]
    invoiced = "SELECT count(*) FROM account_move WHERE aptic_fee_settlement_id IS NOT NULL AND state = 'posted'"
    assert query(invoiced) == [(1,)]
    assert query("SELECT count(*) > 0 FROM aptic_redemption WHERE state = 'done'") == [(True,)]
    assert query("SELECT state FROM aptic_coverage ORDER BY day DESC LIMIT 1") == [("ok",)]
    stage.drop(database)


def test_an_invoice_as_it_is_drawn_here_is_complete(server, rpc):
    running = server(workers=2, quiet=False)  # Debian's wkhtmltopdf warns that it leaves headers out
    compta = rpc(running, "compta")
    [(invoice,)] = running.query("SELECT max(fee_move_id) FROM aptic_statement")
    paper = pypdfium2.PdfDocument(compta.get(f"/report/pdf/account.account_invoices/{invoice}").content)
    text = " ".join(" ".join(page.get_textpage().get_text_bounded() for page in paper).split())
    for told in (
        "Médias-Cité", "18 quai des Démonstrations", "33000 Bordeaux", "99900100100018", "FR29999001001",  # who sells
        "SIRET : 999", "Prestation de services", "TVA 20%", "Retard de paiement", "40 €", "rien ne reste à payer",
    ):  # fmt: skip
        assert told in text, text
