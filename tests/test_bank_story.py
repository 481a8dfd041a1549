"""A month end with a bank that refuses, books in one line, sends back and repeats itself: to the cent at each step."""

import base64
from datetime import date, timedelta

import pytest

from tests.support import backoffice
from tests.support.bank import last_closing_cents
from tests.support.bank_simulator import Bank, Refused
from tests.support.rpc import Rpc, RpcError
from tests.support.walk import photograph

RIBS = ("FR7630004000031234567890143", "FR7610107001011234567890129")
DEMO_RIB = "FR1420041010050500013M02606"
BALANCE = """
    SELECT COALESCE(SUM(item.balance), 0) FROM account_move_line item JOIN account_account account
        ON account.id = item.account_id JOIN res_company company ON company.id = item.company_id
     WHERE item.parent_state = 'posted' AND account.id = company.{field}
"""
BANK = """
    SELECT COALESCE(SUM(item.balance), 0) FROM account_move_line item
      JOIN res_company company ON company.id = item.company_id
      JOIN account_journal journal ON journal.id = company.aptic_bank_journal_id
     WHERE item.parent_state = 'posted' AND item.account_id = journal.default_account_id
"""
CLAIMS = """
    SELECT statement.name, statement.state, statement.due_cents, -ROUND(SUM(item.amount_residual) * 100)
      FROM aptic_statement statement JOIN account_move_line item ON item.move_id = statement.move_id
      JOIN res_company company ON company.aptic_payable_account_id = item.account_id
     WHERE statement.settlement_id = %s GROUP BY statement.id ORDER BY statement.name
"""
COUNTS = """
    SELECT (SELECT count(*) FROM account_move_line), (SELECT count(*) FROM account_partial_reconcile),
           (SELECT count(*) FROM payment_return_line), (SELECT count(*) FROM account_bank_statement_line),
           (SELECT count(*) FROM mail_message), (SELECT max(id) FROM aptic_event)
"""


