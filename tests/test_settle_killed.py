"""A month end whose servers are killed in the middle of each press: pressed again, it ends as on a quiet day."""

import base64
import contextlib
import os
import random
import signal
import threading
import time
from datetime import date

import pytest
import requests

from tests.support import processes
from tests.support.bank import last_closing_cents
from tests.support.bank_simulator import Bank
from tests.support.rpc import Rpc, RpcError

STEPS = ("compute", "approve", "order", "statement")
KILLS = (("worker", 0.1, 0.35), ("server", 0.3, 0.6), ("worker", 0.5, 0.95))  # who, and when in the press at random
SEED = int(os.environ.get("APTIC_SEED") or random.SystemRandom().randrange(10**6))

# What a press leaves behind; numbers of records differ where a killed press has used some up.
COUNTS = """
    SELECT (SELECT state FROM aptic_settlement WHERE id = %(run)s),
           (SELECT count(*) FROM aptic_statement),
           (SELECT count(*) FROM aptic_redemption WHERE state = 'settled'),
           (SELECT count(*) FROM aptic_statement_fee), (SELECT count(*) FROM aptic_fund_line),
           (SELECT count(*) FROM aptic_event WHERE kind = 'settle'),
           (SELECT count(*) FROM account_move WHERE id IN (SELECT move_id FROM aptic_statement)),
           (SELECT count(*) FROM account_move WHERE id IN (SELECT fee_move_id FROM aptic_statement)),
           (SELECT count(*) FROM account_payment_order), (SELECT count(*) FROM account_payment_line),
           (SELECT count(*) FROM account_payment), (SELECT count(*) FROM account_bank_statement),
           (SELECT count(*) FROM account_bank_statement_line), (SELECT count(*) FROM account_partial_reconcile)
"""
STATEMENTS = """
    SELECT provider_id, state, redemption_count, voucher_count, gross_cents, fee_cents, tax_cents, net_cents, due_cents,
           fund_cents, correction_cents, carried_in_cents, carried_out_cents, payout_count
      FROM aptic_statement WHERE settlement_id = %s ORDER BY provider_id
"""
# Without what the scheduled actions invoice by themselves: on a quiet day it is over before they begin.
BALANCES = """
    SELECT item.account_id, item.journal_id, item.parent_state, count(*), sum(item.balance)
      FROM account_move_line item JOIN account_move move ON move.id = item.move_id
     WHERE move.create_uid <> 1 OR move.move_type <> 'out_invoice' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
LEDGER = "SELECT kind, count(*), sum(quantity), sum(amount_cents) FROM aptic_event GROUP BY kind ORDER BY kind"
# How many statements have their documents, and their value: on the statements, in the ledger, in the accounts.
MADE = """
    SELECT count(*), coalesce(sum(gross_cents), 0)::bigint,
           (SELECT coalesce(sum(event.amount_cents), 0)::bigint
              FROM aptic_event event JOIN aptic_statement told ON told.name = event.reason
             WHERE event.kind = 'settle' AND told.settlement_id = %(run)s),
           (SELECT coalesce(sum(item.balance * 100), 0)::bigint
              FROM account_move_line item JOIN aptic_statement booked ON booked.move_id = item.move_id
              JOIN res_company company ON company.aptic_scans_due_account_id = item.account_id
             WHERE item.parent_state = 'posted' AND booked.settlement_id = %(run)s)
      FROM aptic_statement WHERE state <> 'draft' AND settlement_id = %(run)s
"""
# Of what is to be paid: whether its payment is booked, its claim settled, its statement sent.
BOOKED = """
    SELECT coalesce(booked.state = 'posted', false), item.reconciled, statement.state <> 'approved'
      FROM account_payment payment
      LEFT JOIN account_move booked ON booked.id = payment.move_id
      JOIN account_payment_account_payment_line_rel paid ON paid.account_payment_id = payment.id
      JOIN account_payment_line line ON line.id = paid.account_payment_line_id
      JOIN account_move_line item ON item.id = line.move_line_id
      JOIN aptic_statement statement ON statement.move_id = item.move_id
     WHERE statement.settlement_id = %s
"""
BUSY = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()
       AND state != 'idle'
"""


