from datetime import datetime, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.addons.aptic_voucher.days import paris_day
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .money import OPERATOR_IBAN, Entry, MoneyCase


class CoverageCase(MoneyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = paris_day(fields.Datetime.now())
        cls.order = cls._order(quantity=50, state="delivered")

    def _prove(self, state="ok"):
        proof = self.env["aptic.coverage"]._prove(self.today)
        seen = {
            line.kind: (line.ledger_cents, line.accounting_cents, line.bank_cents, line.difference_cents)
            for line in proof.line_ids
        }
        self.assertEqual(proof.state, state, seen)
        return {kind: values for kind, values in seen.items() if any(values)}

    def _event(self, kind, cents):
        row = {"kind": kind, "order_id": self.order.id, "quantity": 1, "amount_cents": cents}
        self.env["aptic.event"]._append([row])


@tagged("post_install", "-at_install")
class TestCoverage(CoverageCase):
    def test_nothing_is_covered_by_nothing(self):
        self.assertEqual(self._prove(), {})

    def test_at_every_step_of_the_face_value(self):
        self._bank(self._pays(self.order))
        seen = self._prove()
        self.assertEqual(seen["unactivated"], (50000, 50000, 0, 0))
        self.assertEqual(seen["total"], (50000, 50000, 50000, 0))
        self.order._activate()
        self.assertEqual(self._prove()["active"], (50000, 50000, 0, 0))
        self._event("redeem", 3000)
        self._event("cancel", 1000)
        self._event("expire", 4000)
        seen = self._prove()
        self.assertEqual(seen["active"][0], 44000)
        self.assertEqual(seen["scans_due"], (2000, 2000, 0, 0))
        self.assertEqual(seen["to_return"], (4000, 4000, 0, 0))
        self.assertNotIn("unactivated", seen)

    def test_a_receipt_nobody_attributed_is_explained(self):
        self._bank(Entry(1234, text="sans référence"))
        self.assertEqual(self._prove()["unmatched"], (1234, 1234, 0, 0))

    def test_money_that_left_without_explanation_is_a_gap(self):
        self._bank(self._pays(self.order), Entry(-1, text="frais"))
        seen = self._prove("gap")
        self.assertEqual(seen["outflow"], (0, -1, -1, -1))
        self.assertEqual(seen["total"], (50000, 50000, 49999, -1))

    def test_a_line_typed_by_hand_changes_nothing_and_is_shown(self):
        self._bank(self._pays(self.order))
        before = self._prove()
        line = self._line(700)
        seen = self._prove("gap")
        self.assertEqual(
            {kind: seen[kind] for kind in before if kind != "book"}, {k: v for k, v in before.items() if k != "book"}
        )
        self.assertEqual(seen["typed"], (0, 700, 0, 700))
        self.assertEqual(seen["book"], (0, 50700, 50000, -700))
        other = self._order(self.sponsor_b, quantity=10, state="delivered")
        self._reconcile(line, other.face_move_id)
        self.assertEqual(self._prove("gap")["unactivated"], (50000, 50700, 0, 700))

    def test_one_cent_more_or_less_anywhere_is_a_gap(self):
        self._bank(self._pays(self.order))
        self.order._activate()
        self._event("redeem", 2000)
        self._event("expire", 1000)
        self._prove()
        accounts = self.env["account.account"]
        for name in ("unactivated", "funds", "scans_due", "payable", "transit", "fund", "to_return", "fees_out"):
            accounts += self.company[f"aptic_{name}_account_id"]
        suspense = self.company.aptic_bank_journal_id.suspense_account_id
        for account in accounts + self.journal.default_account_id:
            move = self.env["account.move"].create(
                {
                    "journal_id": self.company.aptic_ledger_journal_id.id,
                    "date": self.today,
                    "line_ids": [
                        fields.Command.create({"account_id": account.id, "balance": 0.01}),
                        fields.Command.create({"account_id": suspense.id, "balance": -0.01}),
                    ],
                }
            )
            move.action_post()
            self._prove("gap")
            move.button_draft()
            self._prove()
        self._event("redeem", 1)
        self._prove()
        self.env.cr.execute(SQL("UPDATE aptic_posting SET amount_cents = amount_cents - 1 WHERE kind = 'activate'"))
        self._prove("gap")

    def test_the_bank_is_believed_as_long_as_it_is_recent(self):
        day = self.today - timedelta(days=self.company.aptic_bank_stale_days)
        self._bank(Entry(100), day=day)
        self._prove()
        self.company.aptic_bank_stale_days -= 1
        self._prove("stale")

    def test_a_statement_that_does_not_join_is_a_gap(self):
        first = self._bank(Entry(500))
        self._bank(Entry(500))
        self._prove()
        self.env.cr.execute("UPDATE account_bank_statement SET balance_end_real = 4 WHERE id = %s", [first.id])
        first.invalidate_recordset()
        self._prove("gap")

    def test_a_gap_alarms_the_accountants_until_it_is_explained(self):
        line = self._line(700)
        self._prove("gap")
        proof = self.env["aptic.coverage"].search([("day", "=", self.today)])
        alarms = proof.activity_ids.filtered(lambda activity: activity.user_id == self.accountant)
        self.assertEqual(len(alarms), 1)
        self._prove("gap")
        self.assertEqual(proof.activity_ids.filtered(lambda activity: activity.user_id == self.accountant), alarms)
        line.move_id.button_draft()
        self._prove()
        self.assertFalse(proof.activity_ids)

    def test_a_covered_day_keeps_its_proof(self):
        proofs = self.env["aptic.coverage"]
        yesterday = self.today - timedelta(days=1)
        proof = proofs._prove(yesterday)
        self.assertEqual(proof.state, "ok")
        at = datetime.combine(yesterday, datetime.min.time()) + timedelta(hours=10)
        row = {"kind": "redeem", "order_id": self.order.id, "quantity": 1, "amount_cents": 1000, "at": at}
        self.env["aptic.event"]._append([row])
        checked = proof.checked_at
        self.assertEqual(proofs._prove(yesterday), proof)
        self.assertEqual((proof.state, proof.checked_at, proof.owed_cents), ("ok", checked, 0))
        for values in ({"state": "gap"}, {"owed_cents": 1}, {"line_ids": [fields.Command.clear()]}):
            with self.assertRaises(UserError):
                proof.write(values)
        with self.assertRaises(UserError):
            proof.unlink()
        with self.assertRaises(UserError):
            proofs._prove(self.today + timedelta(days=1))

    def test_a_proof_made_just_after_midnight_in_france_is_kept(self):
        proofs = self.env["aptic.coverage"]
        day = self.today + timedelta(days=1)
        with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=23, minutes=30)):
            proof = proofs._prove(day)
            self.assertEqual(proof.state, "ok")
            at = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
            row = {"kind": "redeem", "order_id": self.order.id, "quantity": 1, "amount_cents": 1000, "at": at}
            self.env["aptic.event"]._append([row])
            self.assertEqual(proofs._prove(day), proof)
            self.assertEqual((proof.state, proof.owed_cents), ("ok", 0))

    def test_the_cron_proves_yesterday(self):
        self.env["aptic.coverage"]._cron_prove()
        self.assertTrue(self.env["aptic.coverage"].search([("day", "=", self.today - timedelta(days=1))]))

    def test_access(self):
        proofs = self.env["aptic.coverage"]
        self._prove()
        proof = proofs.search([("day", "=", self.today)])
        self.assertTrue(proof.with_user(self.staff).line_ids.mapped("kind"))
        action = proofs.with_user(self.accountant).action_check_today()
        self.assertEqual(action["res_id"], proof.id)
        for line in proof.line_ids:
            line.with_user(self.accountant).action_open()
        with self.assertRaises(UserError):
            proof.with_user(self.staff).action_check()
        with self.assertRaises(AccessError):
            proof.with_user(self.manager_a).read(["day"])
        with self.assertRaises(AccessError):
            proof.with_user(self.accountant).unlink()

    def test_fees_leave_by_a_transfer_to_the_operator(self):
        own = self.env["account.journal"].create({"name": "Banque courante", "type": "bank", "code": "BQC"})
        own.bank_account_id = self._own_account(OPERATOR_IBAN)
        self._bank(self._pays(self.order))
        self.order._activate()
        move = self.env["account.move"].create(
            {
                "journal_id": self.company.aptic_ledger_journal_id.id,
                "date": self.today,
                "line_ids": [
                    fields.Command.create({"account_id": self.company.aptic_fees_in_account_id.id, "balance": 0.3}),
                    fields.Command.create({"account_id": self.company.aptic_fees_out_account_id.id, "balance": -0.3}),
                ],
            }
        )
        move.action_post()
        statement = self._bank(Entry(-29, iban=OPERATOR_IBAN), Entry(-30), Entry(-30, iban=OPERATOR_IBAN))
        self.assertEqual(statement.line_ids.sorted("sequence").mapped("is_reconciled"), [False, False, True])


@tagged("post_install", "-at_install")
class TestCoveragePage(CoverageCase, HttpCase):
    def test_members_see_it_and_strangers_do_not(self):
        self._bank(self._pays(self.order))
        self._prove()
        for user, allowed in ((self.manager_a, True), (self.sponsor_user_a, True), (self.stranger, False)):
            user.password = "page-de-preuve"
            self.authenticate(user.login, "page-de-preuve")
            page = self.url_open("/my/aptic/coverage")
            self.assertEqual(page.status_code, 200 if allowed else 403)
            self.assertEqual("500.00" in page.text.replace(",", "."), allowed)