class Story:
    """The server, the people, the bank, and what must agree."""

    def __init__(self, server, rpc):
        self.server = server
        self.compta, self.approbation = rpc(server, "compta"), rpc(server, "approbation")
        self.camille = rpc(server, "camille")
        [company] = self.compta.search_read(
            "res.company", [["aptic_bank_journal_id", "!=", False]], ["aptic_bank_journal_id"]
        )
        self.journal = company["aptic_bank_journal_id"][0]
        [journal] = self.compta.search_read("account.journal", [["id", "=", self.journal]], ["bank_acc_number"])
        self.opening = last_closing_cents(self.compta, self.journal)
        self.bank = Bank(journal["bank_acc_number"], self.opening)
        self.settlement, self.owed, self.events = None, 0, 0

    def one(self, query, *values):
        """The only value of a query."""
        [(value,)] = self.server.query(query, values)
        return value

    def cents(self, field):
        """The balance of one of the company's accounts."""
        return round(self.one(BALANCE.format(field=field)) * 100)

    def claims(self):
        """``{statement: (state, owed, open)}`` in cents."""
        return {
            name: (state, due, int(left)) for name, state, due, left in self.server.query(CLAIMS, (self.settlement,))
        }

    def pay_what_came_back(self):
        """The demonstration's payment that came back is paid again to new bank details, which ends its month."""
        query = "SELECT name, settlement_id FROM aptic_statement WHERE state = 'returned'"
        [(statement, self.settlement)] = self.server.query(query)
        self.new_rib(DEMO_RIB, statement)
        _order, message = self.order()
        self.compta.call("aptic.settlement", "action_file_sent", [self.settlement])
        self.bank.book(message, "total")
        self.bring(self.bank.statement())
        self.opening = self.bank.told
        assert self.one("SELECT state FROM aptic_settlement WHERE id = %s", self.settlement) == "done"

    def settle(self):
        """Compute and approve what is to be settled, by two persons."""
        cutoff = date.today().replace(day=1).isoformat()
        self.grants = -self.cents("aptic_payable_account_id")  # what is owed beside the statements
        self.settlement = self.compta.call("aptic.settlement", "create", {"cutoff_day": cutoff})
        self.compta.call("aptic.settlement", "action_compute", [self.settlement])
        self.approbation.call("aptic.settlement", "action_approve", [self.settlement])
        self.owed = -self.cents("aptic_payable_account_id") - self.cents("aptic_transit_account_id")
        self.events = self.one("SELECT max(id) FROM aptic_event")

    def order(self):
        """Make a payment order and bring its file to the bank; return the order and the bank's name for it."""
        order = self.compta.call("aptic.settlement", "action_make_payment_order", [self.settlement])["res_id"]
        return order, self.bank.take(self.file(order))

    def file(self, order):
        """Download the file of an order."""
        answer = self.compta.get(f"/aptic/payment-order/{order}/file")
        assert answer.status_code == 200
        return answer.content

    def answer(self, data, session=None):
        """Bring a pain.002 or a camt.054; return what the person is told."""
        session = session or self.compta
        values = {"data_file": base64.b64encode(data).decode(), "data_filename": "reponse.xml"}
        wizard = session.call("payment.return.import", "create", [values])
        return session.call("payment.return.import", "import_file", wizard)["params"]["message"]

    def bring(self, data):
        """Import a camt.053."""
        values = {"statement_file": base64.b64encode(data).decode(), "statement_filename": "releve.xml"}
        wizard = self.compta.call("account.statement.import", "create", [values])
        self.compta.call("account.statement.import", "import_file_button", wizard)

    def agree(self, **states):
        """Claims, payments in transit, Odoo's bank account and the bank's own books agree to the cent."""
        claims = self.claims()
        for state, due, left in claims.values():
            assert left == (0 if state in ("sent", "paid") else due)
        payable, transit = -self.cents("aptic_payable_account_id"), -self.cents("aptic_transit_account_id")
        assert payable - self.grants == sum(left for _state, _due, left in claims.values())
        assert last_closing_cents(self.compta, self.journal) == self.bank.told
        assert round(self.one(BANK) * 100) == self.bank.told
        assert payable + transit + self.opening - self.bank.told == self.owed
        proof = self.compta.call("aptic.coverage", "action_check_today")["res_id"]
        assert self.compta.call("aptic.coverage", "read", [proof], ["gap_cents"])[0]["gap_cents"] == 0
        assert self.one("SELECT max(id) FROM aptic_event") == self.events, "no voucher hears of the bank"
        told = sorted(state for state, _due, _left in claims.values())
        assert told == sorted(state for state, count in states.items() for _each in range(count))
        return transit

    def changes_nothing(self, act, message):
        """Do again what was done: nothing but words."""
        before = self.server.query(COUNTS)
        try:
            assert message in act()
        except RpcError as error:
            assert message in error.message
        assert self.server.query(COUNTS) == before

    def new_rib(self, iban, statement):
        """The provider of a statement gives new bank details; one person asks, another one accepts."""
        provider = self.one("SELECT provider_id FROM aptic_statement WHERE name = %s", statement)
        assert self.one("SELECT bank_account_id FROM aptic_provider WHERE id = %s", provider) is None
        values = {"provider_id": provider, "iban": iban, "holder_name": "Le titulaire"}
        change = self.camille.call("aptic.bank.change", "create", [values])
        self.approbation.call("aptic.bank.change", "action_approve", change)


@pytest.fixture(scope="module")
def story(stage):
    running = stage.serve(workers=2)

    def connect(server, login):
        return Rpc(server.direct_url, server.database, login)

    told = Story(running, connect)
    yield told
    running.close()
    assert running.problems(refusals=True) == []


def test_a_part_is_refused_and_the_rest_booked_in_one_line(story):
    story.pay_what_came_back()
    story.settle()
    count = len(story.claims())
    assert count > 5
    story.agree(approved=count)
    order, message = story.order()
    with pytest.raises(Refused, match="DUPL"):
        story.bank.take(story.file(order))
    story.agree(approved=count)
    first, second = list(story.claims())[:2]
    story.refused, story.returned, story.count, story.first_order = first, second, count, order
    story.bank.refuse(message, first, "AC01")
    report = story.bank.report(message)
    assert "1" in story.answer(report)
    assert story.agree(returned=1, sent=count - 1) == sum(
        due for name, (_state, due, _left) in story.claims().items() if name != first
    )
    story.changes_nothing(lambda: story.answer(report), "recorded already")
    story.bank.book(message, "silent")
    statement = story.bank.statement()
    story.bring(statement)
    assert story.agree(returned=1, paid=count - 1) == 0
    story.changes_nothing(lambda: story.bring(statement), "imported already")