class MonthEnd:
    """The last month of the demonstration, from its statements to the bank's answer; each step is one press."""

    def __init__(self, running):
        self.running = running
        self.seconds, self.after, self.under_way = {}, {}, []
        self.run = self.data = None
        self.connect()
        cutoff = date.today().replace(day=1).isoformat()
        self.run = self.compta.call("aptic.settlement", "create", {"cutoff_day": cutoff})
        [company] = self.compta.search_read(
            "res.company", [["aptic_bank_journal_id", "!=", False]], ["aptic_bank_journal_id"]
        )
        journal = company["aptic_bank_journal_id"][0]
        [account] = self.compta.search_read("account.journal", [["id", "=", journal]], ["bank_acc_number"])
        self.bank = Bank(account["bank_acc_number"], last_closing_cents(self.compta, journal))

    def connect(self):
        """Log both accountants in."""
        url, database = self.running.direct_url, self.running.database
        self.compta, self.approbation = Rpc(url, database, "compta"), Rpc(url, database, "approbation")

    # ------------------------------------------------------------------ press
    def compute(self):
        self.compta.call("aptic.settlement", "action_compute", [self.run])

    def approve(self):
        self.approbation.call("aptic.settlement", "action_approve", [self.run])

    def order(self):
        self.compta.call("aptic.settlement", "action_make_payment_order", [self.run])

    def sent(self):
        self.compta.call("aptic.settlement", "action_file_sent", [self.run])

    def statement(self):
        """The bank has the file of the order and books it; its statement is imported."""
        values = {"statement_file": base64.b64encode(self.data).decode(), "statement_filename": "releve.xml"}
        wizard = self.compta.call("account.statement.import", "create", [values])
        self.compta.call("account.statement.import", "import_file_button", wizard)

    def bring(self):
        """The accountant brings the order's file to the bank, which makes its statement."""
        [order] = self.compta.search_read("account.payment.order", [["state", "=", "generated"]])
        message = self.bank.take(self.compta.get(f"/aptic/payment-order/{order['id']}/file").content)
        self.bank.book(message, "details")
        self.data = self.bank.statement()

    def press(self, step, seconds=60):
        """Press until it is done; what was done already is said and changes nothing."""
        limit = time.monotonic() + seconds
        while True:
            try:
                return getattr(self, step)()
            except RpcError as error:
                if step == "statement" and "imported already" in error.message:
                    return None
                assert error.name.endswith(("UserError", "LockError")), error
                assert time.monotonic() < limit, error
            except requests.RequestException as error:
                assert time.monotonic() < limit, error
            time.sleep(0.3)

    # ------------------------------------------------------------------- kill
    def kill(self, step, kind, moment):
        """Press, and kill so many seconds later; return whether the press was under way."""

        def once():
            with contextlib.suppress(RpcError, requests.RequestException):
                getattr(self, step)()

        press = threading.Thread(target=once)
        press.start()
        time.sleep(moment)
        under_way = press.is_alive()
        if kind == "server":
            self.running.kill()
            press.join()
            self.running.start()
        else:
            for pid, line in processes.children(self.running.odoo.process.pid):
                if "gevent" not in line:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            press.join()
        self._wait_for_postgres()
        return under_way

    def _wait_for_postgres(self, seconds=60):
        """The sessions of who was killed are gone."""
        limit = time.monotonic() + seconds
        while self.running.query(BUSY) != [(0,)]:
            assert time.monotonic() < limit
            time.sleep(0.1)

    # ------------------------------------------------------------------ truth
    def counts(self):
        """What is there of a step."""
        return self.running.query(COUNTS, {"run": self.run})[0]

    def made(self):
        """How many statements have their documents; whole batches are there, in the ledger as in the accounts."""
        count, value, ledger, accounts = self.running.query(MADE, {"run": self.run})[0]
        assert value == ledger == accounts
        return count

    def unbooked(self):
        """How many payments are not booked yet; each is with its claim and its statement, or none of the three is."""
        rows = self.running.query(BOOKED, (self.run,))
        assert rows
        assert all(len(set(row)) == 1 for row in rows), rows
        return sum(not booked for booked, _settled, _sent in rows)

    def wait_for(self, condition, seconds=120):
        """Wait until what is made in the background is there."""
        limit = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < limit
            time.sleep(0.05)

    def end(self):
        """All that has to be the same, killed or not."""
        proof = self.compta.call("aptic.coverage", "action_check_today")["res_id"]
        [covered] = self.compta.call("aptic.coverage", "read", [proof], ["state", "gap_cents", "bank_cents"])
        del covered["id"]
        query = self.running.query
        return {
            "counts": self.counts(),
            "statements": query(STATEMENTS, (self.run,)),
            "balances": query(BALANCES),
            "ledger": query(LEDGER),
            "covered": covered,
        }


