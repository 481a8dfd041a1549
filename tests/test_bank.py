"""The bank's files as an accountant brings them in, against a real server; and the demonstration's own money."""

import base64
from datetime import date

import pytest

from tests.support.bank import Entry, camt053, last_closing_cents
from tests.support.rpc import RpcError


@pytest.fixture(scope="module")
def bank_server(stage):
    """One server for this module; what it refuses leaves warnings in its log."""
    running = stage.serve(workers=2)
    yield running
    running.close()


@pytest.fixture
def compta(bank_server, rpc):
    """The accountant of the demonstration."""
    return rpc(bank_server, "compta")


@pytest.fixture
def journal(compta):
    """The segregated journal: ``id`` and ``iban``."""
    [company] = compta.search_read("res.company", [["aptic_bank_journal_id", "!=", False]], ["aptic_bank_journal_id"])
    [found] = compta.search_read(
        "account.journal", [["id", "=", company["aptic_bank_journal_id"][0]]], ["bank_acc_number"]
    )
    return {"id": found["id"], "iban": found["bank_acc_number"]}


def bring(session, data):
    """Import a file with the wizard, as the screen does."""
    values = {"statement_file": base64.b64encode(data).decode(), "statement_filename": "releve.xml"}
    wizard = session.call("account.statement.import", "create", [values])
    session.call("account.statement.import", "import_file_button", wizard)


def test_the_demonstration_is_covered_to_the_cent(compta):
    proofs = compta.search_read("aptic.coverage", [], ["state", "gap_cents", "bank_cents"])
    assert len(proofs) >= 8
    assert {proof["state"] for proof in proofs} == {"ok"}
    assert all(proof["gap_cents"] == 0 and proof["bank_cents"] > 0 for proof in proofs)


def test_the_demonstration_has_a_month_paid_and_a_month_to_settle(compta):
    [settlement] = compta.search_read("aptic.settlement", [], ["state", "cutoff_day"])
    assert settlement["state"] == "sent"
    statements = compta.search_read("aptic.statement", [], ["state", "payout_blocker"])
    assert {statement["state"] for statement in statements} == {"paid", "returned"}
    [back] = [statement for statement in statements if statement["state"] == "returned"]
    assert back["payout_blocker"], "its account is suspended"
    fees = compta.search_read("aptic.statement.fee", [], ["sponsor_id", "gross_cents", "fee_cents"])
    assert {bool(fee["sponsor_id"]) for fee in fees} == {True, False}
    assert all(fee["fee_cents"] * 100 == fee["gross_cents"] * 4 for fee in fees if not fee["sponsor_id"])
    first = date.today().replace(day=1).isoformat()
    domain = [["state", "=", "done"], ["day", ">=", settlement["cutoff_day"]], ["day", "<", first]]
    assert compta.call("aptic.redemption", "search_count", domain) > 50


def test_a_file_of_the_bank_funds_an_order_and_a_second_time_nothing(compta, journal, bank_server, rpc):
    [order] = compta.search_read("aptic.order", [["state", "=", "delivered"]], ["name", "face_cents", "funded_cents"])
    staff = rpc(bank_server, "camille")
    with pytest.raises(RpcError):
        staff.call("aptic.order", "action_activate", [order["id"]])
    opening = last_closing_cents(compta, journal["id"])
    entries = [Entry(order["face_cents"], text=f"BONS {order['name']}", name="CCAS"), Entry(1, text="inconnu")]
    data = camt053(journal["iban"], "RLV-BB-1", date.today(), opening, entries)
    bring(compta, data)
    assert compta.call("aptic.order", "read", [order["id"]], ["funded_cents"])[0]["funded_cents"] == order["face_cents"]
    with pytest.raises(RpcError, match="imported already"):
        bring(compta, data)
    assert last_closing_cents(compta, journal["id"]) == opening + order["face_cents"] + 1
    staff.call("aptic.order", "action_activate", [order["id"]])
    action = compta.call("aptic.coverage", "action_check_today")
    [proof] = compta.call("aptic.coverage", "read", [action["res_id"]], ["state", "gap_cents", "bank_cents"])
    assert (proof["state"], proof["bank_cents"]) == ("ok", opening + order["face_cents"] + 1)


def test_the_mark_of_the_bank_cannot_be_typed(compta, journal):
    values = {"journal_id": journal["id"], "payment_ref": "à la main", "amount": 1000, "date": date.today().isoformat()}
    with pytest.raises(RpcError):
        compta.call("account.bank.statement.line", "create", [{**values, "aptic_from_bank": True}])
    with pytest.raises(RpcError):
        compta.call(
            "account.bank.statement.line",
            "create",
            [{**values, "aptic_from_bank": True}],
            context={"aptic_from_bank": True},
        )
