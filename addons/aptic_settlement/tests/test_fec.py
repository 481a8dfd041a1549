import base64
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .. import fec
from .test_money_story import MoneyStoryCase


class FecCase(MoneyStoryCase):
    """``_fec`` makes the file as an accountant does and returns its lines as dicts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core makes this account as 999999; an operator gives it a number of class 12 before the first closing.
        cls.result = cls.company.get_unaffected_earnings_account()
        cls.result.code = "129999"

    def _wizard(self, date_from=None, date_to=None, user=None, **values):
        first, last = date_from or self.today.replace(month=1, day=1), date_to or self.today
        return (
            self.env["l10n_fr.fec.export.wizard"]
            .with_user(user or self.accountant)
            .create({"date_from": first, "date_to": last, "test_file": True, **values})
        )

    def _fec(self, *period, **values):
        wizard = self._wizard(*period, **values)
        wizard.create_fec_report_action()
        self.assertFalse(wizard.aptic_problems)
        rows = fec.read(base64.b64decode(wizard.aptic_file))
        header = next(rows)
        return [dict(zip(header, row, strict=True)) for row in rows]

    @staticmethod
    def _sums(lines):
        """``{account: debit less credit in cents}`` of lines of the file."""
        sums = {}
        for line in lines:
            cents = 100 * (fec.amount(line["Debit"]) - fec.amount(line["Credit"]))
            sums[line["CompteNum"]] = sums.get(line["CompteNum"], 0) + int(cents)
        return {account: cents for account, cents in sums.items() if cents}


@tagged("post_install", "-at_install")
class TestFec(FecCase):
    def test_a_month_of_ours_is_what_the_law_wants(self):
        order = self._order(quantity=50)
        self._redeem(vouchers=13, order=order, at=self.before)
        settlement = self._settlement(self.today, approved=True)
        batch = self._pay(settlement)
        settlement.with_user(self.accountant).action_file_sent()
        self._bank(*self._paid_by_the_bank(batch.payment_ids))
        statement = settlement.statement_ids
        lines = self._fec()
        ours = [line for line in lines if line["EcritureNum"] == statement.move_id.name]
        company = self.company
        sums = self._sums(ours)
        for account, cents in (
            (company.aptic_scans_due_account_id, 13000),
            (company.aptic_payable_account_id, -12480),
            (company.aptic_fund_account_id, -130),
        ):
            self.assertEqual(sums[account.code], cents, account.name)
        [claim] = [line for line in ours if line["CompteNum"] == company.aptic_payable_account_id.code]
        self.assertEqual(claim["CompAuxLib"], self.provider_a.partner_id.name)
        self.assertTrue(claim["EcritureLet"] and claim["DateLet"], "what was paid is lettered")
        self.assertEqual(claim["PieceRef"], statement.name)
        self.assertEqual({line["Idevise"] for line in ours}, {"EUR"})
        self.assertIn(statement.fee_move_id.name, {line["EcritureNum"] for line in lines})

    def test_every_posted_line_of_the_period_is_there_once(self):
        order = self._order(quantity=50)
        self._redeem(vouchers=3, order=order, at=self.before)
        self._settlement(self.today, approved=True)
        first = self.today - timedelta(days=5)
        lines = [line for line in self._fec(first) if line["JournalCode"] != "OUV"]
        items = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", first),
                ("date", "<=", self.today),
                ("balance", "!=", 0),
            ]
        )
        self.assertEqual(len(lines), len(items))
        self.assertEqual(sum(map(abs, self._sums(lines).values())) % 2, 0)
        self.assertEqual(sum(self._sums(lines).values()), 0)

    def test_proposed_is_a_trial_of_the_year_that_is_over(self):
        names = ["date_from", "date_to", "test_file"]
        values = self.env["l10n_fr.fec.export.wizard"].with_user(self.accountant).default_get(names)
        year = self.today.year - 1
        self.assertEqual(values, {"date_from": date(year, 1, 1), "date_to": date(year, 12, 31), "test_file": True})

    def test_the_file_bears_siren_and_last_day(self):
        self.company.write({"vat": False, "company_registry": "732 829 320 00074"})
        wizard = self._wizard()
        wizard.create_fec_report_action()
        self.assertEqual(wizard.filename, f"732829320FEC{self.today:%Y%m%d}.txt")

    def test_a_trial_closes_nothing_and_the_official_file_does(self):
        self._fec()
        self.assertFalse(self.company.fiscalyear_lock_date)
        yesterday = self.today - timedelta(days=1)
        self._fec(None, yesterday, test_file=False)
        self.assertEqual(self.company.fiscalyear_lock_date, yesterday)

    def test_a_file_that_would_be_refused_closes_nothing(self):
        order = self._order(quantity=10)
        self.company.aptic_funds_account_id.code = "X46"
        yesterday = self.today - timedelta(days=1)
        self.env["aptic.posting"]._post_until(self.today)
        wizard = self._wizard(None, self.today)
        wizard.create_fec_report_action()
        self.assertIn("X46", wizard.aptic_problems)
        self.assertTrue(wizard.aptic_file, "a trial is shown with what is wrong")
        self._redeem(order=order, at=datetime.combine(yesterday, datetime.min.time()) - timedelta(days=3))
        self.env["aptic.posting"]._post_until(self.today)
        with self.assertRaisesRegex(UserError, "X46"), self.env.cr.savepoint():
            self._wizard(None, yesterday, test_file=False).create_fec_report_action()
        self.company.invalidate_recordset()
        self.assertFalse(self.company.fiscalyear_lock_date)

    def test_the_result_carried_over_is_in_class_12(self):
        self._settlement(self.today, approved=True)
        self._order(quantity=10)
        tomorrow = self.today + timedelta(days=1)
        self.result.code = "999999"
        wizard = self._wizard(tomorrow, tomorrow)
        wizard.create_fec_report_action()
        self.assertIn("999999", wizard.aptic_problems)
        self.result.code = "129999"
        self.assertIn("129999", {line["CompteNum"] for line in self._fec(tomorrow, tomorrow)})

    def test_a_period_that_is_not_over_is_not_closed(self):
        with self.assertRaisesRegex(UserError, "not over"):
            self._wizard(test_file=False).create_fec_report_action()
        with self.assertRaisesRegex(UserError, "before it starts"):
            self._wizard(self.today, self.today - timedelta(days=1)).create_fec_report_action()

    def test_who_makes_it(self):
        for user in (self.staff, self.manager_a, self.mediator_a, self.sponsor_user_a):
            with self.assertRaises(AccessError):
                self._wizard(user=user)
        bookkeeper = self._user("bookkeeper", "account.group_account_user")
        self._wizard(user=bookkeeper).create_fec_report_action()
        yesterday = self.today - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "ask an accountant"):
            self._wizard(None, yesterday, user=bookkeeper, test_file=False).create_fec_report_action()

    def test_the_menu_is_for_accountants(self):
        menu = self.env.ref("aptic_settlement.menu_aptic_fec")
        visible = self.env["ir.ui.menu"].with_user(self.accountant)._visible_menu_ids()
        self.assertIn(menu.id, visible)
        self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(self.staff)._visible_menu_ids())