@pytest.fixture(scope="module")
def quiet(stage):
    """A month end of a quiet day: how long each press takes, what is there after it, and the end."""
    running = stage.serve(workers=2, durable=True)
    month = MonthEnd(running)
    for step in STEPS:
        if step == "statement":
            month.bring()
        before = month.counts()
        start = time.monotonic()
        getattr(month, step)()
        month.seconds[step] = time.monotonic() - start
        month.after[step] = month.counts()
        assert month.after[step] != before
    month.state = month.end()
    yield month
    running.close()


@pytest.mark.parametrize("seed", [SEED], ids="APTIC_SEED={}".format)
def test_a_month_end_killed_again_and_again_ends_as_a_quiet_one(quiet, server, seed):
    chance = random.Random(seed)
    month = MonthEnd(server(workers=2, durable=True, quiet=False))
    for step in STEPS:
        if step == "statement":
            month.bring()
        before, under_way = month.counts(), []
        for kind, earliest, latest in KILLS:
            under_way.append(month.kill(step, kind, chance.uniform(earliest, latest) * quiet.seconds[step]))
            assert month.counts() in (before, quiet.after[step]), f"{step}: all of it or nothing"
        assert any(under_way), f"{step} was killed in its middle"
        for _twice in range(2):
            month.press(step)
            assert month.counts() == quiet.after[step], step
    found = month.end()
    for what, expected in quiet.state.items():
        assert found[what] == expected, what
    assert found["covered"]["gap_cents"] == 0
    assert found["covered"]["state"] == "ok"


def test_documents_made_in_batches_and_killed_again_and_again_end_as_on_a_quiet_day(quiet, server):
    chance = random.Random(SEED)
    month = MonthEnd(server(workers=2, durable=True, quiet=False))
    running = month.running
    running.query("INSERT INTO ir_config_parameter (key, value) VALUES ('aptic_settlement.documents_batch', '1')")
    month.press("compute")
    month.press("approve")
    with pytest.raises(RpcError, match="UserError"):
        month.order()
    for least in (1, 3):
        month.wait_for(lambda least=least: month.made() >= least)
        time.sleep(chance.uniform(0, 0.15))
        running.kill()
        month._wait_for_postgres()
        made = month.made()
        assert least <= made < len(quiet.state["statements"]), f"APTIC_SEED={SEED}: killed in the middle"
        running.start()
        month.approbation.call("aptic.settlement", "action_try_documents", [month.run])
    done = "SELECT 1 FROM aptic_settlement WHERE id = %s AND documents_state = 'made'"
    month.wait_for(lambda: running.query(done, (month.run,)))
    assert month.counts() == quiet.after["approve"]
    month.approbation.call("aptic.settlement", "action_try_documents", [month.run])
    month.press("order")
    month.bring()
    month.press("statement")
    assert month.end() == quiet.state


def test_payments_booked_in_batches_and_killed_again_and_again_end_as_on_a_quiet_day(quiet, server):
    chance = random.Random(SEED)
    month = MonthEnd(server(workers=2, durable=True, quiet=False))
    running = month.running
    running.query("INSERT INTO ir_config_parameter (key, value) VALUES ('aptic_settlement.booking_batch', '1')")
    for step in STEPS[:-1]:
        month.press(step)
    month.bring()
    count = month.unbooked()
    month.press("sent")
    for least in (1, 3):
        month.wait_for(lambda least=least: month.unbooked() <= count - least)
        time.sleep(chance.uniform(0, 0.15))
        running.kill()
        month._wait_for_postgres()
        assert 0 < month.unbooked() <= count - least, f"APTIC_SEED={SEED}: killed in the middle"
        running.start()
        month.press("sent")
    left = "SELECT 1 FROM account_payment_order WHERE state <> 'uploaded' OR aptic_booking IS NOT NULL"
    month.wait_for(lambda: not running.query(left))
    assert month.unbooked() == 0
    month.press("sent")
    month.press("statement")
    assert month.end() == quiet.state