def test_a_payment_comes_back_after_some_days(story):
    story.server.restart(days_ahead=4)
    day = date.today() + timedelta(days=4)
    entry = story.bank.send_back(story.returned, "AC04")
    notice = story.bank.notice([entry], day, version="08")
    story.answer(notice)
    count = story.count
    due = story.claims()[story.returned][1]
    assert story.agree(returned=2, paid=count - 2) == -due, "announced; the account's statement brings it"
    story.changes_nothing(lambda: story.answer(notice), "recorded already")
    story.bring(story.bank.statement(day, version="08"))
    assert story.agree(returned=2, paid=count - 2) == 0


def on_screen(story, browser, order, report):
    """The accountant brings the answer on the screen, and looks at the order: all of it in French."""
    page = browser.page(story.server, "compta")
    page.goto("/odoo/action-aptic_settlement.bank_answer_action")
    page.wait_for_selector("button[name=import_file]")
    dialog = page.inner_text(".modal")
    assert "compte rendu (pain.002)" in dialog
    assert "Fichier de la banque" in dialog
    assert "Importer" in dialog
    photograph(page, "43-reponse-de-la-banque", full=False)
    file = {"name": "reponse.xml", "mimeType": "application/xml", "buffer": report}
    page.set_input_files("input[type=file]", files=[file])
    backoffice.settle(page)
    page.click("button[name=import_file]")
    page.wait_for_selector(".o_notification")
    assert "rien n'est refusé" in page.inner_text(".o_notification")
    backoffice.open_record(page, "account.payment.order", order)
    seen = page.inner_text(backoffice.FORM)
    assert "Télécharger le fichier pour la banque" in seen
    assert "Retour en brouillon" not in seen
    assert page.locator("button[name=action_uploaded_cancel]:visible").count() == 0
    photograph(page, "44-ordre-de-paiement", full=False)
    with page.expect_download() as download:
        page.click("button[name=action_aptic_download]")
    assert download.value.suggested_filename.endswith(".xml")
    page.context.close()


def test_both_are_paid_again_to_new_bank_details_whatever_comes_first(story, browser):
    with pytest.raises(RpcError):
        story.compta.call("account.payment.order", "cancel2draft", [story.first_order])
    for iban, statement in zip(RIBS, (story.refused, story.returned), strict=True):
        story.new_rib(iban, statement)
    order, message = story.order()
    assert {payment.end_to_end for payment in story.bank.files[message].payments} == {
        f"{story.refused}-2",
        f"{story.returned}-2",
    }
    assert {payment.iban for payment in story.bank.files[message].payments} == set(RIBS)
    story.bank.book(message, "total")
    day = date.today() + timedelta(days=4)
    story.bring(story.bank.statement(day, version="02"))
    assert story.one("SELECT state FROM account_payment_order WHERE id = %s", order) == "uploaded"
    report = story.bank.report(message, version="10")
    on_screen(story, browser, order, report)
    story.changes_nothing(lambda: story.answer(report), "recorded already")
    assert story.agree(paid=story.count) == 0
    assert story.cents("aptic_payable_account_id") == -story.grants, "the grants are left"
    assert story.one("SELECT state FROM aptic_settlement WHERE id = %s", story.settlement) == "done"
    downloads = "SELECT aptic_downloads FROM account_payment_order WHERE id = %s"
    assert (story.one(downloads, story.first_order), story.one(downloads, order)) == (2, 2)


def test_no_file_and_foreign_files_are_refused_in_words(story):
    for model, field, verb in (
        ("account.statement.import", "statement_file", "import_file_button"),
        ("payment.return.import", "data_file", "import_file"),
    ):
        for content, words in (("", "empty"), ("PGEv", "damaged"), ("aGVsbG8=", "nothing was")):
            wizard = story.compta.call(model, "create", [{field: content}])
            with pytest.raises(RpcError, match=words) as refused:
                story.compta.call(model, verb, wizard)
            assert refused.value.name == "odoo.exceptions.UserError"
